// Strings, numbers and literals of the scan: where each ends, and whether it is one.
#ifndef GJ_LEXEMES_H
#define GJ_LEXEMES_H

#include "CGavelJSON.h"
#include "find.h"

// The outcome of reading one lexeme.
typedef struct {
  const uint8_t *at;  // one past its last byte; where it is bad, the byte that made it so, or the end of the text
  uint8_t flags;      // GJ_ESCAPED, GJ_INTEGER
  bool good;
} gj_lexeme;

static inline gj_lexeme gj_good_lexeme(const uint8_t *at, uint8_t flags) { return (gj_lexeme){at, flags, true}; }

static inline gj_lexeme gj_bad_lexeme(const uint8_t *at) { return (gj_lexeme){at, 0, false}; }

// Past the escape whose backslash is at p; bad where it is none. A high surrogate must be followed by a low one.
static inline gj_lexeme gj_escape(const uint8_t *p, const uint8_t *end) {
  if (end - p < 2) return gj_bad_lexeme(end);
  switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
      return gj_good_lexeme(p + 2, GJ_ESCAPED);
    case 'u':
      break;
    default:
      return gj_bad_lexeme(p + 1);
  }
  if (end - p < 6) return gj_bad_lexeme(end);
  uint32_t unit = gj_hex_unit(p + 2);
  if (unit < 0xd800 || (unit > 0xdfff && unit < 0x10000)) return gj_good_lexeme(p + 6, GJ_ESCAPED);
  if (unit >= 0xdc00) return gj_bad_lexeme(p);
  if (end - p < 12 || p[6] != '\\' || p[7] != 'u') return gj_bad_lexeme(p);
  uint32_t low = gj_hex_unit(p + 8);
  if (low < 0xdc00 || low > 0xdfff) return gj_bad_lexeme(p);
  return gj_good_lexeme(p + 12, GJ_ESCAPED);
}

// A string with p at a byte of it that gj_is_special, or at the end of the text.
__attribute__((noinline)) static gj_lexeme gj_string_from_special(const uint8_t *p, const uint8_t *end) {
  uint8_t flags = 0;
  for (;;) {
    if (p == end) return gj_bad_lexeme(end);
    if (*p == '"') return gj_good_lexeme(p + 1, flags);
    if (*p != '\\') return gj_bad_lexeme(p);
    gj_lexeme escape = gj_escape(p, end);
    if (!escape.good) return escape;
    flags = GJ_ESCAPED;
    p = escape.at;
    if (p != end && !gj_is_special(*p)) p = gj_find_special(p + 1, end);
  }
}

// A string; p is past its opening quote.
static inline gj_lexeme gj_string(gj_finder *finder, const uint8_t *p, const uint8_t *end) {
  p = gj_next_special(finder, p);
  if (GJ_LIKELY(p != end && *p == '"')) return gj_good_lexeme(p + 1, 0);
  return gj_string_from_special(p, end);
}

static inline const uint8_t *gj_skip_digits(const uint8_t *p, const uint8_t *end) {
  while (p != end && gj_is_digit(*p)) p++;
  return p;
}

// A number of any length; p is at its first byte.
__attribute__((noinline)) static gj_lexeme gj_number_by_byte(const uint8_t *p, const uint8_t *end) {
  if (*p == '-') p++;
  if (p == end || !gj_is_digit(*p)) return gj_bad_lexeme(p);
  p = *p == '0' ? p + 1 : gj_skip_digits(p + 1, end);
  if (p == end || (*p != '.' && (*p | 0x20) != 'e')) return gj_good_lexeme(p, GJ_INTEGER);
  if (*p == '.') {
    p++;
    if (p == end || !gj_is_digit(*p)) return gj_bad_lexeme(p);
    p = gj_skip_digits(p + 1, end);
  }
  if (p != end && (*p | 0x20) == 'e') {
    p++;
    if (p != end && (*p == '+' || *p == '-')) p++;
    if (p == end || !gj_is_digit(*p)) return gj_bad_lexeme(p);
    p = gj_skip_digits(p + 1, end);
  }
  return gj_good_lexeme(p, 0);
}

#if defined(__SSE2__)
// 16 bytes that hold those from p on, p < end, as far as they reach; they stand `*before` bytes into the 16. Where
// fewer than 16 are left, the 16 before end are read, from first (at most p) on; false where there are none.
static inline bool gj_window(const uint8_t *first, const uint8_t *p, const uint8_t *end, __m128i *bytes,
                             uint32_t *before) {
  if (GJ_LIKELY(end - p >= 16)) {
    *bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    *before = 0;
    return true;
  }
  if (GJ_UNLIKELY(end - first < 16)) return false;
  *bytes = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
  *before = (uint32_t)(16 - (end - p));
  return true;
}
#endif

// A number; p is at its first byte.
static inline gj_lexeme gj_number(const uint8_t *text, const uint8_t *p, const uint8_t *end) {
#if defined(__SSE2__)
  // One look at 16 bytes finds both runs of digits of most numbers; the rest, and the bad ones, are read by byte.
  const uint8_t *digits = p + (*p == '-');
  __m128i bytes;
  uint32_t before;
  if (GJ_LIKELY(digits != end && gj_window(text, digits, end, &bytes, &before))) {
    __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);
    uint32_t others = ((uint32_t)_mm_movemask_epi8(is_digit) ^ 0xffff) >> before;
    uint32_t whole = (uint32_t)__builtin_ctz(others | 0x10000);
    if (GJ_LIKELY(others != 0 && whole != 0 && (*digits != '0' || whole == 1))) {
      uint8_t c = digits[whole];
      if (c != '.' && (c | 0x20) != 'e') return gj_good_lexeme(digits + whole, GJ_INTEGER);
      others >>= whole + 1;
      if (GJ_LIKELY(c == '.' && others != 0)) {
        const uint8_t *fraction = digits + whole + 1;
        uint32_t part = (uint32_t)__builtin_ctz(others);
        if (GJ_LIKELY(part != 0 && (fraction[part] | 0x20) != 'e')) return gj_good_lexeme(fraction + part, 0);
      }
    }
  }
#else
  (void)text;
#endif
  return gj_number_by_byte(p, end);
}

// One of true, false and null, with p at its first byte.
static inline gj_lexeme gj_literal(const uint8_t *p, const uint8_t *end, const char *word, size_t length) {
  if ((size_t)(end - p) < length || memcmp(p, word, length) != 0) return gj_bad_lexeme(p);
  return gj_good_lexeme(p + length, 0);
}

#endif
