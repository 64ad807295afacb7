// Files of tests: what they may use. Not for other targets.
#ifndef GAVEL_LUA_TESTS_H
#define GAVEL_LUA_TESTS_H

#include "engine.h"

#include <CGavelLuaTests.h>

// gavel, t, a client and a room as tests have them; by GL_OF_GAVEL ..., ends with NULL.
extern const gl_member *const gl_test_gavel_members[], *const gl_test_members[], *const gl_test_client_members[],
    *const gl_test_room_members[];
// What the second argument of gavel.test may have.
extern const gl_member gl_test_settings[];

// What stands for any value, and for none, in what a test expects.
extern char gl_anything, gl_absent;

// test_values.c
// Pushes a copy of what the room of the other engine keeps: room.state, or a client's data; nil where there is none.
void gl_push_kept(lua_State *L, const gl_engine *of, uint64_t client);
// Puts the arguments from the stack index on into the engine's scratch memory, and the clients among them into the call.
void gl_encode_arguments(lua_State *L, int first, gl_test_call *call);

// Writes gavel.any or gavel.absent as the host knows it; false: the value is neither.
bool gl_encode_mark(lua_State *L, gl_buffer *b, const void *value);

// A userdata that stands for something of the host's.
typedef struct {
  gl_kind is;
  int32_t of;
  int64_t number;
} gl_test_object;

#endif
