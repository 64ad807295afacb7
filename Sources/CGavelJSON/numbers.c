#include "CGavelJSON.h"

bool gj_integer(const uint8_t *text, const gj_token *token, int64_t *value) {
  const uint8_t *p = text + token->start;
  const uint8_t *const end = text + token->end;
  const bool negative = *p == '-';
  if (negative) p++;
  // Counted downwards: the least value has no positive counterpart.
  int64_t below = 0;
  for (; p != end; p++) {
    if (__builtin_mul_overflow(below, 10, &below)) return false;
    if (__builtin_sub_overflow(below, *p - '0', &below)) return false;
  }
  if (!negative && below == INT64_MIN) return false;
  *value = negative ? below : -below;
  return true;
}
