// Rates: how often a client may send a type. Of each bucket one number is kept: until when it is taken, in parts of
// a millisecond that make each message a whole number of them.
#include "rates.h"

#include <stdlib.h>

enum { MOST_MESSAGES = 10000, MOST_MS = 24 * 60 * 60 * 1000 };

bool gl_is_rate(uint64_t messages, uint64_t ms) {
  return messages >= 1 && messages <= MOST_MESSAGES && ms >= 1 && ms <= MOST_MS;
}

bool gl_read_rate(const char *text, gl_rate *rate) {
  int64_t messages = 0, ms = 0, scale = 1;
  const char *p = text;
  for (; *p >= '0' && *p <= '9' && messages <= MOST_MESSAGES; p++) messages = messages * 10 + (*p - '0');
  if (messages < 1 || messages > MOST_MESSAGES || *p++ != '/') return false;
  const char *digits = p;
  int64_t time = 0;
  for (; *p >= '0' && *p <= '9' && time <= MOST_MS; p++) time = time * 10 + (*p - '0');
  if (p == digits) return false;
  if (*p == '.') {
    const char *places = ++p;
    for (; *p >= '0' && *p <= '9' && scale < 1000; p++, scale *= 10) time = time * 10 + (*p - '0');
    if (p == places) return false;
  }
  if (strcmp(p, "ms") == 0) {
    ms = time;
  } else if (strcmp(p, "s") == 0) {
    ms = time * 1000;
  } else if (strcmp(p, "m") == 0) {
    ms = time * 60000;
  }
  if (ms % scale != 0) return false;
  ms /= scale;
  if (ms < 1 || ms > MOST_MS) return false;
  *rate = (gl_rate){messages, ms};
  return true;
}

// The position of the first row whose client is not below.
static size_t position_of(const gl_rates *r, uint64_t client) {
  size_t low = 0, high = r->rows, width = r->count + 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((uint64_t)r->cells[middle * width] < client) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The client's row, made where there is none; NULL: no memory.
static int64_t *row_of(gl_rates *r, uint64_t client) {
  size_t at = position_of(r, client), width = r->count + 1;
  int64_t *row = r->cells + at * width;
  if (at < r->rows && (uint64_t)*row == client) return row;
  if (r->rows == r->capacity) {
    size_t capacity = r->capacity == 0 ? 8 : r->capacity * 2;
    int64_t *grown = realloc(r->cells, capacity * width * sizeof *grown);
    if (grown == NULL) return NULL;
    r->cells = grown;
    r->capacity = capacity;
    row = r->cells + at * width;
  }
  memmove(row + width, row, (r->rows - at) * width * sizeof *row);
  memset(row, 0, width * sizeof *row);
  *row = (int64_t)client;
  r->rows++;
  return row;
}

uint64_t gl_take_rate(gl_rates *r, uint32_t index, uint64_t client, int64_t now_ms) {
  int64_t *row = row_of(r, client);
  // Without memory to count in, messages pass.
  if (row == NULL) return 0;
  const gl_rate *rate = &r->rates[index];
  int64_t *taken = &row[index + 1], now = now_ms * rate->messages, cost = rate->ms, size = rate->ms * rate->messages;
  int64_t used = *taken > now ? *taken - now : 0;
  if (used > size - cost) return (uint64_t)((used + cost - size + rate->messages - 1) / rate->messages);
  *taken = now + used + cost;
  return 0;
}

void gl_set_rate(gl_rates *r, uint32_t index, uint64_t client, int64_t taken) {
  int64_t *row = row_of(r, client);
  if (row != NULL) row[index + 1] = taken;
}

void gl_forget_rates(gl_rates *r, uint64_t client) {
  if (r == NULL || r->rows == 0) return;
  size_t at = position_of(r, client), width = r->count + 1;
  int64_t *row = r->cells + at * width;
  if (at == r->rows || (uint64_t)*row != client) return;
  r->rows--;
  memmove(row, row + width, (r->rows - at) * width * sizeof *row);
}

void gl_free_rates(gl_rates *r) {
  if (r == NULL) return;
  free(r->rates);
  free(r->cells);
  free(r);
}
