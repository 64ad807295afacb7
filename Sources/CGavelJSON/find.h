// Looking for the bytes that a string cannot hold as they are, many at a time. No load crosses the ends of the text.
#ifndef GJ_FIND_H
#define GJ_FIND_H

#include "bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>

// A bit for each of 16 bytes that gj_is_special.
static inline uint32_t gj_special_mask(__m128i v) {
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
  __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
  __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
}

// A bit for each of the 64 bytes from start on that gj_is_special and lies before length, which is at least 16.
__attribute__((noinline, unused)) static uint64_t gj_special_block(const uint8_t *text, size_t length, size_t start) {
  const uint8_t *p = text + start;
  const uint8_t *const end = text + length;
  if (GJ_LIKELY(end - p >= 64)) {
    const __m128i *v = (const __m128i *)(const void *)p;
    uint64_t a = gj_special_mask(_mm_loadu_si128(v)), b = gj_special_mask(_mm_loadu_si128(v + 1));
    uint64_t c = gj_special_mask(_mm_loadu_si128(v + 2)), d = gj_special_mask(_mm_loadu_si128(v + 3));
    return a | b << 16 | c << 32 | d << 48;
  }
  uint64_t mask = 0;
  uint32_t shift = 0;
  for (; end - p >= 16; p += 16, shift += 16) {
    mask |= (uint64_t)gj_special_mask(_mm_loadu_si128((const __m128i *)(const void *)p)) << shift;
  }
  if (p != end) {
    uint64_t last = gj_special_mask(_mm_loadu_si128((const __m128i *)(const void *)(end - 16)));
    mask |= last >> (16 - (end - p)) << shift;
  }
  return mask;
}
#else
// Whether none of 8 bytes is one that gj_is_special.
static inline bool gj_is_plain_word(const uint8_t *p) {
  const uint64_t ones = 0x0101010101010101u;
  uint64_t word;
  memcpy(&word, p, sizeof word);
  const uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
  const uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word);
  return (found & ones * 0x80) == 0;
}
#endif

// The first byte from p on that gj_is_special, or end. For short ways: after an escape, or in a short text.
static inline const uint8_t *gj_find_special(const uint8_t *p, const uint8_t *end) {
#if defined(__SSE2__)
  while (end - p >= 16) {
    uint32_t mask = gj_special_mask(_mm_loadu_si128((const __m128i *)(const void *)p));
    if (mask != 0) return p + __builtin_ctz(mask);
    p += 16;
  }
#else
  while (end - p >= 8 && gj_is_plain_word(p)) p += 8;
#endif
  while (p != end && !gj_is_special(*p)) p++;
  return p;
}

// Finds the special bytes of a text from front to back. With SSE2 it looks at each 64 bytes once and keeps what it
// saw, so that a search waits for no load.
typedef struct {
  const uint8_t *text;
  size_t length;
  size_t start;  // of the 64 bytes that mask is of; SIZE_MAX before the first
  uint64_t mask;
} gj_finder;

static inline gj_finder gj_finder_of(const uint8_t *text, size_t length) {
  return (gj_finder){text, length, SIZE_MAX, 0};
}

// The first byte from p on that gj_is_special, or the end of the text.
static inline const uint8_t *gj_next_special(gj_finder *finder, const uint8_t *p) {
  const uint8_t *const end = finder->text + finder->length;
#if defined(__SSE2__)
  if (GJ_LIKELY(finder->length >= 16)) {
    const size_t offset = (size_t)(p - finder->text);
    size_t start = offset & ~(size_t)63;
    if (start != finder->start) finder->mask = gj_special_block(finder->text, finder->length, start);
    uint64_t rest = finder->mask >> (offset & 63);
    if (GJ_UNLIKELY(rest == 0)) {
      do {
        start += 64;
        if (start >= finder->length) return end;
        finder->mask = gj_special_block(finder->text, finder->length, start);
      } while (finder->mask == 0);
      finder->start = start;
      return finder->text + start + __builtin_ctzll(finder->mask);
    }
    finder->start = start;
    return p + __builtin_ctzll(rest);
  }
#endif
  return gj_find_special(p, end);
}

#endif
