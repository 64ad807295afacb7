// JSON, already scanned, to Lua values.
#include "decimals.h"
#include "engine.h"
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_NUMBER = 64 };

static double read_number(lua_State *L, const uint8_t *text, const gj_token *token) {
  size_t length = token->end - token->start;
  char digits[LONG_NUMBER];
  if (length < sizeof digits) {
    memcpy(digits, text + token->start, length);
    digits[length] = 0;
    return strtod(digits, NULL);
  }
  gl_engine *e = gl_engine_of(L);
  gl_charge(L, length);
  char *copy = (char *)gl_reserve(L, &e->scratch, length + 1);
  memcpy(copy, text + token->start, length);
  copy[length] = 0;
  return strtod(copy, NULL);
}

static void push_number(lua_State *L, const uint8_t *text, const gj_token *token) {
  gl_decimal decimal;
  int64_t integer;
  if (gl_read_decimal(text + token->start, text + token->end, &decimal)) {
    if (decimal.is_whole) {
      lua_pushinteger(L, decimal.whole);
    } else {
      lua_pushnumber(L, decimal.real);
    }
    return;
  }
  if ((token->flags & GJ_INTEGER) && gj_integer(text, token, &integer)) {
    lua_pushinteger(L, integer);
    return;
  }
  double value = read_number(L, text, token);
  if (!(token->flags & GJ_INTEGER) && fabs(value) < 0x1p53 && value == rint(value)) {
    lua_pushinteger(L, (lua_Integer)value);
  } else {
    lua_pushnumber(L, value);
  }
}

static void push_string(lua_State *L, const uint8_t *text, const gj_token *token) {
  size_t length = token->end - token->start - 2;
  if (length > 1024) gl_charge(L, gl_bytes_cost(length));
  if (!(token->flags & GJ_ESCAPED)) {
    lua_pushlstring(L, (const char *)text + token->start + 1, length);
    return;
  }
  gl_engine *e = gl_engine_of(L);
  uint8_t *out = gl_reserve(L, &e->scratch, length + 1);
  lua_pushlstring(L, (const char *)out, gj_unescape(text, token, out, length + 1));
}

static void push_object(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index) {
  uint32_t end = tape[index].next;
  gl_charge(L, 1u + tape[index].count);
  luaL_checkstack(L, 6, NULL);
  lua_createtable(L, 0, tape[index].count);
  for (uint32_t key = index + 1; key < end; key = tape[key].next) {
    push_string(L, text, &tape[key]);
    gl_push_value(L, text, tape, key + 1);
    lua_rawset(L, -3);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  lua_setmetatable(L, -2);
}

static void push_list(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index) {
  uint32_t end = tape[index].next;
  gl_charge(L, 1u + tape[index].count);
  luaL_checkstack(L, 6, NULL);
  lua_createtable(L, tape[index].count, 0);
  lua_Integer n = 0;
  for (uint32_t value = index + 1; value < end; value = tape[value].next) {
    gl_push_value(L, text, tape, value);
    lua_rawseti(L, -2, ++n);
  }
}

void gl_push_value(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index) {
  const gj_token *token = &tape[index];
  switch (token->kind) {
    case GJ_STRING: push_string(L, text, token); return;
    case GJ_NUMBER: push_number(L, text, token); return;
    case GJ_TRUE: lua_pushboolean(L, 1); return;
    case GJ_FALSE: lua_pushboolean(L, 0); return;
    case GJ_OBJECT: push_object(L, text, tape, index); return;
    case GJ_ARRAY: push_list(L, text, tape, index); return;
    default: lua_pushlightuserdata(L, &gl_null); return;
  }
}

bool gl_is_same(lua_State *L, int index, int fresh) {
  if (lua_type(L, fresh) != LUA_TTABLE) return lua_rawequal(L, index, fresh);
  if (lua_type(L, index) != LUA_TTABLE) return false;
  luaL_checkstack(L, 8, NULL);
  uint64_t members = 0;
  lua_pushnil(L);
  while (lua_next(L, fresh)) {
    lua_pushvalue(L, -2);
    lua_rawget(L, index);
    bool same = gl_is_same(L, lua_gettop(L), lua_gettop(L) - 1);
    lua_pop(L, 2);
    if (!same) {
      lua_pop(L, 1);
      return false;
    }
    members++;
  }
  gl_charge(L, 1 + members);
  // The mark of an object tells of an empty table what it is, and turns a list into an object.
  bool is_object = gl_is_marked_object(L, fresh);
  if (is_object != gl_is_marked_object(L, index) && (members == 0 || !is_object)) return false;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (members-- == 0) {
      lua_pop(L, 1);
      return false;
    }
  }
  return true;
}

bool gl_is_value(lua_State *L, int index, const uint8_t *text, const gj_token *tape, uint32_t token) {
  luaL_checkstack(L, 4, NULL);
  gl_push_value(L, text, tape, token);
  bool same = gl_is_same(L, index, lua_gettop(L));
  lua_pop(L, 1);
  return same;
}

int32_t gl_push_json(lua_State *L, const uint8_t *text, size_t length) {
  if (length > UINT32_MAX / 2) return GJ_BAD_JSON;
  gl_charge(L, gl_bytes_cost(length * 8));
  size_t capacity = gj_tape_capacity(length);
  gj_token *tape = lua_newuserdatauv(L, capacity * sizeof *tape, 0);
  int32_t result = gj_scan_value(text, length, tape, capacity, GL_JSON_DEPTH, NULL);
  if (result < 0) {
    lua_pop(L, 1);
    return result;
  }
  gl_push_value(L, text, tape, 0);
  lua_remove(L, -2);
  return 0;
}

void gl_push_name(lua_State *L, const uint8_t *text, gj_token key) {
  // A string's token has the same shape.
  key.kind = GJ_STRING;
  gl_push_value(L, text, &key, 0);
}
