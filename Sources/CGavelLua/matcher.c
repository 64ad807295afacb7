// Lua patterns (Lua 5.4 manual, section 6.4.1), by backtracking, each step of which counts against the budget.
#include "patterns.h"

#include <ctype.h>
#include <string.h>

enum { DEEPEST = 180, STEPS = 64 };

void gl_matcher_init(gl_matcher *m, lua_State *L, const char *subject, size_t subject_length, const char *pattern,
                     size_t pattern_length) {
  m->L = L;
  m->subject = subject;
  m->subject_end = subject + subject_length;
  m->pattern_end = pattern + pattern_length;
  m->depth = 0;
  m->free_steps = STEPS;
  m->captures = 0;
}

static inline void step(gl_matcher *m) {
  if (--m->free_steps == 0) {
    m->free_steps = STEPS;
    gl_charge(m->L, STEPS);
  }
}

static bool in_class(int c, int letter) {
  bool is;
  switch (tolower(letter)) {
    case 'a': is = isalpha(c); break;
    case 'c': is = iscntrl(c); break;
    case 'd': is = isdigit(c); break;
    case 'g': is = isgraph(c); break;
    case 'l': is = islower(c); break;
    case 'p': is = ispunct(c); break;
    case 's': is = isspace(c); break;
    case 'u': is = isupper(c); break;
    case 'w': is = isalnum(c); break;
    case 'x': is = isxdigit(c); break;
    // Lua no longer documents it, and still has it.
    case 'z': is = c == 0; break;
    default: return letter == c;
  }
  return isupper(letter) ? !is : is;
}

// The end of the single-character item that begins at p.
static const char *item_end(gl_matcher *m, const char *p) {
  if (*p == '%') {
    if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  const char *start = p++;
  if (p < m->pattern_end && *p == '^') p++;
  do {  // a ']' in first place stands for itself
    if (p >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*p++ == '%') p++;
  } while (p >= m->pattern_end || *p != ']');
  if (p - start > STEPS) gl_charge(m->L, (uint64_t)(p - start) / 8);
  return p + 1;
}

// set: the '['; last: its ']'.
static bool in_set(int c, const char *set, const char *last) {
  bool listed = true;
  const char *p = set + 1;
  if (*p == '^') {
    listed = false;
    p++;
  }
  while (p < last) {
    if (*p == '%') {
      if (in_class(c, (unsigned char)p[1])) return listed;
      p += 2;
    } else if (p + 2 < last && p[1] == '-') {
      if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return listed;
      p += 3;
    } else {
      if ((unsigned char)*p == c) return listed;
      p++;
    }
  }
  return !listed;
}

static bool fits(gl_matcher *m, const char *s, const char *p, const char *end) {
  step(m);
  if (s >= m->subject_end) return false;
  int c = (unsigned char)*s;
  switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[':
      if (end - p > STEPS) gl_charge(m->L, (uint64_t)(end - p) / 8);
      return in_set(c, p, end - 1);
    default: return (unsigned char)*p == c;
  }
}

// %bxy
static const char *balanced_end(gl_matcher *m, const char *s, const char *p) {
  if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->subject_end || *s != p[0]) return NULL;
  size_t open = 1;
  for (s++; s < m->subject_end; s++) {
    step(m);
    if (*s == p[1]) {
      if (--open == 0) return s + 1;
    } else if (*s == p[0]) {
      open++;
    }
  }
  return NULL;
}

// %1 ... %9
static const char *repeated_end(gl_matcher *m, const char *s, char digit) {
  int i = digit - '1';
  if (i < 0 || i >= m->captures || m->capture[i].length == GL_CAPTURE_OPEN) {
    luaL_error(m->L, "invalid capture index %%%d", i + 1);
  }
  if (m->capture[i].length == GL_CAPTURE_POSITION) return NULL;
  size_t length = (size_t)m->capture[i].length;
  gl_charge(m->L, gl_bytes_cost(length));
  if ((size_t)(m->subject_end - s) < length || memcmp(m->capture[i].start, s, length) != 0) return NULL;
  return s + length;
}

static bool is_frontier(gl_matcher *m, const char *s, const char *set, const char *set_end) {
  step(m);
  if (set_end - set > STEPS) gl_charge(m->L, (uint64_t)(set_end - set) / 4);
  int before = s == m->subject ? 0 : (unsigned char)s[-1];
  int after = s == m->subject_end ? 0 : (unsigned char)*s;
  return !in_set(before, set, set_end - 1) && in_set(after, set, set_end - 1);
}

static const char *match_capture(gl_matcher *m, const char *s, const char *p) {
  if (m->captures >= GL_CAPTURES) luaL_error(m->L, "too many captures");
  bool is_position = p + 1 < m->pattern_end && p[1] == ')';
  m->capture[m->captures].start = s;
  m->capture[m->captures].length = is_position ? GL_CAPTURE_POSITION : GL_CAPTURE_OPEN;
  m->captures++;
  const char *end = gl_match_at(m, s, p + (is_position ? 2 : 1));
  if (end == NULL) m->captures--;
  return end;
}

