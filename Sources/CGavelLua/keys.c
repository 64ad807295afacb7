// Keys that stand twice in an object: few are compared with each other, many go through a table. Its hash has a
// secret, so that no client can choose keys that all fall into one slot.
#include "schemas.h"

#include <stdlib.h>

enum { FEW_KEYS = 8, SLOTS_ON_STACK = 256, KEPT_SLOTS = 8192 };

// Bytes of a key, its escapes resolved, one after the other.
typedef struct {
  const uint8_t *text;
  const gj_token *key;
  uint32_t at, end;
  uint8_t bytes[4];
  uint32_t held, next;
} key_bytes;

static key_bytes bytes_of(const uint8_t *text, const gj_token *key) {
  return (key_bytes){.text = text, .key = key, .at = key->start + 1, .end = key->end - 1};
}

// The next byte, or -1.
static int next_byte(key_bytes *b) {
  if (b->next < b->held) return b->bytes[b->next++];
  if (b->at == b->end) return -1;
  const uint8_t *p = b->text + b->at;
  if (*p != '\\') {
    b->at++;
    return *p;
  }
  uint32_t length = gl_escape_length(p);
  gj_token one = {.start = b->at - 1, .end = b->at + length + 1, .kind = GJ_KEY, .flags = GJ_ESCAPED};
  b->held = (uint32_t)gj_unescape(b->text, &one, b->bytes, sizeof b->bytes);
  b->next = 1;
  b->at += length;
  return b->bytes[0];
}

static bool are_equal(const uint8_t *text, const gj_token *a, const gj_token *b) {
  if (!(b->flags & GJ_ESCAPED)) {
    const gj_token *plain = b;
    b = a;
    a = plain;
  }
  if (!(a->flags & GJ_ESCAPED)) return gj_equals(text, b, (const char *)text + a->start + 1, a->end - a->start - 2);
  key_bytes x = bytes_of(text, a), y = bytes_of(text, b);
  for (;;) {
    int byte = next_byte(&x);
    if (byte != next_byte(&y)) return false;
    if (byte < 0) return true;
  }
}

static uint64_t mix(uint64_t hash, uint64_t byte, uint64_t secret) {
  __uint128_t product = (__uint128_t)(hash ^ byte) * secret;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_of(const uint8_t *text, const gj_token *key, uint64_t secret) {
  uint64_t hash = secret >> 1;
  if (key->flags & GJ_ESCAPED) {
    key_bytes bytes = bytes_of(text, key);
    for (int byte = next_byte(&bytes); byte >= 0; byte = next_byte(&bytes)) {
      hash = mix(hash, (uint64_t)byte + 1, secret);
    }
  } else {
    for (uint32_t i = key->start + 1; i < key->end - 1; i++) hash = mix(hash, (uint64_t)text[i] + 1, secret);
  }
  return (uint32_t)(hash >> 16);
}

// The stamp of a message may stand there often: the relay takes all of it out.
static bool is_passed_over(const gl_check *c, uint32_t object, uint32_t key) {
  if (object != 0 || c->envelope == NULL || !c->envelope->stamped) return false;
  return gj_equals(c->text, &c->tape[key], "client_id", 9) || gj_equals(c->text, &c->tape[key], "msg_id", 6);
}

// Compares each key with those before it.
static bool compare_all(const gl_check *c, uint32_t object, uint32_t *again) {
  const gj_token *tape = c->tape;
  uint32_t end = tape[object].next;
  for (uint32_t key = object + 1; key < end; key = tape[key].next) {
    if (is_passed_over(c, object, key)) continue;
    for (uint32_t other = object + 1; other < key; other = tape[other].next) {
      if (!are_equal(c->text, &tape[key], &tape[other])) continue;
      *again = key;
      return false;
    }
  }
  return true;
}

static bool look_up_all(const gl_check *c, uint32_t object, gl_key_slot *slots, uint32_t capacity, uint32_t *again) {
  const gj_token *tape = c->tape;
  uint32_t end = tape[object].next;
  memset(slots, 0, capacity * sizeof *slots);
  for (uint32_t key = object + 1; key < end; key = tape[key].next) {
    if (is_passed_over(c, object, key)) continue;
    uint32_t hash = hash_of(c->text, &tape[key], c->schemas->secret), at = hash & (capacity - 1);
    for (; slots[at].key != 0; at = (at + 1) & (capacity - 1)) {
      if (slots[at].hash == hash && are_equal(c->text, &tape[key], &tape[slots[at].key])) {
        *again = key;
        return false;
      }
    }
    slots[at] = (gl_key_slot){hash, key};
  }
  return true;
}

bool gl_has_distinct_keys(gl_check *c, uint32_t object, uint32_t *again) {
  const gj_token *tape = c->tape;
  uint32_t count = tape[object].count;
  if (count < 2) return true;
  if (count <= FEW_KEYS) return compare_all(c, object, again);
  if (count == UINT16_MAX) {
    count = 0;
    for (uint32_t key = object + 1; key < tape[object].next; key = tape[key].next) count++;
  }
  uint32_t capacity = 4;
  while (capacity < count * 2) capacity *= 2;
  if (capacity <= SLOTS_ON_STACK) {
    gl_key_slot slots[SLOTS_ON_STACK];
    return look_up_all(c, object, slots, capacity, again);
  }
  gl_schemas *s = c->schemas;
  if (s->slot_capacity < capacity) {
    free(s->slots);
    s->slots = malloc(capacity * sizeof *s->slots);
    s->slot_capacity = s->slots == NULL ? 0 : capacity;
    if (s->slots == NULL) return compare_all(c, object, again);
  }
  bool are_distinct = look_up_all(c, object, s->slots, capacity, again);
  if (s->slot_capacity > KEPT_SLOTS) {
    free(s->slots);
    s->slots = NULL;
    s->slot_capacity = 0;
  }
  return are_distinct;
}
