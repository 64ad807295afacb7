// Messages of class latest.
#ifndef GAVEL_LUA_LATEST_H
#define GAVEL_LUA_LATEST_H

#include "engine.h"

// Says in the outcome what a message of class latest, which the call relays, is the newest of.
void gl_mark_latest(gl_engine *e, const gl_type *type, const gl_message *message, gl_outcome *outcome);

#endif
