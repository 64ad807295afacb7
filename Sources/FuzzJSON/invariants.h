// What must hold of the scanner for every text; a breach aborts.
#ifndef FUZZ_JSON_INVARIANTS_H
#define FUZZ_JSON_INVARIANTS_H

#include <stdlib.h>

#include "CGavelJSON.h"

#define HOLDS(condition) \
  do {                   \
    if (!(condition)) abort(); \
  } while (0)

// A scanned text; all three live in blocks of exactly their size, so that AddressSanitizer sees a step outside.
typedef struct {
  const uint8_t *text;
  size_t length;
  const gj_token *tape;
  uint32_t tokens;
} scanned;

// A copy of the bytes in a block of exactly their size; never NULL. The caller frees it.
uint8_t *exact_copy(const uint8_t *bytes, size_t length);

// Tokens nest, count and lie in the text as the header says.
void check_tape(const scanned *s);

// The envelope is what a slow look at the top-level members finds.
void check_envelope(const scanned *s, const gj_envelope *envelope);

// Without the stamp the text is JSON again, with the other members byte for byte.
void check_strip(const scanned *s, const gj_envelope *envelope);

// Escapes resolve within their bounds, and what was resolved can be written and read back.
void check_strings(const scanned *s);

// Integers agree with the C library.
void check_integers(const scanned *s);

#endif
