// What rules keep and show of a room: room.state and client.data, timers, snapshots. Not for other targets.
#ifndef GAVEL_LUA_STATE_H
#define GAVEL_LUA_STATE_H

#include "engine.h"

// state.c
// How deep what is put into a state can be nested, and how deep a state.
enum { GL_ROOT_TIMERS = -2, GL_ROOT_PARAMS = -1, GL_ROOT_STATE = 0, GL_DEEPEST_STATE = 32, GL_DEEPEST_NODE = 100 };

// A table of a state: its userdata, whose first user value is the table itself.
typedef struct {
  gl_kind is;
  uint32_t depth;   // below the root
  uint64_t born;    // the hook that made it, whose writes to it need no journal
  uint64_t number;  // by which changes name it; 0: they have not seen it yet
} gl_state_node;

void gl_open_state(lua_State *L);
bool gl_is_state(lua_State *L, int index);
// Replaces a node at the index by its table, which must only be read; false: it is none.
bool gl_unwrap(lua_State *L, int index);
// Puts a copy of the value on top of the stack, which is taken, under the key into the node's table, as a script
// would; all are absolute stack indices. node 0: the root.
void gl_state_set(lua_State *L, int node, int table, int key);
// As gl_state_set, of a value that stands in the same state already.
void gl_state_put(lua_State *L, int node, int table, int key);
// As gl_state_set, without writing: replaces the value on top of the stack by its copy.
void gl_state_copy(lua_State *L, int node, int table, int key);
// The length of a list in a state, of one with gaps the same for the same contents. Lua's own depends on how the table
// came to be.
lua_Integer gl_length(lua_State *L, int table);
void gl_push_root(lua_State *L, lua_Integer key);
// Makes a state that cannot be written of the table on top of the stack, which is taken.
void gl_root_fix(lua_State *L, lua_Integer key);
// Sets a state to a copy of the table on top of the stack, which is taken.
void gl_root_set(lua_State *L, lua_Integer key);
// Gives a client an empty state, and takes it away: not undone with the hook.
void gl_root_open(lua_State *L, lua_Integer key);
void gl_root_close(lua_State *L, lua_Integer key);
// Ends the hook's journal, and undoes its writes unless it keeps them. False: they could not be undone.
bool gl_end_state(gl_engine *e, bool keeps);

void gl_find_next_timer(gl_engine *e);
// As a part of a hook: timers that wait, and for which the rules have a function, are due now.
void gl_release_timers(lua_State *L);

// copying.c
// The keys on the way down into a table that is being copied; key is a stack index.
typedef struct gl_key_chain {
  const struct gl_key_chain *up;
  int key;
} gl_key_chain;
void gl_push_node(lua_State *L, int array, int hash, uint32_t depth);
// Replaces the value at the absolute stack index by what a state keeps of it: itself, or a node with a copy. It goes
// under the key, a stack index, into the table of that depth.
void gl_copy_in(lua_State *L, int index, int table, uint32_t depth, int key);
// Raises unless the key at the index can stand in the table, or in the part of it at the end of the chain.
void gl_check_key(lua_State *L, int index, int table, const gl_key_chain *chain);

// snapshots.c
// Notes, before any other effect, that a newcomer or a returner is to see the room.
void gl_sync_newcomer(lua_State *L, uint64_t client);
// As the rest of a hook that failed: shows the room to the client all the same, as its one effect.
void gl_show_returner(gl_engine *e, uint64_t client);
// After a hook that ended well: turns what it asked to sync into what the rules show to each.
void gl_take_snapshots(gl_engine *e);

// paths.c
// Pushes the path to a table, a node's or the root, and on along the keys of the chain.
void gl_push_path(lua_State *L, int table, const gl_key_chain *chain);

#endif
