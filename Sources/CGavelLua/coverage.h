// Which lines of the rules ran. Not for other targets.
#ifndef GAVEL_LUA_COVERAGE_H
#define GAVEL_LUA_COVERAGE_H

#include "engine.h"

// Finds the lines that can run. False: no memory.
bool gl_open_coverage(gl_engine *e, const gl_source *sources, size_t count);
// Counts the line that runs next.
void gl_cover(lua_State *L, lua_Debug *ar);
void gl_free_coverage(gl_coverage *coverage);

#endif
