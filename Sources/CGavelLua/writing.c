// Values of a state as bytes; see kept.h.
#include "json.h"
#include "kept.h"
#include "state.h"

#include <stdlib.h>

static bool grow(gl_writer *w, size_t n) {
  gl_buffer *b = w->bytes;
  size_t capacity = b->capacity < 64 ? 64 : b->capacity;
  while (capacity - b->length < n && capacity < SIZE_MAX / 4) capacity *= 2;
  uint8_t *grown = capacity - b->length < n || gl_is_fault(w->engine) ? NULL : realloc(b->bytes, capacity);
  if (grown == NULL) {
    w->has_failed = true;
    return false;
  }
  b->bytes = grown;
  b->capacity = capacity;
  return true;
}

static inline uint8_t *space(gl_writer *w, size_t n) {
  gl_buffer *b = w->bytes;
  if (n > b->capacity - b->length && (w->has_failed || !grow(w, n))) return NULL;
  return b->bytes + b->length;
}

void gl_write_byte(gl_writer *w, uint8_t value) {
  uint8_t *out = space(w, 1);
  if (out == NULL) return;
  *out = value;
  w->bytes->length++;
}

void gl_write_bytes(gl_writer *w, const void *bytes, size_t length) {
  uint8_t *out = length == 0 ? NULL : space(w, length);
  if (out == NULL) return;
  memcpy(out, bytes, length);
  w->bytes->length += length;
}

void gl_write_number(gl_writer *w, uint64_t value) {
  uint8_t *out = space(w, GL_NUMBER_BYTES), *p = out;
  if (out == NULL) return;
  for (; value >= 0x80; value >>= 7) *p++ = (uint8_t)(value | 0x80);
  *p++ = (uint8_t)value;
  w->bytes->length += (size_t)(p - out);
}

void gl_write_signed(gl_writer *w, int64_t value) {
  gl_write_number(w, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void write_word(gl_writer *w, uint64_t word) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(word >> (8 * i));
  gl_write_bytes(w, bytes, sizeof bytes);
}

void gl_write_chance(gl_writer *w, uint32_t parts) {
  const gl_engine *e = w->engine;
  for (int i = 0; i < 4 && parts & GL_CHANGES_RANDOM; i++) write_word(w, e->random[i]);
  if (parts & GL_CHANGES_IDS) gl_write_number(w, e->ids);
  if (parts & GL_CHANGES_SECRET) gl_write_bytes(w, e->id_secret, GL_SECRET_BYTES);
}

static void write_scalar(lua_State *L, gl_writer *w, int index) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      gl_write_byte(w, lua_toboolean(L, index) ? GL_TAG_TRUE : GL_TAG_FALSE);
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        lua_Integer value = lua_tointeger(L, index);
        if (value >= 0 && value < 128) {
          gl_write_byte(w, (uint8_t)(GL_TAG_SMALL + value));
          break;
        }
        gl_write_byte(w, GL_TAG_INTEGER);
        gl_write_signed(w, value);
      } else {
        lua_Number value = lua_tonumber(L, index);
        uint64_t word;
        memcpy(&word, &value, sizeof word);
        gl_write_byte(w, GL_TAG_FLOAT);
        write_word(w, word);
      }
      break;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      gl_write_byte(w, GL_TAG_TEXT);
      gl_write_number(w, length);
      gl_write_bytes(w, text, length);
      break;
    }
    case LUA_TLIGHTUSERDATA:
      gl_write_byte(w, GL_TAG_NULL);
      break;
    default:
      gl_write_byte(w, GL_TAG_NOTHING);
  }
}

bool gl_write_plain(lua_State *L, gl_writer *w, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA) {
    write_scalar(L, w, index);
    return true;
  }
  const gl_state_node *node = lua_touserdata(L, index);
  if (node->number == 0) return false;
  gl_write_byte(w, GL_TAG_MOVED);
  gl_write_number(w, node->number);
  return true;
}

// Pushes a sorted list of the table's keys that are not among 1 … n, and returns how many these are.
static lua_Integer push_other_keys(lua_State *L, int table, lua_Integer n) {
  lua_newtable(L);
  int keys = lua_gettop(L);
  lua_Integer count = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= n) continue;
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, ++count);
  }
  gl_sort_keys(L);
  return count;
}

static lua_Integer count_keys(lua_State *L, int table) {
  lua_Integer count = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    count++;
  }
  return count;
}

static void write_table(lua_State *L, gl_writer *w, int index) {
  luaL_checkstack(L, 12, NULL);
  gl_state_node *node = lua_touserdata(L, index);
  lua_getiuservalue(L, index, 1);
  int table = lua_gettop(L);
  gl_write_byte(w, gl_is_marked_object(L, table) ? GL_TAG_OBJECT : GL_TAG_TABLE);
  if (node->number == 0) node->number = w->engine->record.next_number++;
  if (w->is_copy) gl_write_number(w, node->number);
  lua_Integer n = 0, count = count_keys(L, table);
  while (n < count && lua_rawgeti(L, table, n + 1) != LUA_TNIL) {
    lua_pop(L, 1);
    n++;
  }
  lua_settop(L, table);
  gl_write_number(w, (uint64_t)n);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, table, i);
    gl_write_value(L, w, table + 1);
    lua_settop(L, table);
  }
  gl_write_number(w, (uint64_t)(count - n));
  if (count > n) push_other_keys(L, table, n);
  for (lua_Integer i = 1; i <= count - n; i++) {
    lua_rawgeti(L, table + 1, i);
    write_scalar(L, w, table + 2);
    lua_rawget(L, table);
    gl_write_value(L, w, table + 2);
    lua_settop(L, table + 1);
  }
  lua_settop(L, table - 1);
}

void gl_write_value(lua_State *L, gl_writer *w, int index) {
  if (w->has_failed) luaL_error(L, "no memory");
  if (lua_type(L, index) == LUA_TUSERDATA && w->is_copy) {
    write_table(L, w, index);
  } else if (!gl_write_plain(L, w, index)) {
    write_table(L, w, index);
  }
}

bool gl_run_unbounded(gl_engine *e, lua_CFunction body, void *data) {
  lua_State *L = e->L;
  int phase = e->phase, stop = e->stop;
  bool refused = e->refused;
  uint32_t refusals = e->refusals;
  e->phase = GL_PHASE_RECORD;
  e->stop = GL_GOING;
  e->refused = false;
  e->refusals = 0;
  lua_settop(L, 0);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, data);
  bool ended_well = lua_pcall(L, 1, 0, 0) == LUA_OK && e->stop == GL_GOING;
  lua_settop(L, 0);
  e->key_count = 0;
  e->phase = phase;
  e->stop = stop;
  e->refused = refused;
  e->refusals = refusals;
  return ended_well;
}
