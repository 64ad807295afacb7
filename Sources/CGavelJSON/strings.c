#include "CGavelJSON.h"
#include "bytes.h"

// A character of an escape, as UTF-8.
typedef struct {
  uint8_t bytes[4];
  uint32_t length;
  uint32_t consumed;  // bytes of the escape, backslash included
} gj_character;

static gj_character gj_encode(uint32_t scalar, uint32_t consumed) {
  if (scalar < 0x80) return (gj_character){{(uint8_t)scalar}, 1, consumed};
  uint8_t last = (uint8_t)(0x80 | (scalar & 0x3f));
  uint8_t third = (uint8_t)(0x80 | (scalar >> 6 & 0x3f));
  uint8_t second = (uint8_t)(0x80 | (scalar >> 12 & 0x3f));
  if (scalar < 0x800) return (gj_character){{(uint8_t)(0xc0 | scalar >> 6), last}, 2, consumed};
  if (scalar < 0x10000) return (gj_character){{(uint8_t)(0xe0 | scalar >> 12), third, last}, 3, consumed};
  return (gj_character){{(uint8_t)(0xf0 | scalar >> 18), second, third, last}, 4, consumed};
}

// What the escape at p stands for; the scan has found it good.
static gj_character gj_resolve(const uint8_t *p) {
  switch (p[1]) {
    case 'b': return gj_encode('\b', 2);
    case 'f': return gj_encode('\f', 2);
    case 'n': return gj_encode('\n', 2);
    case 'r': return gj_encode('\r', 2);
    case 't': return gj_encode('\t', 2);
    case 'u': break;
    default: return gj_encode(p[1], 2);
  }
  uint32_t unit = gj_hex_unit(p + 2);
  if (unit < 0xd800 || unit > 0xdfff) return gj_encode(unit, 6);
  uint32_t low = gj_hex_unit(p + 8);
  return gj_encode(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12);
}

size_t gj_unescape(const uint8_t *text, const gj_token *token, uint8_t *out, size_t capacity) {
  const uint8_t *p = text + token->start + 1;
  const uint8_t *const end = text + token->end - 1;
  size_t length = 0;
  while (p != end) {
    const uint8_t *backslash = token->flags & GJ_ESCAPED ? memchr(p, '\\', (size_t)(end - p)) : NULL;
    size_t plain = (size_t)((backslash != NULL ? backslash : end) - p);
    if (plain > capacity - length) return SIZE_MAX;
    if (plain != 0) memcpy(out + length, p, plain);
    length += plain;
    p += plain;
    if (backslash == NULL) break;
    gj_character character = gj_resolve(p);
    if (character.length > capacity - length) return SIZE_MAX;
    memcpy(out + length, character.bytes, character.length);
    length += character.length;
    p += character.consumed;
  }
  return length;
}

bool gj_equals(const uint8_t *text, const gj_token *token, const char *bytes, size_t length) {
  const uint8_t *p = text + token->start + 1;
  const uint8_t *const end = text + token->end - 1;
  const size_t raw = (size_t)(end - p);
  if (!(token->flags & GJ_ESCAPED)) return raw == length && (length == 0 || memcmp(p, bytes, length) == 0);
  if (raw <= length || raw / 6 > length) return false;
  size_t matched = 0;
  while (p != end) {
    if (*p != '\\') {
      if (matched == length || *p != (uint8_t)bytes[matched]) return false;
      matched++;
      p++;
      continue;
    }
    gj_character character = gj_resolve(p);
    if (character.length > length - matched) return false;
    if (memcmp(bytes + matched, character.bytes, character.length) != 0) return false;
    matched += character.length;
    p += character.consumed;
  }
  return matched == length;
}
