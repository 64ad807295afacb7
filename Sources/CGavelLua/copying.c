// What a script puts into a state is copied in: plain data becomes nodes of the engine's own.
#include "engine.h"
#include "json.h"
#include "message.h"
#include "state.h"

// The table, at a stack index, that takes what is copied, and how far below the root it is.
typedef struct {
  int table;
  uint32_t depth;
} destination;

static int refuse_value(lua_State *L, int index, int table, const gl_key_chain *chain) {
  size_t length;
  const char *what = NULL, *instead = "It holds texts, numbers, booleans and tables of them.";
  if (gl_client_id(L, index) != 0) {
    what = "a client";
    instead = "Keep client.id and use room:client(id).";
  } else if (lua_type(L, index) == LUA_TFUNCTION) {
    what = "a function";
  } else if (lua_type(L, index) == LUA_TTABLE) {
    what = "a table with a metatable";
  }
  gl_push_path(L, table, chain);
  const char *path = lua_tostring(L, -1);
  if (what == NULL) what = lua_pushfstring(L, "a %s", gl_push_text(L, index, &length));
  return luaL_error(L, "%s cannot hold %s. %s", path, what, instead);
}

void gl_check_key(lua_State *L, int index, int table, const gl_key_chain *up) {
  if (lua_type(L, index) == LUA_TSTRING || lua_isinteger(L, index)) return;
  lua_Integer whole;
  if (lua_type(L, index) == LUA_TNUMBER && lua_numbertointeger(lua_tonumber(L, index), &whole)
      && (lua_Number)whole == lua_tonumber(L, index)) {
    return;
  }
  bool is_number = lua_type(L, index) == LUA_TNUMBER;
  const char *what = is_number ? "number with a fraction" : luaL_typename(L, index);
  gl_push_path(L, table, up);
  luaL_error(L, "a key of %s is a %s. Keys are texts or whole numbers.", lua_tostring(L, -1), what);
}

void gl_push_node(lua_State *L, int array, int hash, uint32_t depth) {
  gl_state_node *node = lua_newuserdatauv(L, sizeof *node, 1);
  *node = (gl_state_node){.is = GL_IS_STATE, .depth = depth, .born = gl_engine_of(L)->serial};
  lua_createtable(L, array, hash);
  lua_setiuservalue(L, -2, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_NODE_META);
  lua_setmetatable(L, -2);
}

static void copy_in(lua_State *L, int index, const destination *to, const gl_key_chain *chain, int depth);

// Pushes a node with copies of what stands in the table at `source`.
static void copy_table(lua_State *L, int source, const destination *to, const gl_key_chain *chain, int depth) {
  luaL_checkstack(L, 12, NULL);
  if (depth > GL_DEEPEST_STATE) {
    gl_push_path(L, to->table, chain);
    luaL_error(L, "%s is nested deeper than %d levels, or contains itself.", lua_tostring(L, -1), GL_DEEPEST_STATE);
  }
  if (to->depth + (uint32_t)depth > GL_DEEPEST_NODE) {
    luaL_error(L, "the state is nested deeper than %d levels. Keep a list of parts instead of one in another.",
               GL_DEEPEST_NODE);
  }
  bool is_object = gl_is_marked_object(L, source);
  if (!is_object && lua_getmetatable(L, source)) refuse_value(L, source, to->table, chain);
  lua_Integer length = (lua_Integer)lua_rawlen(L, source);
  gl_push_node(L, (int)(length < 1 << 20 ? length : 0), 0, to->depth + (uint32_t)depth);
  lua_getiuservalue(L, -1, 1);
  int target = lua_gettop(L);
  if (is_object) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
    lua_setmetatable(L, target);
  }
  lua_pushnil(L);
  while (lua_next(L, source)) {
    int key = target + 1;
    gl_charge(L, 2);
    gl_check_key(L, key, to->table, chain);
    copy_in(L, key + 1, to, &(gl_key_chain){.up = chain, .key = key}, depth + 1);
    lua_pushvalue(L, key);
    lua_insert(L, key + 1);
    lua_rawset(L, target);
  }
  lua_settop(L, target - 1);
}

// A message as a plain table, in its place.
static void unpack_message(lua_State *L, int index) {
  gl_message_keys(L, index);
  int keys = lua_gettop(L);
  lua_newtable(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, keys);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, keys, i);
    lua_pushvalue(L, -1);
    lua_gettable(L, index);
    lua_rawset(L, keys + 1);
  }
  lua_replace(L, index);
  lua_settop(L, keys - 1);
}

// Replaces the value at the absolute stack index by what the state keeps of it: itself, or a node with a copy.
static void copy_in(lua_State *L, int index, const destination *to, const gl_key_chain *chain, int depth) {
  switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
      return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, index) == &gl_null) return;
      break;
    case LUA_TUSERDATA:
      luaL_checkstack(L, 8, NULL);
      if (gl_is_message(L, index)) {
        unpack_message(L, index);
      } else if (!gl_unwrap(L, index)) {
        break;
      }
      copy_table(L, index, to, chain, depth);
      lua_replace(L, index);
      return;
    case LUA_TTABLE:
      copy_table(L, index, to, chain, depth);
      lua_replace(L, index);
      return;
    default:
      break;
  }
  refuse_value(L, index, to->table, chain);
}

void gl_copy_in(lua_State *L, int index, int table, uint32_t depth, int key) {
  copy_in(L, index, &(destination){.table = table, .depth = depth}, &(gl_key_chain){.key = key}, 1);
}
