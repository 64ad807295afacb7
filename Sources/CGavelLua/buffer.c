#include "engine.h"

#include <stdlib.h>

void gl_grow(lua_State *L, gl_buffer *b, size_t n) {
  gl_engine *e = gl_engine_of(L);
  size_t cap = e->limits.memory_bytes;
  if (b->length > cap || n > cap - b->length) gl_no_memory(L);
  size_t capacity = b->capacity < 128 ? 128 : b->capacity;
  while (capacity - b->length < n) capacity *= 2;
  uint8_t *grown = realloc(b->bytes, capacity);
  if (grown == NULL) gl_no_memory(L);
  b->bytes = grown;
  b->capacity = capacity;
}

void *gl_grow_list(lua_State *L, void *list, size_t size, uint32_t count, uint32_t *capacity) {
  if (count < *capacity) return list;
  uint32_t wanted = *capacity == 0 ? 4 : *capacity * 2;
  void *grown = realloc(list, wanted * size);
  if (grown == NULL) gl_no_memory(L);
  *capacity = wanted;
  return grown;
}

uint8_t *gl_try_reserve(gl_buffer *b, size_t n) {
  if (n > b->capacity - b->length) {
    uint8_t *grown = realloc(b->bytes, b->length + n);
    if (grown == NULL) return NULL;
    b->bytes = grown;
    b->capacity = b->length + n;
  }
  return b->bytes + b->length;
}

void gl_trim(gl_buffer *b) {
  free(b->bytes);
  *b = (gl_buffer){0};
}
