// Lua values to JSON and back.
#ifndef GAVEL_LUA_JSON_H
#define GAVEL_LUA_JSON_H

#include "engine.h"

// How deep JSON that a script reads can be nested, and how large params can be.
enum { GL_JSON_DEPTH = 32, GL_PARAMS_BYTES = 64 * 1024 };

// Where a value stands in what is sent, for errors only: the name of all of it, then names and numbers of its parts.
typedef struct gl_where {
  const struct gl_where *up;
  const char *name;     // NULL: the element of that number
  lua_Integer element;
} gl_where;

// encode.c
void gl_encode(lua_State *L, gl_buffer *b, int index, int depth, const gl_where *at);
// "board.rows[2]", or the name of all of it.
const char *gl_push_where(lua_State *L, const gl_where *at);
// Members without braces, but for `leading`, which is put first where the table has it. Names in `reserved` raise.
// Returns how many were written.
size_t gl_encode_members(lua_State *L, gl_buffer *b, int index, int depth, const gl_where *at,
                         const char *const *reserved, const char *leading);
// Whether the table at the index is sent as an object even when it is empty: decoded from one, or gavel.json.object.
bool gl_is_marked_object(lua_State *L, int index);

// scalars.c
void gl_encode_string(lua_State *L, gl_buffer *b, const char *bytes, size_t length, const gl_where *at);
void gl_encode_integer(lua_State *L, gl_buffer *b, lua_Integer value);
void gl_encode_number(lua_State *L, gl_buffer *b, double value, const gl_where *at);
// The length of the UTF-8 sequence at p, 0 where it is none (RFC 3629).
size_t gl_sequence_length(const uint8_t *p, size_t left);
bool gl_is_utf8(const uint8_t *bytes, size_t length);

// decode.c
void gl_push_value(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index);
// Pushes an object's key.
void gl_push_name(lua_State *L, const uint8_t *text, gj_token key);
// Whether the value at the stack index is the one on the tape.
bool gl_is_value(lua_State *L, int index, const uint8_t *text, const gj_token *tape, uint32_t token);
// Whether the value at `index` would be sent as the one at `fresh`, which was just decoded.
bool gl_is_same(lua_State *L, int index, int fresh);
// Scans and pushes any JSON text; a code of the scanner below zero: it did not.
int32_t gl_push_json(lua_State *L, const uint8_t *text, size_t length);

#endif
