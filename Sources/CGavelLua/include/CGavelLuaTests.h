// Tests of rules: files in Lua that play against rooms. An engine that runs one has no room of its own; what a test
// asks for is passed to the host, which answers with a value or with what is wrong.
#ifndef CGAVELLUATESTS_H
#define CGAVELLUATESTS_H

#include "CGavelLua.h"

#ifdef __cplusplus
extern "C" {
#endif

// What has the function that a test calls, or the field that it reads.
enum {
  GL_OF_GAVEL = 0,   // gavel.test
  GL_OF_FILE = 1,    // what gavel.test returned, which is called with a name and a function
  GL_OF_TEST = 2,    // t
  GL_OF_CLIENT = 3,  // what t:join returned
  GL_OF_ROOM = 4,    // what t:room returned
};

enum { GL_TEST_ARGUMENTS = 8 };

typedef struct {
  int32_t of;
  int64_t number;    // of the client ..., as the host numbered it
  const char *name;
  bool is_field;
  const uint8_t *arguments;  // a JSON array; clients stand in it as null
  size_t length;
  int64_t clients[GL_TEST_ARGUMENTS];  // of each argument: the client's number, or 0
  int32_t count;
  char file[64];     // where the script is; empty: not known
  int32_t line;
} gl_test_call;

enum { GL_ANSWER_NOTHING = 0, GL_ANSWER_JSON, GL_ANSWER_OBJECT, GL_ANSWER_STATE, GL_ANSWER_FAILURE };

// bytes stay valid until the host is called again.
typedef struct {
  int32_t kind;
  const uint8_t *bytes;  // JSON, or the failure's first words
  size_t length;
  int32_t of;            // of an object
  int64_t number;
  const gl_engine *engine;  // of a state: the room's; NULL: nil
  uint64_t client;          // whose data; 0: room.state
} gl_test_answer;

// Called in the midst of a test. It may run other engines, not this one, and has returned before anything is raised.
typedef void (*gl_test_host)(void *context, const gl_test_call *call, gl_test_answer *answer);

// Runs a file of tests, the first of the sources, in a new engine, then the test of that number, counted from 1 in the
// order of the file; 0: none. False: gl_last_error says why. GL_ERROR_TEST: a call was answered with a failure.
enum { GL_ERROR_TEST = 7 };
bool gl_run_tests(gl_engine *engine, const gl_source *sources, size_t count, int32_t test, gl_test_host host,
                  void *context);

#ifdef __cplusplus
}
#endif
#endif
