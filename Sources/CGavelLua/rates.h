// Token buckets, one per client and type.
#ifndef GAVEL_LUA_RATES_H
#define GAVEL_LUA_RATES_H

#include "engine.h"

typedef struct {
  int64_t messages, ms;  // so many in that time, and as many at once
} gl_rate;

struct gl_rates {
  gl_rate *rates;
  uint32_t count;
  int64_t *cells;        // a row for each client that sent: its id, and of each rate until when it is taken
  size_t rows, capacity;
};

// Reads "30/1s", "5/500ms", "100/1.5m". False: it is none.
bool gl_read_rate(const char *text, gl_rate *rate);
// Whether so many in that time can be a rate.
bool gl_is_rate(uint64_t messages, uint64_t ms);
// Sets until when a bucket is taken, in parts of a millisecond; passed over where there is no memory.
void gl_set_rate(gl_rates *rates, uint32_t index, uint64_t client, int64_t taken);
// Takes one message off the bucket. 0: it had one; else after how many milliseconds it will.
uint64_t gl_take_rate(gl_rates *rates, uint32_t index, uint64_t client, int64_t now_ms);
void gl_forget_rates(gl_rates *rates, uint64_t client);
void gl_free_rates(gl_rates *rates);

#endif
