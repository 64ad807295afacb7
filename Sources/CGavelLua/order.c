// One order of a table's keys for every run: numbers upward, strings by their bytes, false, true, gavel.null and drop,
// clients by their ids. Others, such as tables, have none that is the same in each run.
#include "engine.h"
#include "message.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

gl_key *gl_push_key(lua_State *L, gl_engine *e) {
  if (e->key_count == e->key_capacity) {
    size_t capacity = e->key_capacity == 0 ? 8 : e->key_capacity * 2;
    gl_key *grown = capacity > 1u << 20 ? NULL : realloc(e->keys, capacity * sizeof *grown);
    if (grown == NULL) gl_no_memory(L);
    e->keys = grown;
    e->key_capacity = capacity;
  }
  gl_key *key = &e->keys[e->key_count++];
  memset(key, 0, sizeof *key);
  return key;
}

bool gl_key_before(const gl_key *a, const gl_key *b) {
  if (a->class_ != b->class_) return a->class_ < b->class_;
  switch (a->class_) {
    case GL_KEY_NUMBER:
      if (!a->is_float && !b->is_float) return a->integer < b->integer;
      return a->number < b->number;
    case GL_KEY_STRING: {
      size_t shared = a->length < b->length ? a->length : b->length;
      int order = memcmp(a->text, b->text, shared);
      return order < 0 || (order == 0 && a->length < b->length);
    }
    case GL_KEY_OTHER:
      return a->order < b->order;
    default:
      return a->integer < b->integer;
  }
}

static int compare(const void *a, const void *b) {
  return gl_key_before(a, b) ? -1 : gl_key_before(b, a) ? 1 : 0;
}

static void read_key(lua_State *L, int index, gl_key *key) {
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key->class_ = GL_KEY_NUMBER;
      key->is_float = !lua_isinteger(L, index);
      key->number = lua_tonumber(L, index);
      key->integer = key->is_float ? 0 : lua_tointeger(L, index);
      break;
    case LUA_TSTRING:
      key->class_ = GL_KEY_STRING;
      key->text = lua_tolstring(L, index, &key->length);
      break;
    case LUA_TBOOLEAN:
      key->class_ = GL_KEY_BOOLEAN;
      key->integer = lua_toboolean(L, index);
      break;
    case LUA_TLIGHTUSERDATA:
      key->class_ = GL_KEY_MARK;
      key->integer = lua_touserdata(L, index) == &gl_null ? 0 : 1;
      break;
    default:
      key->integer = (lua_Integer)gl_client_id(L, index);
      key->class_ = key->integer != 0 ? GL_KEY_CLIENT : GL_KEY_OTHER;
  }
}

static void refuse_others(lua_State *L) {
  luaL_error(L, "this table has tables or functions as keys, which have no order. Use names or ids as keys.");
}

// Pushes a list of the table's keys.
void gl_keys_of(lua_State *L, int table) {
  luaL_checkstack(L, 6, NULL);
  lua_createtable(L, (int)lua_rawlen(L, table), 0);
  int keys = lua_gettop(L);
  lua_Integer n = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, ++n);
    if ((n & 63) == 0) gl_charge(L, 64);
  }
}

// Sorts the list of keys on top of the stack, in place or by a new one.
void gl_sort_keys(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 4, NULL);
  int keys = lua_gettop(L);
  size_t n = lua_rawlen(L, keys), first = e->key_count;
  bool sorted = true;
  int others = 0;
  for (size_t i = 0; i < n; i++) {
    gl_key *key = gl_push_key(L, e);
    lua_rawgeti(L, keys, (lua_Integer)i + 1);
    read_key(L, -1, key);
    key->order = (uint32_t)i;
    lua_pop(L, 1);
    if (key->class_ == GL_KEY_OTHER && ++others > 1) refuse_others(L);
    if (i > 0 && gl_key_before(key, key - 1)) sorted = false;
  }
  if (sorted) {
    e->key_count = first;
    return;
  }
  gl_charge(L, n * 4);
  qsort(e->keys + first, n, sizeof *e->keys, compare);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, keys, (lua_Integer)e->keys[first + i].order + 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  e->key_count = first;
  lua_replace(L, keys);
}

// pairs' iterator: upvalues are the keys, how many were visited, and the table or message, since a script may call
// the iterator with anything. A key whose value is gone is passed over.
static int next_pair(lua_State *L) {
  int subject = lua_upvalueindex(3);
  lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
  bool is_message = lua_type(L, subject) == LUA_TUSERDATA;
  for (;;) {
    lua_settop(L, 0);
    if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    int type = is_message ? lua_gettable(L, subject) : lua_rawget(L, subject);
    if (type != LUA_TNIL) break;
    gl_charge(L, 1);
  }
  lua_pushinteger(L, i);
  lua_replace(L, lua_upvalueindex(2));
  return 2;
}

int gl_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (gl_is_message(L, 1)) {
    lua_settop(L, 1);
    gl_message_keys(L, 1);
  } else if (gl_unwrap(L, 1)) {
    lua_settop(L, 1);
    gl_keys_of(L, 1);
  } else if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  } else {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    gl_complete(L, 1);
    gl_keys_of(L, 1);
  }
  gl_sort_keys(L);
  lua_pushinteger(L, 0);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, next_pair, 3);
  return 1;
}

// The next key in order: one pass over the table, unless the key is of the rest, which keeps Lua's own order.
int gl_next(lua_State *L) {
  gl_unwrap(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  gl_complete(L, 1);
  lua_settop(L, 2);
  gl_key key = {0}, best = {0}, other;
  bool has_key = !lua_isnil(L, 2), found = false;
  if (has_key) read_key(L, 2, &key);
  lua_pushnil(L);  // 3: the best key
  lua_pushnil(L);
  uint64_t visited = 0, others = 0;
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    visited++;
    memset(&other, 0, sizeof other);
    read_key(L, -1, &other);
    if (other.class_ == GL_KEY_OTHER) others++;
    if (has_key && !gl_key_before(&key, &other)) continue;
    if (found && !gl_key_before(&other, &best)) continue;
    best = other;
    found = true;
    lua_copy(L, -1, 3);
  }
  gl_charge(L, visited);
  if (others > 1 && (key.class_ == GL_KEY_OTHER || (found && best.class_ == GL_KEY_OTHER))) refuse_others(L);
  lua_settop(L, 3);
  if (!found) return 1;
  lua_pushvalue(L, 3);
  lua_rawget(L, 1);
  return 2;
}
