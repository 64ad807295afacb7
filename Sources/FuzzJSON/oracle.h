// A second opinion on JSON for the fuzzer: recursive, slow and written apart from the scanner.
#ifndef FUZZ_JSON_ORACLE_H
#define FUZZ_JSON_ORACLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t code;     // 0, GJ_BAD_JSON, or GJ_TOO_DEEP where that stands before the first error
  uint32_t tokens;  // values and keys, where code is 0
  uint8_t first;    // the first byte of the value, where code is 0
} oracle_verdict;

oracle_verdict oracle_judge(const uint8_t *text, size_t length, uint32_t max_depth);

#endif
