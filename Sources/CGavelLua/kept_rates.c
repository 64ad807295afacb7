// How much of their rates clients have used, on its way from one engine to another, perhaps of another version.
//
// Numbers are as in kept.h. Behind the byte 0x52: the number of rates; of each: the number of bytes of its type's name,
// these, how many messages in how many milliseconds; then the number of clients; of each: its id and, of each rate,
// signed, until when the bucket is taken, of the host's uptime, in parts of a millisecond as in rates.c.
#include "kept.h"
#include "rates.h"

#include <stdlib.h>

enum { KEPT_RATES = 0x52, MOST_RATES = 4096, MOST_NAME = 255 };

static const gl_type *type_of_rate(const gl_engine *e, uint32_t rate) {
  for (size_t i = 0; i < e->type_count; i++) {
    if (e->types[i].rate == rate + 1) return &e->types[i];
  }
  return NULL;
}

bool gl_copy_rates(gl_engine *e, uint8_t **bytes, size_t *length) {
  gl_buffer out = {0};
  gl_writer w = {.engine = e, .bytes = &out};
  const gl_rates *r = e->rates;
  gl_write_byte(&w, KEPT_RATES);
  gl_write_number(&w, r == NULL ? 0 : r->count);
  for (uint32_t i = 0; r != NULL && i < r->count; i++) {
    const gl_type *type = type_of_rate(e, i);
    gl_write_number(&w, type->length);
    gl_write_bytes(&w, type->name, type->length);
    gl_write_number(&w, (uint64_t)r->rates[i].messages);
    gl_write_number(&w, (uint64_t)r->rates[i].ms);
  }
  gl_write_number(&w, r == NULL ? 0 : r->rows);
  for (size_t row = 0; r != NULL && row < r->rows; row++) {
    const int64_t *cells = r->cells + row * (r->count + 1);
    gl_write_number(&w, (uint64_t)cells[0]);
    for (uint32_t i = 0; i < r->count; i++) gl_write_signed(&w, cells[i + 1]);
  }
  if (w.has_failed) {
    gl_trim(&out);
    return false;
  }
  *bytes = out.bytes;
  *length = out.length;
  return true;
}

typedef struct {
  const uint8_t *next, *end;
  bool is_sound;
} cursor;

static uint64_t take_number(cursor *c) {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (c->next == c->end || (shift == 63 && *c->next > 1)) break;
    uint8_t byte = *c->next++;
    value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  c->is_sound = false;
  return 0;
}

static int64_t take_signed(cursor *c) {
  uint64_t value = take_number(c);
  return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

// A rate of the other engine, and which of these rules' it is.
typedef struct {
  gl_rate rate;
  uint32_t own;  // counted from 1; 0: they have none for the type
} known_rate;

static void take_rate(gl_engine *e, cursor *c, known_rate *known) {
  uint64_t length = take_number(c);
  if (length > MOST_NAME || length > (size_t)(c->end - c->next)) {
    c->is_sound = false;
    return;
  }
  const gl_type *type = gl_find_type(e, (const char *)c->next, length);
  c->next += length;
  known->own = type == NULL ? 0 : type->rate;
  uint64_t messages = take_number(c), ms = take_number(c);
  known->rate = (gl_rate){(int64_t)messages, (int64_t)ms};
  if (!gl_is_rate(messages, ms)) c->is_sound = false;
}

// What is taken of the other bucket, as of a bucket of this rate: of one that is half empty, the half.
static int64_t scaled(int64_t taken, gl_rate from, gl_rate to, int64_t now_ms) {
  int64_t used, size = from.messages * from.ms;
  if (__builtin_sub_overflow(taken, now_ms * from.messages, &used) || used <= 0) return 0;
  if (used > size) used = size;
  if (from.messages != to.messages || from.ms != to.ms) {
    used = (int64_t)((double)used / (double)size * (double)(to.messages * to.ms));
  }
  return now_ms * to.messages + used;
}

static void restore_rows(gl_engine *e, cursor *c, const known_rate *known, size_t count) {
  uint64_t rows = take_number(c);
  for (uint64_t i = 0; i < rows && c->is_sound; i++) {
    uint64_t client = take_number(c);
    bool is_here = c->is_sound && gl_has_client(e, client);
    for (size_t rate = 0; rate < count && c->is_sound; rate++) {
      int64_t taken = take_signed(c);
      if (!c->is_sound || !is_here || known[rate].own == 0) continue;
      uint32_t own = known[rate].own - 1;
      gl_rate to = e->rates->rates[own];
      gl_set_rate(e->rates, own, client, scaled(taken, known[rate].rate, to, e->context.uptime_ms));
    }
  }
}

void gl_restore_rates(gl_engine *e, const uint8_t *bytes, size_t length) {
  cursor c = {bytes, bytes + length, true};
  if (length == 0 || *c.next++ != KEPT_RATES || e->rates == NULL) return;
  uint64_t count = take_number(&c);
  if (!c.is_sound || count == 0 || count > MOST_RATES) return;
  known_rate *known = calloc(count, sizeof *known);
  if (known == NULL) return;
  for (uint64_t i = 0; i < count && c.is_sound; i++) take_rate(e, &c, &known[i]);
  if (c.is_sound) restore_rows(e, &c, known, count);
  free(known);
}
