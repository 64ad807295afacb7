// `msg`, for those who encode it, and what message.c and splice.c share.
#ifndef GAVEL_LUA_MESSAGE_H
#define GAVEL_LUA_MESSAGE_H

#include "engine.h"

// message.c
void gl_open_message(lua_State *L);
void gl_push_message(lua_State *L);
// Of a join: puts what another room sent along where the script reads it.
void gl_put_moved(lua_State *L);
void gl_end_message(lua_State *L);
bool gl_is_message(lua_State *L, int index);
// Raises where the message at the index is not that of the hook which runs.
void gl_check_message(lua_State *L, int index);
void gl_message_keys(lua_State *L, int index);
// The message's type, resolved into storage where it has escapes. NULL: it is longer than capacity.
const char *gl_message_type(const gl_message *message, char *storage, size_t capacity, size_t *length);

// splice.c: writes the message with its changes, without stamp, braces included. Returns whether it has changes; where
// it has none and only then is to be written, nothing is.
bool gl_write_message(lua_State *L, gl_buffer *b, int depth, bool if_changed);

// An overlay's value for a field that was set to nil.
extern char gl_removed;

// Fields that are never the script's: the stamp, and of a join what belongs to its session.
bool gl_is_hidden(const gl_engine *e, const char *name, size_t length);

// Their names.
const char *const *gl_hidden_names(const gl_engine *e, size_t *count);

// Whether the current message may hold fields that are hidden.
static inline bool gl_has_hidden(const gl_engine *e) { return e->message->envelope->stamped || e->is_join; }

// The token of a field's value, of the last one where it is repeated; 0: there is none.
uint32_t gl_find_sent(lua_State *L, const gl_message *m, const char *name, size_t length);

// Pushes the value of a field of the current message as its schema says: null is nil where the field may be left out.
void gl_push_sent(lua_State *L, const char *name, size_t length, uint32_t token);

#endif
