// What the files of this target share: classes of bytes and digits.
#ifndef GJ_BYTES_H
#define GJ_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GJ_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define GJ_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

static inline bool gj_is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static inline bool gj_is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

// Whether a string cannot hold the byte as it is (RFC 8259 section 7).
static inline bool gj_is_special(uint8_t c) { return c < 0x20 || c == '"' || c == '\\'; }

static inline const uint8_t *gj_skip_space(const uint8_t *p, const uint8_t *end) {
  while (p != end && *p <= ' ' && gj_is_space(*p)) p++;
  return p;
}

// The value of a hexadecimal digit, or 16 or more.
static inline uint32_t gj_hex_digit(uint8_t c) {
  if (gj_is_digit(c)) return (uint32_t)(c - '0');
  uint8_t letter = (uint8_t)((c | 0x20) - 'a');
  return letter < 6 ? letter + 10u : 16u;
}

// The code unit of the four hexadecimal digits at p, or 0x10000 or more where one is none.
static inline uint32_t gj_hex_unit(const uint8_t *p) {
  uint32_t a = gj_hex_digit(p[0]), b = gj_hex_digit(p[1]), c = gj_hex_digit(p[2]), d = gj_hex_digit(p[3]);
  uint32_t unit = a << 12 | b << 8 | c << 4 | d;
  return ((a | b | c | d) & 16u) ? 0x10000u : unit;
}

#endif
