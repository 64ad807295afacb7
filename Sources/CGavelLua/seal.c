// Tables that scripts may read and not write, so that nothing they leave there outlives a hook: an empty table stands in
// front of each, through which it is read.
#include "seal.h"

static int refuse(lua_State *L) {
  return luaL_error(L, "what Lua and the relay offer cannot be changed. Write a local, or room.state if it must last.");
}

void gl_seal(lua_State *L, lua_CFunction write) {
  int inner = lua_gettop(L);
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, inner);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, write == NULL ? refuse : write);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, inner);
}

bool gl_unseal(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  int top = lua_gettop(L);
  lua_pushliteral(L, "__metatable");
  bool is_protected = lua_rawget(L, top) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
  lua_pushliteral(L, "__newindex");
  bool is_sealed = lua_rawget(L, top) == LUA_TFUNCTION && is_protected;
  lua_pushliteral(L, "__index");
  if (lua_rawget(L, top) == LUA_TTABLE && is_sealed) lua_replace(L, index);
  lua_settop(L, top - 1);
  return is_sealed;
}

void gl_check_open(lua_State *L, int index) {
  lua_pushvalue(L, index);
  if (gl_unseal(L, lua_gettop(L))) refuse(L);
  lua_pop(L, 1);
}
