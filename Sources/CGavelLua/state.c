// room.state and client.data: trees of plain data that the engine owns. A script holds nodes, each a userdata over a
// table that it cannot reach; what it puts in is copied, and each write to a node older than the hook is noted in a
// journal, from which the hook is undone.
#include "engine.h"
#include "json.h"
#include "message.h"
#include "state.h"

#include <stdio.h>
#include <string.h>

enum { KEPT_ENTRIES = 8 };

typedef struct {
  gl_kind is;
  uint64_t born;  // the hook that made it, whose writes to it need no journal
} state_node;

// The birth of what is never written.
#define FIXED UINT64_MAX

static char absent;  // a journal's old value for a key that was not there

bool gl_is_state(lua_State *L, int index) { return gl_to(L, index, GL_IS_STATE) != NULL; }

bool gl_unwrap(lua_State *L, int index) {
  if (!gl_is_state(L, index)) return false;
  index = lua_absindex(L, index);
  lua_getiuservalue(L, index, 1);
  lua_replace(L, index);
  return true;
}

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

static void check_key(lua_State *L, int index, int table, const gl_key_chain *up) {
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

// Copying in.

static void push_node(lua_State *L, int array, int hash) {
  state_node *node = lua_newuserdatauv(L, sizeof *node, 1);
  node->is = GL_IS_STATE;
  node->born = gl_engine_of(L)->serial;
  lua_createtable(L, array, hash);
  lua_setiuservalue(L, -2, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_NODE_META);
  lua_setmetatable(L, -2);
}

static void copy_in(lua_State *L, int index, int table, const gl_key_chain *chain, int depth);

// Pushes a node with copies of what stands in the table at `source`.
static void copy_table(lua_State *L, int source, int table, const gl_key_chain *chain, int depth) {
  luaL_checkstack(L, 12, NULL);
  if (depth > GL_DEEPEST_STATE) {
    gl_push_path(L, table, chain);
    luaL_error(L, "%s is nested deeper than %d levels, or contains itself.", lua_tostring(L, -1), GL_DEEPEST_STATE);
  }
  bool is_object = gl_is_marked_object(L, source);
  if (!is_object && lua_getmetatable(L, source)) refuse_value(L, source, table, chain);
  lua_Integer length = (lua_Integer)lua_rawlen(L, source);
  push_node(L, (int)(length < 1 << 20 ? length : 0), 0);
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
    check_key(L, key, table, chain);
    copy_in(L, key + 1, table, &(gl_key_chain){.up = chain, .key = key}, depth + 1);
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
static void copy_in(lua_State *L, int index, int table, const gl_key_chain *chain, int depth) {
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
      copy_table(L, index, table, chain, depth);
      lua_replace(L, index);
      return;
    case LUA_TTABLE:
      copy_table(L, index, table, chain, depth);
      lua_replace(L, index);
      return;
    default:
      break;
  }
  refuse_value(L, index, table, chain);
}

// Writing.

static void check_writable(lua_State *L, int node) {
  const gl_engine *e = gl_engine_of(L);
  const state_node *owner = node == 0 ? NULL : lua_touserdata(L, node);
  if (owner != NULL && owner->born == FIXED) luaL_error(L, "room.params cannot be changed: they stand in config.toml.");
  if (e->phase != GL_PHASE_HOOK) luaL_error(L, "the state is written by a hook only.");
  if (e->is_read_only) luaL_error(L, "a snapshot changes nothing: it only tells what a client may see.");
}

// Notes what stands under the key, so that it can be put back.
static void note(lua_State *L, int table, int key) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 6, NULL);
  if (e->journal_count == 0) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
    bool is_made = lua_istable(L, -1);
    lua_pop(L, 1);
    if (!is_made) {
      lua_createtable(L, 12, 0);
      lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
    }
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  lua_Integer at = 3 * (lua_Integer)e->journal_count;
  lua_pushvalue(L, table);
  lua_rawseti(L, -2, at + 1);
  lua_pushvalue(L, key);
  lua_rawseti(L, -2, at + 2);
  lua_pushvalue(L, key);
  if (lua_rawget(L, table) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushlightuserdata(L, &absent);
  }
  lua_rawseti(L, -2, at + 3);
  lua_pop(L, 1);
  e->journal_count++;
}

