// Lua values to JSON. Tables are read as they are, no metamethod runs, and members stand in one order for every run.
#include "engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  DEEPEST = 32,
  FEW = 8,    // members of a small table
  KEPT = 24,  // values of a table that are left on the stack while it is encoded
};

// The length of the UTF-8 sequence at p, 0 where it is none (RFC 3629).
static size_t sequence_length(const uint8_t *p, size_t left) {
  if (p[0] < 0x80) return 1;
  if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
  size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
  if (left < n) return 0;
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
  if (p[0] == 0xED && p[1] > 0x9F) return 0;
  if (p[0] == 0xF0 && p[1] < 0x90) return 0;
  if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
  return n;
}

bool gl_is_utf8(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length;) {
    size_t n = sequence_length(bytes + i, length - i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

void gl_encode_string(lua_State *L, gl_buffer *b, const char *text, size_t length, const char *name) {
  const uint8_t *bytes = (const uint8_t *)text;
  size_t escapes = 0, i = 0;
  gl_charge(L, gl_bytes_cost(length));
  while (i < length) {
    uint8_t c = bytes[i];
    if (c >= 0x80) {
      size_t n = sequence_length(bytes + i, length - i);
      if (n == 0) {
        luaL_error(L, "%s is not UTF-8 text: a character is cut or its bytes are none. Cut texts with utf8.offset.",
                   name);
      }
      i += n;
    } else {
      escapes += c < 0x20 || c == '"' || c == '\\';
      i++;
    }
  }
  uint8_t *out = gl_reserve(L, b, length + 5 * escapes + 2);
  if (escapes == 0) {
    out[0] = '"';
    memcpy(out + 1, bytes, length);
    out[length + 1] = '"';
    b->length += length + 2;
  } else {
    b->length += gj_write_string(bytes, length, out);
  }
}

static void encode_integer(lua_State *L, gl_buffer *b, lua_Integer value) {
  char digits[24], *p = digits + sizeof digits;
  uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    *--p = (char)('0' + n % 10);
    n /= 10;
  } while (n > 0);
  if (value < 0) *--p = '-';
  gl_append(L, b, p, (size_t)(digits + sizeof digits - p));
}

// The shortest text that reads back as the same number. Short decimals, the usual case, without printf: a whole
// number below 2^53 divided by a power of ten that is exact is rounded once, as reading its text is.
static void encode_number(lua_State *L, gl_buffer *b, double value, const char *name) {
  if (!isfinite(value)) {
    luaL_error(L, "%s is %s, which JSON cannot say.", name, isnan(value) ? "not a number" : "infinite");
  }
  if (fabs(value) < 0x1p53) {
    double scale = 1;
    for (int digits = 0; digits <= 6; digits++, scale *= 10) {
      double scaled = rint(value * scale);
      if (fabs(scaled) >= 0x1p53 || scaled / scale != value) continue;
      if (digits == 0) {
        encode_integer(L, b, (lua_Integer)scaled);
        return;
      }
      char text[40], *p = text + sizeof text;
      uint64_t n = (uint64_t)fabs(scaled);
      for (int i = 0; i < digits; i++, n /= 10) *--p = (char)('0' + n % 10);
      *--p = '.';
      do {
        *--p = (char)('0' + n % 10);
        n /= 10;
      } while (n > 0);
      if (scaled < 0) *--p = '-';
      gl_append(L, b, p, (size_t)(text + sizeof text - p));
      return;
    }
  }
  char text[40];
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) == value) break;
  }
  gl_append(L, b, text, strlen(text));
}

bool gl_is_marked_object(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
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

static table_shape read_shape(lua_State *L, int table, const char *name) {
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
      luaL_error(L, "%s has a key that is a %s. Keys are texts, or 1 to n.", name, luaL_typename(L, -1));
    }
    if ((shape.count & 63) == 0) gl_charge(L, 64);
  }
  sort_keys(e->keys + shape.first, shape.count);
  gl_charge(L, shape.count);
  return shape;
}

static void refuse_gaps(lua_State *L, const table_shape *shape, const char *name) {
  gl_engine *e = gl_engine_of(L);
  const gl_key *keys = e->keys + shape->first;
  if (shape->integers < shape->count) {
    luaL_error(L, "%s has numbers and texts as keys (%I, %s): neither a list nor an object. Send one of them.", name,
               (LUAI_UACINT)keys[0].integer, keys[shape->integers].text);
  }
  luaL_error(L, "%s has gaps (keys %I, %I): neither a list nor an object. Fill it, or send gavel.json.object(%s).",
             name, (LUAI_UACINT)keys[0].integer, (LUAI_UACINT)keys[shape->count - 1].integer, name);
}

static void encode_list(lua_State *L, gl_buffer *b, int table, size_t count, int depth, const char *name) {
  gl_append(L, b, "[", 1);
  for (size_t i = 1; i <= count; i++) {
    if (i > 1) gl_append(L, b, ",", 1);
    lua_rawgeti(L, table, (lua_Integer)i);
    gl_encode(L, b, lua_gettop(L), depth + 1, name);
    lua_pop(L, 1);
  }
  gl_append(L, b, "]", 1);
}

static void encode_member(lua_State *L, gl_buffer *b, int table, size_t key_index, int depth, const char *name) {
  gl_engine *e = gl_engine_of(L);
  gl_key key = e->keys[key_index];
  char digits[24];
  if (key.class_ == GL_KEY_NUMBER) {
    key.length = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)key.integer);
    key.text = digits;
  }
  gl_encode_string(L, b, key.text, key.length, name);
  gl_append(L, b, ":", 1);
  if (key.value != 0) {
    gl_encode(L, b, key.value, depth + 1, key.text);
    return;
  }
  if (key.class_ == GL_KEY_NUMBER) {
    lua_rawgeti(L, table, key.integer);
  } else {
    lua_pushlstring(L, key.text, key.length);
    lua_rawget(L, table);
  }
  gl_encode(L, b, lua_gettop(L), depth + 1, key.text);
  lua_pop(L, 1);
}

