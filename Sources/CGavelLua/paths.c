// Where in a state something stands, as a designer writes it: for errors only, so it is searched and not kept.
#include "engine.h"
#include "state.h"

static const char *root_name(lua_Integer key) {
  switch (key) {
    case GL_ROOT_STATE: return "room.state";
    case GL_ROOT_PARAMS: return "room.params";
    case GL_ROOT_TIMERS: return "timers";
    default: return "client.data";
  }
}

static void add_key(lua_State *L, int key) {
  key = lua_absindex(L, key);
  if (lua_isinteger(L, key)) {
    lua_pushfstring(L, "[%I]", (LUAI_UACINT)lua_tointeger(L, key));
  } else {
    lua_pushfstring(L, ".%s", lua_type(L, key) == LUA_TSTRING ? lua_tostring(L, key) : luaL_typename(L, key));
  }
  lua_concat(L, 2);
}

// Looks for the table below the node on top of the stack, whose path is below it, and leaves the path of what it found
// in its place; each table stands in one place only.
static bool find_table(lua_State *L, const void *table, int depth) {
  luaL_checkstack(L, 8, NULL);
  int path = lua_gettop(L) - 1;
  lua_getiuservalue(L, -1, 1);
  bool found = lua_topointer(L, -1) == table;
  lua_pushnil(L);
  while (!found && depth > 0 && lua_next(L, path + 2)) {
    gl_charge(L, 1);
    if (gl_is_state(L, -1)) {
      lua_pushvalue(L, path);
      add_key(L, -3);
      lua_pushvalue(L, -2);
      found = find_table(L, table, depth - 1);
      if (found) lua_replace(L, path);
    }
    if (!found) lua_settop(L, path + 3);
  }
  lua_settop(L, found ? path : path - 1);
  return found;
}

// Pushes where the table, a node's or the root, is reached by a script.
static void push_place(lua_State *L, int table) {
  const void *wanted = lua_topointer(L, table);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  if (lua_topointer(L, root) == wanted) {
    lua_pushliteral(L, "");
    lua_replace(L, root);
    return;
  }
  lua_pushnil(L);
  while (lua_next(L, root)) {
    if (!gl_is_state(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    lua_pushstring(L, root_name(lua_tointeger(L, -2)));
    lua_insert(L, -2);
    if (find_table(L, wanted, GL_DEEPEST_STATE)) {
      lua_replace(L, root);
      lua_settop(L, root);
      return;
    }
  }
  lua_settop(L, root);
  lua_pushliteral(L, "the state");
  lua_replace(L, root);
}

void gl_push_path(lua_State *L, int table, const gl_key_chain *chain) {
  luaL_checkstack(L, 8, NULL);
  if (chain == NULL) {
    push_place(L, table);
    return;
  }
  gl_push_path(L, table, chain->up);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  bool is_root = chain->up == NULL && lua_rawequal(L, -1, table);
  lua_pop(L, 1);
  if (is_root) {
    lua_pushstring(L, root_name(lua_tointeger(L, chain->key)));
    lua_replace(L, -2);
  } else {
    add_key(L, chain->key);
  }
}
