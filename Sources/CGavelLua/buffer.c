// Growable memory of the engine's own, so that a jump out of Lua leaks nothing.
#include "engine.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_BYTES = 64 * 1024 };

uint8_t *gl_reserve(lua_State *L, gl_buffer *b, size_t n) {
  if (n <= b->capacity - b->length) return b->bytes + b->length;
  gl_engine *e = gl_engine_of(L);
  size_t cap = e->limits.memory_bytes;
  if (b->length > cap || n > cap - b->length) {
    gl_stop(e, GL_STOP_MEMORY);
    gl_raise(L);
  }
  size_t capacity = b->capacity < 512 ? 512 : b->capacity;
  while (capacity - b->length < n) capacity *= 2;
  uint8_t *grown = realloc(b->bytes, capacity);
  if (grown == NULL) {
    gl_stop(e, GL_STOP_MEMORY);
    gl_raise(L);
  }
  b->bytes = grown;
  b->capacity = capacity;
  return b->bytes + b->length;
}

void gl_append(lua_State *L, gl_buffer *b, const void *bytes, size_t n) {
  if (n == 0) return;
  memcpy(gl_reserve(L, b, n), bytes, n);
  b->length += n;
}

// Empties the buffer and gives back what a large message left behind.
void gl_trim(gl_buffer *b) {
  b->length = 0;
  if (b->capacity <= KEPT_BYTES) return;
  free(b->bytes);
  b->bytes = NULL;
  b->capacity = 0;
}
