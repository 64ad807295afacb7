// Values as people read them. Not for other targets.
#ifndef GAVEL_LUA_SHOW_H
#define GAVEL_LUA_SHOW_H

#include "kept.h"

// Writes all values from the stack index `first` up, as Lua would have them, about `most` bytes of them. Charges.
void gl_show_values(lua_State *L, gl_buffer *b, int first, size_t most);

#endif
