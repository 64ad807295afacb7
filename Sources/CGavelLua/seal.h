// Tables that scripts may read and not write.
#ifndef GAVEL_LUA_SEAL_H
#define GAVEL_LUA_SEAL_H

#include "engine.h"

// Puts a table that refuses writes, by `write` or with an error of its own, in the place of the one on top.
void gl_seal(lua_State *L, lua_CFunction write);
// Puts what it stands for in the place of a sealed table; false: the value at the stack index (above 0) is none.
bool gl_unseal(lua_State *L, int index);
// Raises where the table is sealed.
void gl_check_open(lua_State *L, int index);

#endif
