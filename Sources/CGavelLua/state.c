// room.state and client.data: trees of plain data that the engine owns. A script holds nodes, each a userdata over a
// table that it cannot reach; what it puts in is copied, and each write to a node older than the hook is noted in a
// journal, from which the hook is undone.
#include "engine.h"
#include "kept.h"
#include "state.h"

#include <stdio.h>
#include <string.h>

enum { KEPT_ENTRIES = 8 };

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

static bool has_element(lua_State *L, int table, lua_Integer at) {
  bool has = lua_rawgeti(L, table, at) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

lua_Integer gl_length(lua_State *L, int table) {
  lua_Integer low = 0, high = 1;
  while (high <= LUA_MAXINTEGER / 2 && has_element(L, table, high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    lua_Integer middle = low + (high - low) / 2;
    if (has_element(L, table, middle)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// Writing.

static void check_writable(lua_State *L, int node) {
  const gl_engine *e = gl_engine_of(L);
  const gl_state_node *owner = node == 0 ? NULL : lua_touserdata(L, node);
  if (owner != NULL && owner->born == FIXED) luaL_error(L, "room.params cannot be changed: they stand in config.toml.");
  if (e->phase != GL_PHASE_HOOK) luaL_error(L, "the state is written by a hook only.");
  if (e->is_read_only) luaL_error(L, "a snapshot changes nothing: it only tells what a client may see.");
}

// Notes what stands under the key, so that it can be put back.
static void note(lua_State *L, const gl_state_node *owner, int table, int key) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 6, NULL);
  if (e->record.is_on) gl_note_written(L, owner == NULL ? 0 : owner->number == 0 ? GL_NO_NUMBER : owner->number);
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

// While a list is sorted, its elements are elsewhere: what an order function puts there would be in two places.
static void check_unsorted(lua_State *L, int table) {
  for (const gl_sorting *s = gl_engine_of(L)->sorting; s != NULL; s = s->up) {
    if (s->table == lua_topointer(L, table)) luaL_error(L, "a list cannot be changed by the function that sorts it.");
  }
}

void gl_state_put(lua_State *L, int node, int table, int key) {
  check_writable(L, node);
  check_unsorted(L, table);
  const gl_state_node *owner = node == 0 ? NULL : lua_touserdata(L, node);
  gl_charge(L, 2);
  if (owner == NULL || owner->born != gl_engine_of(L)->serial) note(L, owner, table, key);
  lua_pushvalue(L, key);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

void gl_state_copy(lua_State *L, int node, int table, int key) {
  const gl_state_node *owner = node == 0 ? NULL : lua_touserdata(L, node);
  gl_check_key(L, key, table, NULL);
  gl_copy_in(L, lua_gettop(L), table, owner == NULL ? 0 : owner->depth, key);
}

void gl_state_set(lua_State *L, int node, int table, int key) {
  gl_state_copy(L, node, table, key);
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
  gl_push_node(L, 0, 0, 1);
  lua_rawseti(L, -2, key);
  lua_pop(L, 1);
}

// Its inner tables are nodes of their own, and fixed too.
static void fix(lua_State *L, int index) {
  luaL_checkstack(L, 4, NULL);
  ((gl_state_node *)lua_touserdata(L, index))->born = FIXED;
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
  gl_copy_in(L, root + 2, root, 0, root + 1);
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
  lua_pushinteger(L, gl_length(L, 1));
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
  const struct {
    lua_Integer key;
    uint64_t number;
  } roots[] = {{GL_ROOT_TIMERS, GL_TIMERS_NUMBER}, {GL_ROOT_STATE, GL_STATE_NUMBER}};
  gl_engine_of(L)->record.next_number = GL_STATE_NUMBER + 1;
  for (int i = 0; i < 2; i++) {
    gl_root_open(L, roots[i].key);
    gl_push_root(L, roots[i].key);
    ((gl_state_node *)lua_touserdata(L, -1))->number = roots[i].number;
    lua_pop(L, 1);
  }
}
