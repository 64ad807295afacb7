// Messages of class latest.
#ifndef GAVEL_LUA_LATEST_H
#define GAVEL_LUA_LATEST_H

#include "engine.h"

// Gives each type of class latest a number of its own that follows from its name, so that it is the same in another
// version of the rules.
void gl_tell_latest(lua_State *L);
// Says in the outcome what a message of class latest, which the call relays, is the newest of.
void gl_mark_latest(gl_engine *e, const gl_type *type, const gl_message *message, gl_outcome *outcome);

#endif
