// What rules kept of a room, on its way into a new engine. Its bytes come from outside, so nothing in them is believed.
#ifndef GAVEL_LUA_READING_H
#define GAVEL_LUA_READING_H

#include "kept.h"
#include "state.h"

// Bytes on their way in, and the tables found so far.
typedef struct {
  const uint8_t *bytes, *next, *end;
  const char *what;      // these bytes are: "the copy", "change"
  size_t index;          // of several, counted from 1; 0: there is one
  int tables;            // stack index: number >> TABLE_BITS -> the rest of it -> node
  uint64_t made, alive;  // tables since the last sweep, and what that left
  uint64_t walk;         // the mark of the last one
  int64_t uptime_ms;     // of the last of the copy and the changes
  bool has_uptime;
} gl_reader;

// reading.c
// Raises: what is wrong, and where.
int gl_refuse_bytes(lua_State *L, const gl_reader *r, const char *text);
uint8_t gl_take_byte(lua_State *L, gl_reader *r);
uint64_t gl_take_number(lua_State *L, gl_reader *r);
int64_t gl_take_signed(lua_State *L, gl_reader *r);
void gl_take_chance(lua_State *L, gl_reader *r, uint32_t parts);
// Pushes the key that comes next.
void gl_take_key(lua_State *L, gl_reader *r);
// Pushes the value that comes next; a table in it stands so deep. is_copy: its tables tell their numbers.
void gl_take_value(lua_State *L, gl_reader *r, uint32_t depth, bool is_copy);
// Pushes the table of that number; false: there is none, and nothing is pushed.
bool gl_push_numbered(lua_State *L, const gl_reader *r, uint64_t number);
// Makes the node on top of the stack known by its number.
void gl_keep_numbered(lua_State *L, gl_reader *r);
// Forgets tables that are no longer in the state. Raises where one stands in two places.
void gl_sweep_tables(lua_State *L, gl_reader *r);

// timers.c
// Moves all timers that are due some time by so many milliseconds. Raises where that is no time.
void gl_move_timers(lua_State *L, gl_reader *r, int64_t ms);
// Raises where the timers are none. Those whose function the rules do not have are to wait, which the change says.
void gl_check_timers(lua_State *L, gl_reader *r, gl_writer *w);

#endif
