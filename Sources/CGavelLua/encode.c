// Lua values to JSON. Tables are read as they are, no metamethod runs, and members stand in one order for every run.
#include "engine.h"
#include "json.h"
#include "message.h"
#include "state.h"
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  DEEPEST = 32,
  FEW = 8,    // members of a small table
  KEPT = 24,  // values of a table that are left on the stack while it is encoded
};

bool gl_is_marked_object(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

const char *gl_push_where(lua_State *L, const gl_where *at) {
  enum { MOST_BYTES = 100 };
  luaL_checkstack(L, 8, NULL);
  // What is sent needs no name where a part of it has one.
  if (at->up == NULL) return lua_pushstring(L, at->name);
  bool is_first = at->up->up == NULL && strncmp(at->up->name, "the ", 4) == 0;
  const char *before = is_first ? lua_pushliteral(L, "") : gl_push_where(L, at->up);
  if (strlen(before) > MOST_BYTES) {
    lua_pushfstring(L, strcmp(before + strlen(before) - 3, "…") == 0 ? "%s" : "%s…", before);
  } else if (at->name == NULL) {
    lua_pushfstring(L, "%s[%I]", is_first ? at->up->name : before, (LUAI_UACINT)at->element);
  } else {
    lua_pushfstring(L, is_first ? "%s%s" : "%s.%s", before, at->name);
  }
  lua_remove(L, -2);
  return lua_tostring(L, -1);
}

static int compare_keys(const void *a, const void *b) {
  return gl_key_before(a, b) ? -1 : gl_key_before(b, a) ? 1 : 0;
}

static void sort_keys(gl_key *keys, size_t n) {
  if (n > 24) {
    qsort(keys, n, sizeof *keys, compare_keys);
    return;
  }
  for (size_t i = 1; i < n; i++) {
    gl_key key = keys[i];
    size_t j = i;
    for (; j > 0 && gl_key_before(&key, &keys[j - 1]); j--) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

// What a table is, with its keys, sorted, behind the engine's others.
typedef struct {
  size_t first, count;  // its keys
  size_t integers;
  lua_Integer highest;
} table_shape;

static table_shape read_shape(lua_State *L, int table, const gl_where *at) {
  gl_engine *e = gl_engine_of(L);
  table_shape shape = {.first = e->key_count};
  lua_pushnil(L);
  while (lua_next(L, table)) {
    gl_key *key = gl_push_key(L, e);
    if (++shape.count <= KEPT) {
      lua_insert(L, -2);
      key->value = lua_gettop(L) - 1;
    } else {
      lua_pop(L, 1);
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
      key->class_ = GL_KEY_STRING;
      key->text = lua_tolstring(L, -1, &key->length);
    } else if (lua_isinteger(L, -1)) {
      key->class_ = GL_KEY_NUMBER;
      key->integer = lua_tointeger(L, -1);
      shape.integers++;
      if (key->integer > shape.highest) shape.highest = key->integer;
    } else {
      int key_index = lua_gettop(L);
      luaL_error(L, "%s has a key that is a %s. Keys are texts, or 1 to n.", gl_push_where(L, at), luaL_typename(L, key_index));
    }
    if ((shape.count & 63) == 0) gl_charge(L, 64);
  }
  sort_keys(e->keys + shape.first, shape.count);
  gl_charge(L, shape.count);
  return shape;
}

static void refuse_gaps(lua_State *L, const table_shape *shape, const gl_where *at) {
  gl_engine *e = gl_engine_of(L);
  const gl_key *keys = e->keys + shape->first;
  const char *path = gl_push_where(L, at);
  if (shape->integers < shape->count) {
    luaL_error(L, "%s has numbers and texts as keys (%I, %s): neither a list nor an object. Send one of them.", path,
               (LUAI_UACINT)keys[0].integer, keys[shape->integers].text);
  }
  luaL_error(L, "%s has gaps (keys %I, %I): neither a list nor an object. Fill it, or send gavel.json.object(%s).",
             path, (LUAI_UACINT)keys[0].integer, (LUAI_UACINT)keys[shape->count - 1].integer, path);
}

static void encode_list(lua_State *L, gl_buffer *b, int table, size_t count, int depth, const gl_where *at) {
  gl_append(L, b, "[", 1);
  for (size_t i = 1; i <= count; i++) {
    if (i > 1) gl_append(L, b, ",", 1);
    lua_rawgeti(L, table, (lua_Integer)i);
    gl_encode(L, b, lua_gettop(L), depth + 1, &(gl_where){.up = at, .element = (lua_Integer)i});
    lua_pop(L, 1);
  }
  gl_append(L, b, "]", 1);
}

static void encode_member(lua_State *L, gl_buffer *b, int table, size_t key_index, int depth, const gl_where *at) {
  gl_engine *e = gl_engine_of(L);
  gl_key key = e->keys[key_index];
  char digits[24];
  if (key.class_ == GL_KEY_NUMBER) {
    key.length = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)key.integer);
    key.text = digits;
  }
  gl_where inner = {.up = at, .name = key.text};
  gl_encode_string(L, b, key.text, key.length, &inner);
  gl_append(L, b, ":", 1);
  if (key.value != 0) {
    gl_encode(L, b, key.value, depth + 1, &inner);
    return;
  }
  if (key.class_ == GL_KEY_NUMBER) {
    lua_rawgeti(L, table, key.integer);
  } else {
    lua_pushlstring(L, key.text, key.length);
    lua_rawget(L, table);
  }
  gl_encode(L, b, lua_gettop(L), depth + 1, &inner);
  lua_pop(L, 1);
}

static bool is_same(const char *bytes, size_t length, const char *text) {
  return length > 0 && bytes[0] == text[0] && length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool is_text(const gl_key *key, const char *text) {
  return key->class_ == GL_KEY_STRING && is_same(key->text, key->length, text);
}

static void refuse_reserved(lua_State *L, const char *text, size_t length, const gl_where *at,
                            const char *const *reserved) {
  for (; reserved != NULL && *reserved != NULL; reserved++) {
    if (!is_same(text, length, *reserved)) continue;
    if (strcmp(*reserved, "client_id") == 0) {
      luaL_error(L, "%s: client_id is set by the relay (0 for a message of the rules). Use another field, such as "
                    "player.", gl_push_where(L, at));
    }
    luaL_error(L, "%s: %s is set by the relay. Use another name for the field.", gl_push_where(L, at), *reserved);
  }
}

static int compare_integers(const void *a, const void *b) {
  lua_Integer x = *(const lua_Integer *)a, y = ((const gl_key *)b)->integer;
  return x < y ? -1 : x > y;
}

// Raises where a number and a text are the same name: 1 and "1".
static void refuse_twins(lua_State *L, const table_shape *shape, const gl_where *at) {
  const gl_key *keys = gl_engine_of(L)->keys + shape->first;
  for (size_t i = shape->integers; shape->integers > 0 && i < shape->count; i++) {
    char digits[24];
    lua_Integer value = strtoll(keys[i].text, NULL, 10);
    int length = snprintf(digits, sizeof digits, "%lld", (long long)value);
    if (!is_same(keys[i].text, keys[i].length, digits) || length == 0) continue;
    if (bsearch(&value, keys, shape->integers, sizeof *keys, compare_integers) == NULL) continue;
    luaL_error(L, "%s has the keys %I and \"%I\", which are one name in an object. Keep one of them.",
               gl_push_where(L, at), (LUAI_UACINT)value, (LUAI_UACINT)value);
  }
}

static size_t encode_shape(lua_State *L, gl_buffer *b, int table, const table_shape *shape, int depth, const gl_where *at,
                           const char *const *reserved, const char *leading) {
  gl_engine *e = gl_engine_of(L);
  size_t written = 0, lead = SIZE_MAX;
  refuse_twins(L, shape, at);
  for (size_t i = shape->first; i < shape->first + shape->count; i++) {
    const gl_key *key = &e->keys[i];
    if (key->class_ == GL_KEY_STRING) refuse_reserved(L, key->text, key->length, at, reserved);
    if (leading != NULL && is_text(&e->keys[i], leading)) lead = i;
  }
  if (lead != SIZE_MAX) {
    encode_member(L, b, table, lead, depth, at);
    written++;
  }
  for (size_t i = shape->first; i < shape->first + shape->count; i++) {
    if (i == lead) continue;
    if (written++ > 0) gl_append(L, b, ",", 1);
    encode_member(L, b, table, i, depth, at);
  }
  return written;
}

// How many objects and lists are in one another, the message among them; more than can be sent: as many as that.
static int message_depth(const gl_message *m) {
  uint32_t ends[DEEPEST];
  int depth = 0, most = 0;
  for (uint32_t i = 0; i < m->tape[0].next; i++) {
    while (depth > 0 && i >= ends[depth - 1]) depth--;
    if (m->tape[i].kind != GJ_OBJECT && m->tape[i].kind != GJ_ARRAY) continue;
    if (depth == DEEPEST) return DEEPEST + 1;
    ends[depth++] = m->tape[i].next;
    if (depth > most) most = depth;
  }
  return most;
}

static void check_depth(lua_State *L, int depth, const gl_where *at) {
  if (depth > DEEPEST) {
    // Of what contains itself, the path is one name again and again.
    while (at->up != NULL && at->up->up != NULL) at = at->up;
    luaL_error(L, "%s is nested deeper than %d levels, or contains itself.", gl_push_where(L, at), DEEPEST);
  }
  luaL_checkstack(L, KEPT + 8, NULL);
}

// A member of a small table.
typedef struct {
  const char *text;
  size_t length;
  int value;  // stack index
  bool leads;
} small_member;

static bool is_before(const small_member *a, const small_member *b) {
  if (a->leads || b->leads) return a->leads;
  int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return order != 0 ? order < 0 : a->length < b->length;
}

// Writes the members of a table that has a few and all under texts, as most messages are, without the engine's list of
// keys. Returns how many; 0: it is another table, or empty, and nothing was written.
static size_t encode_few(lua_State *L, gl_buffer *b, int table, int depth, const gl_where *at,
                         const char *const *reserved, const char *leading) {
  small_member members[FEW];
  size_t count = 0;
  int top = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    if (count == FEW || lua_type(L, -2) != LUA_TSTRING) {
      lua_settop(L, top);
      return 0;
    }
    // The key stays on the stack below the value; lua_next takes a copy of it.
    small_member member = {.value = top + 2 + 2 * (int)count};
    member.text = lua_tolstring(L, -2, &member.length);
    member.leads = leading != NULL && is_same(member.text, member.length, leading);
    size_t at = count++;
    for (; at > 0 && is_before(&member, &members[at - 1]); at--) members[at] = members[at - 1];
    members[at] = member;
    lua_pushvalue(L, -2);
  }
  gl_charge(L, 2 * count);
  for (size_t i = 0; reserved != NULL && i < count; i++) {
    refuse_reserved(L, members[i].text, members[i].length, at, reserved);
  }
  for (size_t i = 0; i < count; i++) {
    if (i > 0) gl_append(L, b, ",", 1);
    gl_where inner = {.up = at, .name = members[i].text};
    gl_encode_string(L, b, members[i].text, members[i].length, &inner);
    gl_append(L, b, ":", 1);
    gl_encode(L, b, members[i].value, depth + 1, &inner);
  }
  lua_settop(L, top);
  return count;
}

static void encode_table(lua_State *L, gl_buffer *b, int table, int depth, const gl_where *at) {
  gl_engine *e = gl_engine_of(L);
  check_depth(L, depth, at);
  size_t start = b->length;
  gl_append(L, b, "{", 1);
  if (encode_few(L, b, table, depth, at, NULL, NULL) > 0) {
    gl_append(L, b, "}", 1);
    return;
  }
  b->length = start;
  int top = lua_gettop(L);
  table_shape shape = read_shape(L, table, at);
  bool is_object = gl_is_marked_object(L, table);
  if (is_object || (shape.count > 0 && shape.integers == 0)) {
    gl_append(L, b, "{", 1);
    encode_shape(L, b, table, &shape, depth, at, NULL, NULL);
    gl_append(L, b, "}", 1);
  } else {
    if (shape.integers < shape.count || shape.highest != (lua_Integer)shape.count) refuse_gaps(L, &shape, at);
    encode_list(L, b, table, shape.count, depth, at);
  }
  e->key_count = shape.first;
  lua_settop(L, top);
}

size_t gl_encode_members(lua_State *L, gl_buffer *b, int index, int depth, const gl_where *at,
                         const char *const *reserved, const char *leading) {
  gl_engine *e = gl_engine_of(L);
  index = lua_absindex(L, index);
  check_depth(L, depth, at);
  size_t few = encode_few(L, b, index, depth, at, reserved, leading);
  if (few > 0) return few;
  int top = lua_gettop(L);
  table_shape shape = read_shape(L, index, at);
  if (shape.integers > 0 && !gl_is_marked_object(L, index)) {
    luaL_error(L, "%s is a list. Give each part a name: { items = … }.", gl_push_where(L, at));
  }
  size_t written = encode_shape(L, b, index, &shape, depth, at, reserved, leading);
  e->key_count = shape.first;
  lua_settop(L, top);
  return written;
}

void gl_encode(lua_State *L, gl_buffer *b, int index, int depth, const gl_where *at) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) {
        gl_append(L, b, "true", 4);
      } else {
        gl_append(L, b, "false", 5);
      }
      return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        gl_encode_integer(L, b, lua_tointeger(L, index));
      } else {
        gl_encode_number(L, b, lua_tonumber(L, index), at);
      }
      return;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      gl_encode_string(L, b, text, length, at);
      return;
    }
    case LUA_TTABLE:
      encode_table(L, b, index, depth, at);
      return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, index) == &gl_null) {
        gl_append(L, b, "null", 4);
        return;
      }
      if (gl_engine_of(L)->tests != NULL && gl_encode_mark(L, b, lua_touserdata(L, index))) return;
      break;
    case LUA_TUSERDATA:
      if (gl_is_message(L, index)) {
        check_depth(L, depth, at);
        gl_check_message(L, index);
        check_depth(L, depth - 1 + message_depth(gl_engine_of(L)->message), at);
        gl_write_message(L, b, depth, false);
        return;
      }
      if (gl_is_state(L, index)) {
        luaL_checkstack(L, 2, NULL);
        lua_getiuservalue(L, index, 1);
        encode_table(L, b, lua_gettop(L), depth, at);
        lua_pop(L, 1);
        return;
      }
      if (gl_client_id(L, index) != 0) {
        luaL_error(L, "%s is a client, which cannot be sent. Send client.id.", gl_push_where(L, at));
      }
      break;
    default:
      break;
  }
  size_t length;
  const char *path = gl_push_where(L, at);
  luaL_error(L, "%s is a %s, which cannot be sent.", path, gl_push_text(L, index, &length));
}
