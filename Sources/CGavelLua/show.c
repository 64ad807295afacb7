// Values as people read them: what the console answers, and the room's state as JSON. Both are bounded, and the same
// for the same values in every run.
#include "json.h"
#include "show.h"
#include "state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 100, DEEPEST_SHOWN = 8, LONGEST_NAME = 40 };

static const char cut[] = "…";

static void add(lua_State *L, gl_buffer *b, const char *text) { gl_append(L, b, text, strlen(text)); }

static void add_number(lua_State *L, gl_buffer *b, int index) {
  char text[40];
  lua_Number value = lua_tonumber(L, index);
  if (lua_isinteger(L, index)) {
    gl_encode_integer(L, b, lua_tointeger(L, index));
    return;
  }
  snprintf(text, sizeof text, "%.17g", value);
  for (int precision = 15; precision < 17 && isfinite(value); precision++) {
    snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) == value) break;
  }
  add(L, b, isnan(value) ? "nan" : text);
  if (strspn(text, "-0123456789") == strlen(text)) add(L, b, ".0");
}

// Text between quotes, with what is no UTF-8 as `\xNN`, of JSON as U+FFFD; at most `most` bytes of it.
static void add_text(lua_State *L, gl_buffer *b, const char *text, size_t length, size_t most, bool is_json) {
  const uint8_t *bytes = (const uint8_t *)text;
  char escape[8];
  add(L, b, "\"");
  size_t end = length < most ? length : most;
  for (size_t i = 0; i < end;) {
    uint8_t c = bytes[i];
    size_t n = gl_sequence_length(bytes + i, length - i);
    if (n > 1) {
      gl_append(L, b, text + i, n);
    } else if (n == 0) {
      snprintf(escape, sizeof escape, is_json ? "\xEF\xBF\xBD" : "\\x%02X", c);
      add(L, b, escape);
    } else if (c == '"' || c == '\\') {
      escape[0] = '\\';
      gl_append(L, b, (char[]){'\\', (char)c}, 2);
    } else if (c == '\n') {
      add(L, b, "\\n");
    } else if (c < 0x20 || c == 0x7F) {
      snprintf(escape, sizeof escape, is_json ? "\\u%04X" : "\\x%02X", c);
      add(L, b, escape);
    } else {
      gl_append(L, b, text + i, 1);
    }
    i += n == 0 ? 1 : n;
  }
  if (end < length) add(L, b, cut);
  add(L, b, "\"");
}

// Pushes the table's keys in order.
static lua_Integer push_keys(lua_State *L, int table) {
  gl_keys_of(L, table);
  gl_sort_keys(L);
  return (lua_Integer)lua_rawlen(L, -1);
}

// Whether the sorted keys on top of the stack are 1 … n.
static bool is_list(lua_State *L, lua_Integer n) {
  lua_rawgeti(L, -1, n);
  bool is = lua_isinteger(L, -1) && lua_tointeger(L, -1) == n;
  lua_pop(L, 1);
  lua_rawgeti(L, -1, 1);
  is = is && lua_isinteger(L, -1) && lua_tointeger(L, -1) == 1;
  lua_pop(L, 1);
  return is;
}

// JSON.

static void add_json(lua_State *L, gl_buffer *b, int index, size_t end, int depth);

static void add_json_table(lua_State *L, gl_buffer *b, int table, size_t end, int depth) {
  luaL_checkstack(L, 16, NULL);
  lua_Integer n = push_keys(L, table);
  int keys = table + 1;
  // room.state and client.data are objects, also when they are empty.
  bool is_array = n == 0 ? depth > 1 && !gl_is_marked_object(L, table) : is_list(L, n);
  add(L, b, is_array ? "[" : "{");
  for (lua_Integer i = 1; i <= n; i++) {
    if (i > 1) add(L, b, ",");
    if (b->length >= end) {
      add(L, b, is_array ? "\"…\"" : "\"…\":null");
      break;
    }
    lua_rawgeti(L, keys, i);
    if (!is_array && lua_type(L, -1) == LUA_TSTRING) {
      size_t length;
      const char *text = lua_tolstring(L, -1, &length);
      add_text(L, b, text, length, SIZE_MAX, true);
    } else if (!is_array) {
      add(L, b, "\"");
      add_number(L, b, keys + 1);
      add(L, b, "\"");
    }
    if (!is_array) add(L, b, ":");
    lua_rawget(L, table);
    add_json(L, b, keys + 1, end, depth + 1);
    lua_settop(L, keys);
  }
  add(L, b, is_array ? "]" : "}");
  lua_settop(L, table - 1);
}

// What a state holds. From the position `end` on little more is written.
static void add_json(lua_State *L, gl_buffer *b, int index, size_t end, int depth) {
  size_t length;
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: add(L, b, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TNUMBER: {
      bool is_json = lua_isinteger(L, index) || isfinite(lua_tonumber(L, index));
      if (!is_json) add(L, b, "\"");
      add_number(L, b, index);
      if (!is_json) add(L, b, "\"");
      break;
    }
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, index, &length);
      add_text(L, b, text, length, end > b->length ? end - b->length : 0, true);
      break;
    }
    case LUA_TUSERDATA:
      lua_getiuservalue(L, index, 1);
      if (depth > DEEPEST) {
        add(L, b, "\"…\"");
      } else {
        add_json_table(L, b, lua_gettop(L), end, depth);
      }
      break;
    default: add(L, b, "null");
  }
}