static bool is_same(const char *bytes, size_t length, const char *text) {
  return length > 0 && bytes[0] == text[0] && length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool is_text(const gl_key *key, const char *text) {
  return key->class_ == GL_KEY_STRING && is_same(key->text, key->length, text);
}

static void refuse_reserved(lua_State *L, const char *text, size_t length, const char *name,
                            const char *const *reserved) {
  for (; reserved != NULL && *reserved != NULL; reserved++) {
    if (!is_same(text, length, *reserved)) continue;
    if (strcmp(*reserved, "client_id") == 0) {
      luaL_error(L, "%s: client_id is set by the relay (0 for a message of the rules). Use another field, such as "
                    "player.", name);
    }
    luaL_error(L, "%s: %s is set by the relay. Use another name for the field.", name, *reserved);
  }
}

static size_t encode_shape(lua_State *L, gl_buffer *b, int table, const table_shape *shape, int depth, const char *name,
                           const char *const *reserved, const char *leading) {
  gl_engine *e = gl_engine_of(L);
  size_t written = 0, lead = SIZE_MAX;
  for (size_t i = shape->first; i < shape->first + shape->count; i++) {
    const gl_key *key = &e->keys[i];
    if (key->class_ == GL_KEY_STRING) refuse_reserved(L, key->text, key->length, name, reserved);
    if (leading != NULL && is_text(&e->keys[i], leading)) lead = i;
  }
  if (lead != SIZE_MAX) {
    encode_member(L, b, table, lead, depth, name);
    written++;
  }
  for (size_t i = shape->first; i < shape->first + shape->count; i++) {
    if (i == lead) continue;
    if (written++ > 0) gl_append(L, b, ",", 1);
    encode_member(L, b, table, i, depth, name);
  }
  return written;
}

static void check_depth(lua_State *L, int depth, const char *name) {
  if (depth > DEEPEST) luaL_error(L, "%s is nested deeper than %d levels, or contains itself.", name, DEEPEST);
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
static size_t encode_few(lua_State *L, gl_buffer *b, int table, int depth, const char *name,
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
    refuse_reserved(L, members[i].text, members[i].length, name, reserved);
  }
  for (size_t i = 0; i < count; i++) {
    if (i > 0) gl_append(L, b, ",", 1);
    gl_encode_string(L, b, members[i].text, members[i].length, name);
    gl_append(L, b, ":", 1);
    gl_encode(L, b, members[i].value, depth + 1, members[i].text);
  }
  lua_settop(L, top);
  return count;
}

static void encode_table(lua_State *L, gl_buffer *b, int table, int depth, const char *name) {
  gl_engine *e = gl_engine_of(L);
  check_depth(L, depth, name);
  size_t start = b->length;
  gl_append(L, b, "{", 1);
  if (encode_few(L, b, table, depth, name, NULL, NULL) > 0) {
    gl_append(L, b, "}", 1);
    return;
  }
  b->length = start;
  int top = lua_gettop(L);
  table_shape shape = read_shape(L, table, name);
  bool is_object = gl_is_marked_object(L, table);
  if (is_object || (shape.count > 0 && shape.integers == 0)) {
    gl_append(L, b, "{", 1);
    encode_shape(L, b, table, &shape, depth, name, NULL, NULL);
    gl_append(L, b, "}", 1);
  } else {
    if (shape.integers < shape.count || shape.highest != (lua_Integer)shape.count) refuse_gaps(L, &shape, name);
    encode_list(L, b, table, shape.count, depth, name);
  }
  e->key_count = shape.first;
  lua_settop(L, top);
}

size_t gl_encode_members(lua_State *L, gl_buffer *b, int index, int depth, const char *name,
                         const char *const *reserved, const char *leading) {
  gl_engine *e = gl_engine_of(L);
  index = lua_absindex(L, index);
  check_depth(L, depth, name);
  size_t few = encode_few(L, b, index, depth, name, reserved, leading);
  if (few > 0) return few;
  int top = lua_gettop(L);
  table_shape shape = read_shape(L, index, name);
  if (shape.integers > 0 && !gl_is_marked_object(L, index)) {
    luaL_error(L, "%s is a list. Give each part a name: { items = … }.", name);
  }
  size_t written = encode_shape(L, b, index, &shape, depth, name, reserved, leading);
  e->key_count = shape.first;
  lua_settop(L, top);
  return written;
}

void gl_encode(lua_State *L, gl_buffer *b, int index, int depth, const char *name) {
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
        encode_integer(L, b, lua_tointeger(L, index));
      } else {
        encode_number(L, b, lua_tonumber(L, index), name);
      }
      return;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      gl_encode_string(L, b, text, length, name);
      return;
    }
    case LUA_TTABLE:
      encode_table(L, b, index, depth, name);
      return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, index) == &gl_null) {
        gl_append(L, b, "null", 4);
        return;
      }
      break;
    case LUA_TUSERDATA:
      if (gl_is_message(L, index)) {
        check_depth(L, depth, name);
        gl_check_message(L, index);
        gl_write_message(L, b, depth);
        return;
      }
      if (gl_client_id(L, index) != 0) luaL_error(L, "%s is a client, which cannot be sent. Send client.id.", name);
      break;
    default:
      break;
  }
  size_t length;
  luaL_error(L, "%s is a %s, which cannot be sent.", name, gl_push_text(L, index, &length));
}