static const char *match_capture_end(gl_matcher *m, const char *s, const char *p) {
  int i = m->captures - 1;
  while (i >= 0 && m->capture[i].length != GL_CAPTURE_OPEN) i--;
  if (i < 0) luaL_error(m->L, "invalid pattern capture");
  m->capture[i].length = s - m->capture[i].start;
  const char *end = gl_match_at(m, s, p + 1);
  if (end == NULL) m->capture[i].length = GL_CAPTURE_OPEN;
  return end;
}

// As many as there are, then one less at a time.
static const char *match_longest(gl_matcher *m, const char *s, const char *p, const char *end) {
  ptrdiff_t n = 0;
  while (fits(m, s + n, p, end)) n++;
  for (; n >= 0; n--) {
    const char *result = gl_match_at(m, s + n, end + 1);
    if (result != NULL) return result;
  }
  return NULL;
}

// None, then one more at a time.
static const char *match_shortest(gl_matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *result = gl_match_at(m, s, end + 1);
    if (result != NULL) return result;
    if (!fits(m, s, p, end)) return NULL;
  }
}

// The item at p, whose text is not a capture: advances s and p over it and answers true, or sets *result to what the
// rest of the pattern came to.
static bool match_item(gl_matcher *m, const char **s, const char **p, const char **result) {
  const char *end = item_end(m, *p);
  char suffix = end < m->pattern_end ? *end : 0;
  switch (suffix) {
    case '*':
      *result = match_longest(m, *s, *p, end);
      return false;
    case '+':
      *result = fits(m, *s, *p, end) ? match_longest(m, *s + 1, *p, end) : NULL;
      return false;
    case '-':
      *result = match_shortest(m, *s, *p, end);
      return false;
    case '?':
      if (fits(m, *s, *p, end)) {
        *result = gl_match_at(m, *s + 1, end + 1);
        if (*result != NULL) return false;
      }
      *p = end + 1;
      return true;
    default:
      *result = NULL;
      if (!fits(m, *s, *p, end)) return false;
      *s += 1;
      *p = end;
      return true;
  }
}

// What begins with % and is more than one character: as match_item. *taken: whether it was such an item.
static bool match_escape(gl_matcher *m, const char **s, const char **p, const char **result, bool *taken) {
  const char *rest = *p + 2;
  *taken = true;
  *result = NULL;
  if (rest > m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
  switch ((*p)[1]) {
    case 'b': {
      const char *end = balanced_end(m, *s, rest);
      if (end == NULL) return false;
      *s = end;
      *p = rest + 2;
      return true;
    }
    case 'f': {
      if (rest >= m->pattern_end || *rest != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
      const char *set_end = item_end(m, rest);
      if (!is_frontier(m, *s, rest, set_end)) return false;
      *p = set_end;
      return true;
    }
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9': {
      const char *end = repeated_end(m, *s, (*p)[1]);
      if (end == NULL) return false;
      *s = end;
      *p = rest;
      return true;
    }
    default:
      *taken = false;
      return true;
  }
}

const char *gl_match_at(gl_matcher *m, const char *s, const char *p) {
  if (++m->depth > DEEPEST) luaL_error(m->L, "pattern too complex");
  const char *result = NULL;
  for (;;) {
    step(m);
    if (p == m->pattern_end) {
      result = s;
      break;
    }
    if (*p == '(') {
      result = match_capture(m, s, p);
      break;
    }
    if (*p == ')') {
      result = match_capture_end(m, s, p);
      break;
    }
    if (*p == '$' && p + 1 == m->pattern_end) {
      result = s == m->subject_end ? s : NULL;
      break;
    }
    if (*p == '%') {
      bool taken;
      if (!match_escape(m, &s, &p, &result, &taken)) break;
      if (taken) continue;
    }
    if (!match_item(m, &s, &p, &result)) break;
  }
  m->depth--;
  return result;
}

void gl_push_capture(gl_matcher *m, int i, const char *s, const char *end) {
  if (i >= m->captures) {
    if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
    lua_pushlstring(m->L, s, (size_t)(end - s));
    return;
  }
  if (m->capture[i].length == GL_CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
  if (m->capture[i].length == GL_CAPTURE_POSITION) {
    lua_pushinteger(m->L, m->capture[i].start - m->subject + 1);
  } else {
    lua_pushlstring(m->L, m->capture[i].start, (size_t)m->capture[i].length);
  }
}

int gl_push_captures(gl_matcher *m, const char *s, const char *end) {
  int n = m->captures == 0 ? 1 : m->captures;
  luaL_checkstack(m->L, n, "too many captures");
  for (int i = 0; i < n; i++) gl_push_capture(m, i, s, end);
  return n;
}
