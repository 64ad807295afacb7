// What rules keep of a room, in bytes that outlive the engine: whole copies, and the changes that calls made since.
//
// All numbers are varints (seven bits a byte, the low ones first, the high bit set on all but the last), signed ones
// with the sign in the lowest bit (0, -1, 1, -2 …), unless it says otherwise here. The first byte tells what follows,
// and which version of this format it is in.
//
//   copy     0x41  signed: uptime in ms  chance  roots  number: what the next new table gets
//   change   0x01  byte: flags  signed: uptime in ms  number: what its first new table gets
//                  [1: 32 bytes, the state of math.random]  [2: number, how many ids were made]
//                  [4: 32 bytes, the secret of the ids]     [8: signed, ms by which all timers are moved first]
//                  writes: (number: the table's + 1, or 1 for the root; key; value)…, number: 0
//   chance   32 bytes: the state of math.random, four words of 64 bits, the low byte first
//            number: how many ids were made    32 bytes: the secret of the ids
//   roots    number: how many; of each, upward: signed: its key; its table
//   key      a value that is a text or an integer
//   value    0x00 nothing (of a write: the key goes)   0x01 false   0x02 true   0x03 gavel.null
//            0x04 integer: signed      0x05 float: 8 bytes, IEEE 754, the low byte first
//            0x06 text: number of bytes, bytes
//            0x07 a new table, 0x08 one that is a JSON object even when empty:
//                 [in a copy: number: its own]  number: how many elements 1, 2, 3 …; these
//                 number: of its other keys; key and value of each, integers upward, then texts by their bytes
//            0x09 a table that is there already: number. It moved within its list.
//            0x80 … 0xFF: an integer from 0 to 127
//
// A call's changes name the tables that it wrote by their numbers, which each table gets when changes or a copy see
// it first, and keeps. New tables of a change are numbered upward in the order in which they stand there. The root has
// the states under its keys, as in GL_SLOT_ROOT. In a new engine the timers' table is 1 and room.state's is 2.
//
// A change may be followed by another. Times of timers are of the clock of the uptime that stands in front of them;
// where an engine goes on by another clock, its next change moves them.
#ifndef GAVEL_LUA_KEPT_H
#define GAVEL_LUA_KEPT_H

#include "engine.h"

enum { GL_KEPT_COPY = 0x41, GL_KEPT_CHANGE = 0x01 };

enum { GL_CHANGES_RANDOM = 1, GL_CHANGES_IDS = 2, GL_CHANGES_SECRET = 4, GL_MOVES_TIMERS = 8 };

enum {
  GL_TAG_NOTHING = 0,
  GL_TAG_FALSE,
  GL_TAG_TRUE,
  GL_TAG_NULL,
  GL_TAG_INTEGER,
  GL_TAG_FLOAT,
  GL_TAG_TEXT,
  GL_TAG_TABLE,
  GL_TAG_OBJECT,
  GL_TAG_MOVED,
  GL_TAG_SMALL = 0x80,
};

enum { GL_NUMBER_BYTES = 10, GL_RANDOM_BYTES = 32, GL_SECRET_BYTES = 32, GL_TIMERS_NUMBER = 1, GL_STATE_NUMBER = 2 };

// Of a table that changes do not know and never will: a hook that was undone made it.
#define GL_NO_NUMBER UINT64_MAX

// Bytes on their way out. Without memory it only notes that.
typedef struct {
  gl_engine *engine;
  gl_buffer *bytes;
  bool is_copy;
  int64_t uptime_ms;  // of a copy
  bool has_failed;
} gl_writer;

// writing.c
void gl_write_bytes(gl_writer *w, const void *bytes, size_t length);
void gl_write_number(gl_writer *w, uint64_t value);
void gl_write_signed(gl_writer *w, int64_t value);
void gl_write_byte(gl_writer *w, uint8_t value);
// The value at the stack index. False: it is a table that has no number yet, and nothing was written.
bool gl_write_plain(lua_State *L, gl_writer *w, int index);
// Any value; raises where Lua has no memory.
void gl_write_value(lua_State *L, gl_writer *w, int index);
void gl_write_chance(gl_writer *w, uint32_t parts);
// Runs the body, which may raise, with `data` as its argument, outside of any budget and beyond the room's memory.
bool gl_run_unbounded(gl_engine *e, lua_CFunction body, void *data);

// changes.c
// The start of a change: writes follow, each of a table's number and then key and value, and then the end.
gl_writer gl_begin_change(gl_engine *e, uint32_t flags, int64_t moved_ms);
void gl_write_target(gl_writer *w, uint64_t number);
void gl_end_change(gl_writer *w);
// Notes the number of the table of the journal's next entry.
void gl_note_written(lua_State *L, uint64_t number);
// What a hook changed, before its journal is forgotten or undone.
void gl_record_hook(gl_engine *e, bool is_kept);
// Of an integer that is set outside of a hook.
void gl_record_integer(gl_engine *e, uint64_t number, lua_Integer key, lua_Integer value);
void gl_record_leave(gl_engine *e, uint64_t client);
// Lets go of changes that were taken.
void gl_forget_changes(gl_engine *e);

#endif
