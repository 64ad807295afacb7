// Texts and numbers to JSON.
#include "engine.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t gl_sequence_length(const uint8_t *p, size_t left) {
  if (p[0] < 0x80) return 1;
  if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
  size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
  if (left < n) return 0;
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
  if (p[0] == 0xED && p[1] > 0x9F) return 0;
  if (p[0] == 0xF0 && p[1] < 0x90) return 0;
  if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
  return n;
}

bool gl_is_utf8(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length;) {
    size_t n = gl_sequence_length(bytes + i, length - i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

void gl_encode_string(lua_State *L, gl_buffer *b, const char *text, size_t length, const gl_where *at) {
  const uint8_t *bytes = (const uint8_t *)text;
  size_t escapes = 0, i = 0;
  gl_charge(L, gl_bytes_cost(length));
  while (i < length) {
    uint8_t c = bytes[i];
    if (c >= 0x80) {
      size_t n = gl_sequence_length(bytes + i, length - i);
      if (n == 0) {
        luaL_error(L, "%s is not UTF-8 text: a character is cut or its bytes are none. Cut texts with utf8.offset.",
                   gl_push_where(L, at));
      }
      i += n;
    } else {
      escapes += c < 0x20 || c == '"' || c == '\\';
      i++;
    }
  }
  uint8_t *out = gl_reserve(L, b, length + 5 * escapes + 2);
  if (escapes == 0) {
    out[0] = '"';
    memcpy(out + 1, bytes, length);
    out[length + 1] = '"';
    b->length += length + 2;
  } else {
    b->length += gj_write_string(bytes, length, out);
  }
}

void gl_encode_integer(lua_State *L, gl_buffer *b, lua_Integer value) {
  char digits[24], *p = digits + sizeof digits;
  uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    *--p = (char)('0' + n % 10);
    n /= 10;
  } while (n > 0);
  if (value < 0) *--p = '-';
  gl_append(L, b, p, (size_t)(digits + sizeof digits - p));
}

// The shortest text that reads back as the same number. Short decimals, the usual case, without printf: a whole
// number below 2^53 divided by a power of ten that is exact is rounded once, as reading its text is.
void gl_encode_number(lua_State *L, gl_buffer *b, double value, const gl_where *at) {
  if (!isfinite(value)) {
    luaL_error(L, "%s is %s, which JSON cannot say.", gl_push_where(L, at), isnan(value) ? "not a number" : "infinite");
  }
  if (fabs(value) < 0x1p53) {
    double scale = 1;
    for (int digits = 0; digits <= 6; digits++, scale *= 10) {
      double scaled = rint(value * scale);
      if (fabs(scaled) >= 0x1p53 || scaled / scale != value) continue;
      if (digits == 0) {
        gl_encode_integer(L, b, (lua_Integer)scaled);
        return;
      }
      char text[40], *p = text + sizeof text;
      uint64_t n = (uint64_t)fabs(scaled);
      for (int i = 0; i < digits; i++, n /= 10) *--p = (char)('0' + n % 10);
      *--p = '.';
      do {
        *--p = (char)('0' + n % 10);
        n /= 10;
      } while (n > 0);
      if (scaled < 0) *--p = '-';
      gl_append(L, b, p, (size_t)(text + sizeof text - p));
      return;
    }
  }
  char text[40];
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) == value) break;
  }
  gl_append(L, b, text, strlen(text));
}
