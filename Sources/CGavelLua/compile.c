// Source text to bytecode, once for all rooms of a kind.
#include "bytecode.h"
#include "engine.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Lua's search for the name of what was nil takes the square of it in time.
enum { MOST_FIELDS = 1000 };

typedef struct {
  const char *name;
  const uint8_t *source;
  size_t length;
  gl_chunk *chunk;
} compilation;

static int append_chunk(lua_State *L, const void *bytes, size_t length, void *chunk_pointer) {
  (void)L;
  gl_chunk *chunk = chunk_pointer;
  if (length == 0) return 0;
  uint8_t *grown = realloc(chunk->bytes, chunk->length + length);
  if (grown == NULL) return 1;
  memcpy(grown + chunk->length, bytes, length);
  chunk->bytes = grown;
  chunk->length += length;
  return 0;
}

static int compile(lua_State *L) {
  compilation *c = lua_touserdata(L, 1);
  lua_pushfstring(L, "=%s", c->name);
  if (luaL_loadbufferx(L, (const char *)c->source, c->length, lua_tostring(L, -1), "t") != LUA_OK) return lua_error(L);
  if (lua_dump(L, append_chunk, c->chunk, 0) != 0) return luaL_error(L, "not enough memory");
  return 0;
}

static int32_t count_lines(const uint8_t *source, size_t length) {
  int32_t lines = length > 0 && source[length - 1] != '\n';
  for (size_t i = 0; i < length; i++) lines += source[i] == '\n';
  return lines;
}

bool gl_compile(const char *name, const uint8_t *source, size_t length, gl_chunk *chunk, gl_error *error) {
  *chunk = (gl_chunk){.last_line = count_lines(source, length)};
  *error = (gl_error){.kind = GL_ERROR_SCRIPT};
  gl_copy_text(error->file, sizeof error->file, name, strlen(name));
  if (length > GL_SOURCE_BYTES) {
    snprintf(error->message, sizeof error->message, "the file has %zu bytes; at most %d can be loaded.", length,
             GL_SOURCE_BYTES);
    return false;
  }
  if (strlen(name) >= GL_NAME_BYTES) {
    snprintf(error->message, sizeof error->message, "the name of the file has more than %d bytes. Shorten it.",
             GL_NAME_BYTES - 1);
    return false;
  }
  if (length > 0 && source[0] == LUA_SIGNATURE[0]) {
    snprintf(error->message, sizeof error->message, "this is compiled Lua. Rules are loaded as text.");
    return false;
  }
  if (length >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) {
    source += 3;
    length -= 3;
  }
  lua_State *L = luaL_newstate();
  bool compiled = false;
  if (L != NULL) {
    compilation c = {.name = name, .source = source, .length = length, .chunk = chunk};
    lua_pushcfunction(L, compile);
    lua_pushlightuserdata(L, &c);
    compiled = lua_pcall(L, 1, 0, 0) == LUA_OK;
  }
  if (!compiled) {
    size_t text_length = 17;
    const char *text = L != NULL && lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &text_length) : NULL;
    gl_copy_text(error->message, sizeof error->message, text == NULL ? "not enough memory" : text, text_length);
    gl_split_place(error, name);
    free(chunk->bytes);
    *chunk = (gl_chunk){0};
  }
  if (L != NULL) lua_close(L);
  int32_t line = compiled ? gl_line_of_chain(chunk->bytes, chunk->length, MOST_FIELDS) : 0;
  if (line == 0) return compiled;
  error->line = line;
  snprintf(error->message, sizeof error->message, "an expression goes through more than %d fields, one after the other. "
                                                  "Cut it with a local.", MOST_FIELDS);
  free(chunk->bytes);
  *chunk = (gl_chunk){0};
  return false;
}
