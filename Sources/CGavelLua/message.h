// What message.c and splice.c share.
#ifndef GAVEL_LUA_MESSAGE_H
#define GAVEL_LUA_MESSAGE_H

#include "engine.h"

// An overlay's value for a field that was set to nil.
extern char gl_removed;

// Fields that are never the script's: the stamp, and of a join what belongs to its session.
bool gl_is_hidden(const gl_engine *e, const char *name, size_t length);

// Whether the current message may hold fields that are hidden.
static inline bool gl_has_hidden(const gl_engine *e) { return e->message->envelope->stamped || e->is_join; }

// The token of a field's value, of the last one where it is repeated; 0: there is none.
uint32_t gl_find_sent(lua_State *L, const gl_message *m, const char *name, size_t length);

// Pushes the value of a field of the current message as its schema says: null is nil where the field may be left out.
void gl_push_sent(lua_State *L, const char *name, size_t length, uint32_t token);

#endif
