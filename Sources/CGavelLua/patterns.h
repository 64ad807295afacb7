// The pattern matcher behind string.find, match, gmatch and gsub.
#ifndef GAVEL_LUA_PATTERNS_H
#define GAVEL_LUA_PATTERNS_H

#include "engine.h"

enum { GL_CAPTURES = 32, GL_CAPTURE_OPEN = -1, GL_CAPTURE_POSITION = -2 };

typedef struct {
  lua_State *L;
  const char *subject, *subject_end;
  const char *pattern_end;
  int depth;
  uint32_t free_steps;  // until the next charge
  int captures;
  struct {
    const char *start;
    ptrdiff_t length;
  } capture[GL_CAPTURES];
} gl_matcher;

void gl_matcher_init(gl_matcher *m, lua_State *L, const char *subject, size_t subject_length, const char *pattern,
                     size_t pattern_length);
// Where the match of the pattern from p on ends that begins at s, or NULL. Raises when the budget is spent or the
// pattern is malformed.
const char *gl_match_at(gl_matcher *m, const char *s, const char *p);
// Pushes capture i; the whole match where the pattern has no captures and i is 0.
void gl_push_capture(gl_matcher *m, int i, const char *s, const char *end);
// Pushes all captures, or the whole match; returns how many.
int gl_push_captures(gl_matcher *m, const char *s, const char *end);

#endif
