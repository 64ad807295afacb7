// Messages of class latest: what the one that is relayed is the newest of.
#include "latest.h"
#include "schemas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The value of the last field of that name; NULL: there is none.
static const gj_token *find_value(const uint8_t *text, const gj_token *tape, const char *name) {
  const gj_token *found = NULL;
  size_t length = strlen(name);
  for (uint32_t key = 1; key < tape[0].next; key = tape[key].next) {
    if (gj_equals(text, &tape[key], name, length)) found = &tape[key + 1];
  }
  return found;
}

// Writes a value so that equal ones are the same bytes, at most `capacity`.
static size_t write_value(const uint8_t *text, const gj_token *value, uint8_t *out, size_t capacity) {
  out[0] = value->kind;
  if (value->kind == GJ_STRING) return 1 + gj_unescape(text, value, out + 1, capacity - 1);
  if (value->kind == GJ_NUMBER) {
    gl_decimal n = gl_read_number(text, value);
    memcpy(out + 1, n.is_whole ? (void *)&n.whole : (void *)&n.real, sizeof n.whole);
    return 1 + sizeof n.whole;
  }
  memcpy(out + 1, text + value->start, value->end - value->start);
  return 1 + (value->end - value->start);
}

// Puts the value behind all that the hook left. Without memory for it the message is the newest of all that have none.
static void write_key(gl_engine *e, const uint8_t *text, const gj_token *value, gl_outcome *outcome) {
  size_t capacity = value == NULL ? 0 : 1 + sizeof(int64_t) + (value->end - value->start);
  size_t payload = e->payload_length > 0 ? e->payload_start : 0;
  bool is_own = text == outcome->payload;
  uint8_t *out = gl_try_reserve(&e->out, capacity + 1);
  outcome->latest_value = (const uint8_t *)"";
  outcome->latest_value_length = 0;
  if (out == NULL) return;
  if (e->payload_length > 0) outcome->payload = e->out.bytes + payload;
  outcome->latest_value = out;
  if (value == NULL) return;
  outcome->latest_value_length = write_value(is_own ? outcome->payload : text, value, out, capacity);
  e->out.length += outcome->latest_value_length;
}

// FNV-1a.
static uint32_t hash_of(const char *name, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619u;
  return hash;
}

void gl_tell_latest(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  for (size_t i = 0; i < e->type_count; i++) {
    gl_type *type = &e->types[i];
    if (!type->is_latest) continue;
    type->latest_id = hash_of(type->name, type->length);
    gl_charge(L, 1 + i / 8);
    for (size_t other = 0; other < i;) {
      bool is_taken = e->types[other].is_latest && e->types[other].latest_id == type->latest_id;
      type->latest_id += is_taken ? 1 : 0;
      other = is_taken ? 0 : other + 1;
    }
  }
}

bool gl_find_latest(const gl_engine *e, uint32_t type, const char **field) {
  for (size_t i = 0; i < e->type_count; i++) {
    if (!e->types[i].is_latest || e->types[i].latest_id != type) continue;
    *field = e->types[i].key;
    return true;
  }
  return false;
}

void gl_mark_latest(gl_engine *e, const gl_type *type, const gl_message *message, gl_outcome *outcome) {
  if (outcome->verdict != GL_RELAY && outcome->verdict != GL_CHANGED) return;
  outcome->is_latest = true;
  outcome->echoes = type->echoes;
  outcome->type = type->latest_id;
  if (type->key == NULL) return;
  if (outcome->verdict == GL_RELAY) {
    write_key(e, message->text, find_value(message->text, message->tape, type->key), outcome);
    return;
  }
  size_t capacity = gj_tape_capacity(outcome->payload_length);
  gj_token *tape = malloc(capacity * sizeof *tape);
  const uint8_t *text = outcome->payload;
  bool is_read = tape != NULL && gj_scan_value(text, outcome->payload_length, tape, capacity, 64, NULL) > 0;
  write_key(e, text, is_read ? find_value(text, tape, type->key) : NULL, outcome);
  free(tape);
}
