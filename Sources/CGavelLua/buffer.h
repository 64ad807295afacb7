// Growable memory of the engine's own, so that a jump out of Lua leaks nothing.
#ifndef GAVEL_LUA_BUFFER_H
#define GAVEL_LUA_BUFFER_H

#include <lua5.4/lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  uint8_t *bytes;
  size_t length;
  size_t capacity;
} gl_buffer;

// Makes room for n more bytes behind length; raises when that is above the cap.
void gl_grow(lua_State *L, gl_buffer *b, size_t n);

// Room for n more bytes behind length; raises as gl_grow.
static inline uint8_t *gl_reserve(lua_State *L, gl_buffer *b, size_t n) {
  if (n > b->capacity - b->length) gl_grow(L, b, n);
  return b->bytes + b->length;
}

static inline void gl_append(lua_State *L, gl_buffer *b, const void *bytes, size_t n) {
  if (n == 0) return;
  memcpy(gl_reserve(L, b, n), bytes, n);
  b->length += n;
}

// The list, with room for one more; it may have moved.
void *gl_grow_list(lua_State *L, void *list, size_t size, uint32_t count, uint32_t *capacity);
// Gives the buffer's memory back.
void gl_trim(gl_buffer *b);

// As gl_reserve, for where nothing can be raised; NULL: no memory.
uint8_t *gl_try_reserve(gl_buffer *b, size_t n);

#endif
