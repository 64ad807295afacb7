// Values of a state from bytes; see kept.h.
#include "reading.h"

#include "json.h"

enum { TABLE_BITS = 10, TABLE_MASK = (1 << TABLE_BITS) - 1 };

int gl_refuse_bytes(lua_State *L, const gl_reader *r, const char *text) {
  lua_Integer at = r->next - r->bytes;
  if (r->index == 0) return luaL_error(L, "%s, byte %I: %s", r->what, at, text);
  return luaL_error(L, "%s %I, byte %I: %s", r->what, (LUAI_UACINT)r->index, (LUAI_UACINT)at, text);
}

static const uint8_t *take(lua_State *L, gl_reader *r, size_t n) {
  if (n > (size_t)(r->end - r->next)) gl_refuse_bytes(L, r, "it ends too early");
  const uint8_t *taken = r->next;
  r->next += n;
  return taken;
}

uint8_t gl_take_byte(lua_State *L, gl_reader *r) { return *take(L, r, 1); }

uint64_t gl_take_number(lua_State *L, gl_reader *r) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t byte = gl_take_byte(L, r);
    if (shift == 63 && byte > 1) gl_refuse_bytes(L, r, "a number is too large");
    value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

int64_t gl_take_signed(lua_State *L, gl_reader *r) {
  uint64_t value = gl_take_number(L, r);
  return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

// How many parts follow, each of which takes a byte at least.
static size_t read_count(lua_State *L, gl_reader *r, size_t bytes_each) {
  uint64_t count = gl_take_number(L, r);
  if (count > (size_t)(r->end - r->next) / bytes_each) gl_refuse_bytes(L, r, "it ends too early");
  return (size_t)count;
}

static uint64_t read_word(lua_State *L, gl_reader *r) {
  const uint8_t *bytes = take(L, r, 8);
  uint64_t word = 0;
  for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
  return word;
}

void gl_take_chance(lua_State *L, gl_reader *r, uint32_t parts) {
  gl_engine *e = gl_engine_of(L);
  if (parts & GL_CHANGES_RANDOM) {
    for (int i = 0; i < 4; i++) e->random[i] = read_word(L, r);
    if ((e->random[0] | e->random[1] | e->random[2] | e->random[3]) == 0) {
      gl_refuse_bytes(L, r, "the state of the random numbers is none");
    }
  }
  if (parts & GL_CHANGES_IDS) e->ids = gl_take_number(L, r);
  if (parts & GL_CHANGES_SECRET) {
    memcpy(e->id_secret, take(L, r, GL_SECRET_BYTES), GL_SECRET_BYTES);
    e->record.knows_chance = true;
  }
}

// Tables by number, in two levels: no block is large.

bool gl_push_numbered(lua_State *L, const gl_reader *r, uint64_t number) {
  if (lua_rawgeti(L, r->tables, (lua_Integer)(number >> TABLE_BITS)) == LUA_TNIL) {
    lua_pop(L, 1);
    return false;
  }
  bool is_there = lua_rawgeti(L, -1, (lua_Integer)(number & TABLE_MASK)) != LUA_TNIL;
  lua_remove(L, -2);
  if (!is_there) lua_pop(L, 1);
  return is_there;
}

void gl_keep_numbered(lua_State *L, gl_reader *r) {
  uint64_t number = ((const gl_state_node *)lua_touserdata(L, -1))->number;
  lua_Integer block = (lua_Integer)(number >> TABLE_BITS);
  if (lua_rawgeti(L, r->tables, block) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, r->tables, block);
  }
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, (lua_Integer)(number & TABLE_MASK));
  lua_pop(L, 1);
}

// Walks through the node on top of the stack, which is taken, and keeps all that it finds.
static void walk(lua_State *L, gl_reader *r) {
  luaL_checkstack(L, 10, NULL);
  gl_state_node *node = lua_touserdata(L, -1);
  if (node->born == r->walk) gl_refuse_bytes(L, r, "a table stands in two places");
  node->born = r->walk;
  r->alive++;
  gl_keep_numbered(L, r);
  lua_getiuservalue(L, -1, 1);
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    if (gl_is_state(L, -1)) {
      walk(L, r);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_settop(L, table - 2);
}

void gl_sweep_tables(lua_State *L, gl_reader *r) {
  lua_newtable(L);
  lua_replace(L, r->tables);
  r->made = 0;
  r->alive = 0;
  r->walk++;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, root)) {
    if (lua_tointeger(L, -2) == GL_ROOT_PARAMS) {
      lua_pop(L, 1);
    } else {
      walk(L, r);
    }
  }
  lua_settop(L, root - 1);
}

