// string.find, match, gmatch and gsub on our own matcher.
#define _GNU_SOURCE
#include "patterns.h"

#include <string.h>

// The first position to look at, counted from 0; beyond the end: length + 1.
static size_t start_of(lua_Integer init, size_t length) {
  if (init > 0) return (uint64_t)init - 1 > length ? length + 1 : (size_t)init - 1;
  if (init == 0 || init < -(lua_Integer)length) return 0;
  return length - (size_t)-init;
}

static bool is_plain(const char *pattern, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (pattern[i] != 0 && strchr("^$*+?.([%-", pattern[i]) != NULL) return false;
  }
  return true;
}

static int search(lua_State *L, bool is_find) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length), *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t start = start_of(luaL_optinteger(L, 3, 1), length);
  if (start > length) {
    lua_pushnil(L);
    return 1;
  }
  gl_charge(L, gl_bytes_cost(pattern_length));
  if (is_find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_length))) {
    gl_charge(L, gl_bytes_cost(length - start));
    const char *found =
        pattern_length == 0 ? subject + start : memmem(subject + start, length - start, pattern, pattern_length);
    if (found == NULL) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, found - subject + 1);
    lua_pushinteger(L, found - subject + (lua_Integer)pattern_length);
    return 2;
  }
  bool anchored = pattern_length > 0 && *pattern == '^';
  gl_matcher m;
  gl_matcher_init(&m, L, subject, length, pattern, pattern_length);
  for (const char *s = subject + start; s <= m.subject_end; s++) {
    m.captures = 0;
    const char *end = gl_match_at(&m, s, pattern + anchored);
    if (end != NULL) {
      if (!is_find) return gl_push_captures(&m, s, end);
      lua_pushinteger(L, s - subject + 1);
      lua_pushinteger(L, end - subject);
      return m.captures == 0 ? 2 : 2 + gl_push_captures(&m, s, end);
    }
    if (anchored) break;
  }
  lua_pushnil(L);
  return 1;
}

int gl_pattern_find(lua_State *L) { return search(L, true); }

int gl_pattern_match(lua_State *L) { return search(L, false); }

// Upvalues: the subject, the pattern, where to go on, where the last match ended (-1: none yet).
static int next_match(lua_State *L) {
  size_t length, pattern_length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  gl_matcher m;
  gl_matcher_init(&m, L, subject, length, pattern, pattern_length);
  gl_charge(L, 1);
  for (lua_Integer at = lua_tointeger(L, lua_upvalueindex(3)); at <= (lua_Integer)length; at++) {
    m.captures = 0;
    const char *end = gl_match_at(&m, subject + at, pattern);
    if (end == NULL || end - subject == last) continue;
    lua_pushinteger(L, end - subject);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_copy(L, -1, lua_upvalueindex(4));
    return gl_push_captures(&m, subject + at, end);
  }
  return 0;
}

int gl_pattern_gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t start = start_of(luaL_optinteger(L, 3, 1), length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)start);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

static void append_template(gl_matcher *m, gl_buffer *b, const char *s, const char *end) {
  lua_State *L = m->L;
  size_t length;
  const char *t = lua_tolstring(L, 3, &length), *t_end = t + length;
  gl_charge(L, gl_bytes_cost(length));
  while (t < t_end) {
    const char *escape = memchr(t, '%', (size_t)(t_end - t));
    if (escape == NULL) escape = t_end;
    gl_append(L, b, t, (size_t)(escape - t));
    if (escape == t_end) return;
    char what = escape + 1 < t_end ? escape[1] : 0;
    t = escape + 2;
    if (what == '%') {
      gl_append(L, b, "%", 1);
    } else if (what == '0') {
      gl_append(L, b, s, (size_t)(end - s));
    } else if (what >= '1' && what <= '9') {
      size_t n;
      gl_push_capture(m, what - '1', s, end);
      const char *text = lua_tolstring(L, -1, &n);
      gl_charge(L, gl_bytes_cost(n));
      gl_append(L, b, text, n);
      lua_pop(L, 1);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

static void append_replacement(gl_matcher *m, gl_buffer *b, const char *s, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, gl_push_captures(m, s, end), 1);
  } else if (type == LUA_TTABLE) {
    gl_push_capture(m, 0, s, end);
    lua_gettable(L, 3);
  } else {
    append_template(m, b, s, end);
    return;
  }
  if (!lua_toboolean(L, -1)) {
    gl_append(L, b, s, (size_t)(end - s));
  } else if (lua_isstring(L, -1)) {
    size_t n;
    const char *text = lua_tolstring(L, -1, &n);
    gl_charge(L, gl_bytes_cost(n));
    gl_append(L, b, text, n);
  } else {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  lua_pop(L, 1);
}

int gl_pattern_gsub(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length), *pattern = luaL_checklstring(L, 2, &pattern_length);
  int type = lua_type(L, 3);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
  if (type == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
  bool anchored = pattern_length > 0 && *pattern == '^';
  gl_buffer *b = &e->scratch;
  size_t base = b->length;
  gl_matcher m;
  gl_matcher_init(&m, L, subject, length, pattern, pattern_length);
  gl_charge(L, gl_bytes_cost(length));
  const char *s = subject, *last = NULL;
  while (count < most) {
    m.captures = 0;
    const char *end = gl_match_at(&m, s, pattern + anchored);
    if (end != NULL && end != last) {
      count++;
      append_replacement(&m, b, s, end, type);
      s = last = end;
    } else if (s < m.subject_end) {
      gl_append(L, b, s++, 1);
    } else {
      break;
    }
    if (anchored) break;
  }
  gl_append(L, b, s, (size_t)(m.subject_end - s));
  size_t total = b->length - base;
  if (total > e->limits.block_bytes) return luaL_error(L, "resulting string too large");
  lua_pushlstring(L, total == 0 ? "" : (const char *)b->bytes + base, total);
  b->length = base;
  lua_pushinteger(L, count);
  return 2;
}