typedef struct {
  gl_buffer out;
  size_t most;
} description;

static int describe(lua_State *L) {
  description *d = lua_touserdata(L, 1);
  gl_buffer *b = &d->out;
  const gl_engine *e = gl_engine_of(L);
  add(L, b, "{\"state\":");
  gl_push_root(L, GL_ROOT_STATE);
  add_json(L, b, 2, d->most, 1);
  add(L, b, ",\"clients\":{");
  for (size_t i = 0; i < e->client_count; i++) {
    lua_settop(L, 1);
    if (i > 0) add(L, b, ",");
    if (b->length >= d->most) {
      add(L, b, "\"…\":null");
      break;
    }
    add(L, b, "\"");
    gl_encode_integer(L, b, (lua_Integer)e->clients[i]);
    add(L, b, "\":");
    gl_push_root(L, (lua_Integer)e->clients[i]);
    add_json(L, b, 2, d->most, 1);
  }
  add(L, b, "}}");
  return 0;
}

bool gl_describe_state(gl_engine *e, size_t most, uint8_t **bytes, size_t *length) {
  description d = {.most = most};
  if (e->is_broken || !gl_run_unbounded(e, describe, &d)) {
    gl_trim(&d.out);
    gl_end(e);
    return false;
  }
  gl_end(e);
  *bytes = d.out.bytes;
  *length = d.out.length;
  return true;
}

// Lua.

static bool is_name(const char *text, size_t length) {
  static const char *const words[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto",
                                      "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true",
                                      "until", "while", NULL};
  if (length == 0 || length > LONGEST_NAME || (text[0] >= '0' && text[0] <= '9')) return false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_word) return false;
  }
  for (size_t i = 0; words[i] != NULL; i++) {
    if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0) return false;
  }
  return true;
}

static void show(lua_State *L, gl_buffer *b, int index, size_t end, int depth);

static void show_table(lua_State *L, gl_buffer *b, int table, size_t end, int depth) {
  luaL_checkstack(L, 16, NULL);
  lua_Integer n = push_keys(L, table);
  int keys = table + 1;
  bool is_array = n == 0 || is_list(L, n);
  add(L, b, n == 0 ? "{" : "{ ");
  for (lua_Integer i = 1; i <= n; i++) {
    if (i > 1) add(L, b, ", ");
    if (b->length >= end) {
      add(L, b, cut);
      break;
    }
    gl_charge(L, 4);
    lua_rawgeti(L, keys, i);
    if (!is_array) {
      size_t length = 0;
      const char *text = lua_type(L, keys + 1) == LUA_TSTRING ? lua_tolstring(L, keys + 1, &length) : NULL;
      if (text != NULL && is_name(text, length)) {
        gl_append(L, b, text, length);
      } else {
        add(L, b, "[");
        show(L, b, keys + 1, end, depth + 1);
        add(L, b, "]");
      }
      add(L, b, " = ");
    }
    lua_rawget(L, table);
    show(L, b, keys + 1, end, depth + 1);
    lua_settop(L, keys);
  }
  add(L, b, n == 0 ? "}" : " }");
  lua_settop(L, table - 1);
}

// Runs no metamethod. A table inside of itself ends at a depth.
static void show(lua_State *L, gl_buffer *b, int index, size_t end, int depth) {
  size_t length;
  int top = lua_gettop(L);
  gl_charge(L, 2);
  switch (lua_type(L, index)) {
    case LUA_TNUMBER: add_number(L, b, index); break;
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, index, &length);
      gl_charge(L, gl_bytes_cost(length));
      add_text(L, b, text, length, end > b->length ? end - b->length : 0, false);
      break;
    }
    case LUA_TTABLE:
      lua_pushvalue(L, index);
      break;
    case LUA_TUSERDATA:
      if (gl_is_state(L, index)) {
        lua_getiuservalue(L, index, 1);
        break;
      }
      // fallthrough
    default: {
      const char *text = gl_push_text(L, index, &length);
      gl_append(L, b, text, length);
      lua_settop(L, top);
    }
  }
  if (lua_gettop(L) == top) return;
  if (depth > DEEPEST_SHOWN) {
    add(L, b, "{ … }");
    lua_settop(L, top);
  } else {
    show_table(L, b, lua_gettop(L), end, depth);
  }
}

void gl_show_values(lua_State *L, gl_buffer *b, int first, size_t most) {
  int last = lua_gettop(L);
  size_t end = b->length + most;
  if (last < first) add(L, b, "nothing");
  for (int i = first; i <= last && b->length < end; i++) {
    if (i > first) add(L, b, ", ");
    show(L, b, i, end, 1);
  }
}