// Values.

void gl_take_key(lua_State *L, gl_reader *r) {
  uint8_t tag = r->next < r->end ? *r->next : 0;
  if (tag != GL_TAG_TEXT && tag != GL_TAG_INTEGER && tag < GL_TAG_SMALL) gl_refuse_bytes(L, r, "this is no key");
  gl_take_value(L, r, 0, false);
}

static void read_table(lua_State *L, gl_reader *r, uint32_t depth, bool is_object, bool is_copy) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 12, NULL);
  if (depth == 0 || depth > GL_DEEPEST_NODE) gl_refuse_bytes(L, r, "tables are nested too deep");
  uint64_t number = is_copy ? gl_take_number(L, r) : e->record.next_number++;
  if (number == 0 || number >= (uint64_t)LUA_MAXINTEGER) gl_refuse_bytes(L, r, "a table has no number");
  if (gl_push_numbered(L, r, number)) gl_refuse_bytes(L, r, "two tables have one number");
  size_t count = read_count(L, r, 1);
  gl_push_node(L, count < 1 << 20 ? (int)count : 0, 0, depth);
  gl_state_node *node = lua_touserdata(L, -1);
  node->number = number;
  node->born = 0;
  r->made++;
  gl_keep_numbered(L, r);
  lua_getiuservalue(L, -1, 1);
  int table = lua_gettop(L);
  if (is_object) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
    lua_setmetatable(L, table);
  }
  for (size_t i = 1; i <= count; i++) {
    gl_take_value(L, r, depth + 1, is_copy);
    lua_rawseti(L, table, (lua_Integer)i);
  }
  count = read_count(L, r, 2);
  for (size_t i = 0; i < count; i++) {
    gl_take_key(L, r);
    gl_take_value(L, r, depth + 1, is_copy);
    lua_rawset(L, table);
  }
  lua_settop(L, table - 1);
}

// A table that stays at its depth cannot come into itself.
static void read_moved(lua_State *L, gl_reader *r, uint32_t depth) {
  bool is_there = gl_push_numbered(L, r, gl_take_number(L, r));
  const gl_state_node *node = is_there ? lua_touserdata(L, -1) : NULL;
  if (node == NULL || node->depth != depth) gl_refuse_bytes(L, r, "the table that was moved is not there");
}

void gl_take_value(lua_State *L, gl_reader *r, uint32_t depth, bool is_copy) {
  uint8_t tag = gl_take_byte(L, r);
  switch (tag) {
    case GL_TAG_FALSE:
    case GL_TAG_TRUE:
      lua_pushboolean(L, tag == GL_TAG_TRUE);
      break;
    case GL_TAG_NULL:
      lua_pushlightuserdata(L, &gl_null);
      break;
    case GL_TAG_INTEGER:
      lua_pushinteger(L, gl_take_signed(L, r));
      break;
    case GL_TAG_FLOAT: {
      uint64_t word = read_word(L, r);
      lua_Number value;
      memcpy(&value, &word, sizeof value);
      lua_pushnumber(L, value);
      break;
    }
    case GL_TAG_TEXT: {
      size_t length = read_count(L, r, 1);
      lua_pushlstring(L, (const char *)take(L, r, length), length);
      break;
    }
    case GL_TAG_TABLE:
    case GL_TAG_OBJECT:
      read_table(L, r, depth, tag == GL_TAG_OBJECT, is_copy);
      break;
    case GL_TAG_MOVED:
      if (is_copy) gl_refuse_bytes(L, r, "a copy moves nothing");
      read_moved(L, r, depth);
      break;
    default:
      if (tag < GL_TAG_SMALL) gl_refuse_bytes(L, r, "this is no value");
      lua_pushinteger(L, tag - GL_TAG_SMALL);
  }
}