void gl_state_put(lua_State *L, int node, int table, int key) {
  check_writable(L, node);
  const state_node *owner = node == 0 ? NULL : lua_touserdata(L, node);
  gl_charge(L, 2);
  if (owner == NULL || owner->born != gl_engine_of(L)->serial) note(L, table, key);
  lua_pushvalue(L, key);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

void gl_state_set(lua_State *L, int node, int table, int key) {
  int value = lua_gettop(L);
  check_key(L, key, table, NULL);
  copy_in(L, value, table, &(gl_key_chain){.key = key}, 1);
  gl_state_put(L, node, table, key);
}

void gl_root_set(lua_State *L, lua_Integer key) {
  if (!lua_istable(L, -1) && !gl_is_state(L, -1)) {
    luaL_error(L, "%s is a table", key == GL_ROOT_STATE ? "room.state" : "client.data");
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  lua_pushinteger(L, key);
  lua_pushvalue(L, -3);
  gl_state_set(L, 0, lua_gettop(L) - 2, lua_gettop(L) - 1);
  lua_pop(L, 3);
}

void gl_push_root(lua_State *L, lua_Integer key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  lua_rawgeti(L, -1, key);
  lua_replace(L, -2);
}

void gl_root_open(lua_State *L, lua_Integer key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  push_node(L, 0, 0);
  lua_rawseti(L, -2, key);
  lua_pop(L, 1);
}

// Its inner tables are nodes of their own, and fixed too.
static void fix(lua_State *L, int index) {
  luaL_checkstack(L, 4, NULL);
  ((state_node *)lua_touserdata(L, index))->born = FIXED;
  lua_getiuservalue(L, index, 1);
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    if (gl_is_state(L, -1)) fix(L, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void gl_root_fix(lua_State *L, lua_Integer key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  lua_pushinteger(L, key);
  lua_pushvalue(L, -3);
  copy_in(L, root + 2, root, &(gl_key_chain){.key = root + 1}, 1);
  fix(L, root + 2);
  lua_rawset(L, root);
  lua_pop(L, 2);
}

void gl_root_close(lua_State *L, lua_Integer key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  lua_pushnil(L);
  lua_rawseti(L, -2, key);
  lua_pop(L, 1);
}

// The end of a hook.

static int undo(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  while (e->journal_count > 0) {
    lua_Integer at = 3 * (lua_Integer)(e->journal_count - 1);
    lua_rawgeti(L, 1, at + 1);
    lua_rawgeti(L, 1, at + 2);
    lua_rawgeti(L, 1, at + 3);
    if (lua_touserdata(L, -1) == &absent) {
      lua_pop(L, 1);
      lua_pushnil(L);
    }
    lua_rawset(L, -3);
    lua_pop(L, 1);
    e->journal_count--;
  }
  return 0;
}

// Lets go of what the journal holds. Existing slots are written with nil, which neither allocates nor raises.
static void forget_journal(gl_engine *e, uint32_t count) {
  lua_State *L = e->L;
  if (count > KEPT_ENTRIES) {
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
    return;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  for (lua_Integer i = 3 * (lua_Integer)count; i > 0; i--) {
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  lua_settop(L, 0);
}

bool gl_end_state(gl_engine *e, bool keeps) {
  uint32_t count = e->journal_count;
  if (count == 0) return true;
  bool undone = true;
  if (!keeps) {
    lua_State *L = e->L;
    int phase = e->phase;
    e->phase = GL_PHASE_UNDO;
    lua_settop(L, 0);
    lua_pushcfunction(L, undo);
    undone = lua_pcall(L, 0, 0, 0) == LUA_OK;
    lua_settop(L, 0);
    e->phase = phase;
  }
  e->journal_count = 0;
  forget_journal(e, count);
  return undone;
}

// Metamethods.

static int read_field(lua_State *L) {
  if (!gl_unwrap(L, 1)) return luaL_error(L, "this is no state");
  lua_settop(L, 2);
  lua_rawget(L, 1);
  return 1;
}

static int write_field(lua_State *L) {
  lua_settop(L, 3);
  if (!gl_is_state(L, 1)) return luaL_error(L, "this is no state");
  lua_getiuservalue(L, 1, 1);
  lua_pushvalue(L, 3);
  gl_state_set(L, 1, 4, 2);
  return 0;
}

static int length(lua_State *L) {
  if (!gl_unwrap(L, 1)) return luaL_error(L, "this is no state");
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
  return 1;
}

void gl_open_state(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"__index", read_field}, {"__newindex", write_field}, {"__len", length}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "table");
  lua_setfield(L, -2, "__name");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_NODE_META);
  lua_pushnil(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  gl_root_open(L, GL_ROOT_STATE);
  gl_root_open(L, GL_ROOT_TIMERS);
}
