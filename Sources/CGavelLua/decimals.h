// Numbers as most messages have them, read without a call.
#ifndef GAVEL_LUA_DECIMALS_H
#define GAVEL_LUA_DECIMALS_H

#include <stdbool.h>
#include <stdint.h>

enum { GL_EXACT_DIGITS = 15 };

typedef struct {
  double real;
  int64_t whole;
  bool is_whole;  // whole holds it exactly
} gl_decimal;

// Digits, perhaps with a sign and a point; false where they are too many, or it has an exponent. Short decimals are
// exact: a whole number below 2^53 divided by a power of ten that is exact is rounded once.
static inline bool gl_read_decimal(const uint8_t *p, const uint8_t *end, gl_decimal *n) {
  static const double powers[GL_EXACT_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  bool is_negative = *p == '-';
  p += is_negative;
  if (end - p > GL_EXACT_DIGITS) return false;
  int64_t digits = 0;
  uint8_t digit;
  for (; p != end && (digit = (uint8_t)(*p - '0')) < 10; p++) digits = digits * 10 + digit;
  if (p == end) {
    n->whole = is_negative ? -digits : digits;
    n->real = (double)n->whole;
    n->is_whole = true;
    return true;
  }
  if (*p++ != '.') return false;
  const uint8_t *fraction = p;
  for (; p != end && (digit = (uint8_t)(*p - '0')) < 10; p++) digits = digits * 10 + digit;
  if (p != end) return false;
  n->real = (double)(is_negative ? -digits : digits) / powers[p - fraction];
  n->whole = (int64_t)n->real;
  n->is_whole = (double)n->whole == n->real;
  return true;
}

#endif
