#include "CGavelJSON.h"
#include "find.h"

// Writes the escape of a byte that gj_is_special; returns past it.
static uint8_t *gj_write_escape(uint8_t c, uint8_t *out) {
  static const char digits[] = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"': case '\\': *out++ = c; return out;
    case '\b': *out++ = 'b'; return out;
    case '\f': *out++ = 'f'; return out;
    case '\n': *out++ = 'n'; return out;
    case '\r': *out++ = 'r'; return out;
    case '\t': *out++ = 't'; return out;
    default: break;
  }
  *out++ = 'u';
  *out++ = '0';
  *out++ = '0';
  *out++ = (uint8_t)digits[c >> 4];
  *out++ = (uint8_t)digits[c & 15];
  return out;
}

size_t gj_write_string(const uint8_t *bytes, size_t length, uint8_t *out) {
  uint8_t *const first = out;
  *out++ = '"';
  if (length != 0) {
    const uint8_t *p = bytes;
    const uint8_t *const end = bytes + length;
    for (;;) {
#if defined(__SSE2__)
      while (end - p >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        if (gj_special_mask(v) != 0) break;
        _mm_storeu_si128((__m128i *)(void *)out, v);
        p += 16;
        out += 16;
      }
#else
      while (end - p >= 8 && gj_is_plain_word(p)) {
        memcpy(out, p, 8);
        p += 8;
        out += 8;
      }
#endif
      while (p != end && !gj_is_special(*p)) *out++ = *p++;
      if (p == end) break;
      out = gj_write_escape(*p++, out);
    }
  }
  *out++ = '"';
  return (size_t)(out - first);
}
