// The files that rules are made of.
#ifndef GAVEL_LUA_MODULES_H
#define GAVEL_LUA_MODULES_H

#include "engine.h"

void gl_open_modules(lua_State *L);
int gl_require(lua_State *L);
// Runs the file of that number, and leaves what it returned on the stack.
void gl_run_file(lua_State *L, int32_t file);
// The number of the file of that name, or -1.
int32_t gl_find_file(const gl_engine *e, const char *name);

#endif
