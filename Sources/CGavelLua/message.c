// `msg`: a message whose fields are decoded when a script reads them. What it writes, and the tables it was given,
// are kept in an overlay; a message whose overlay says what its bytes say is relayed as it came.
#include "json.h"
#include "schemas.h"

#include <string.h>

static char removed;  // an overlay's value for a field that was set to nil

typedef struct {
  gl_kind is;
  uint64_t serial;
} message_handle;

// Fields that are never the script's: the stamp, and of a join what belongs to its session.
static bool is_hidden(const gl_engine *e, const char *name, size_t length) {
  if (length == 9 && memcmp(name, "client_id", 9) == 0) return true;
  if (length == 6 && memcmp(name, "msg_id", 6) == 0) return true;
  if (!e->is_join) return false;
  return (length == 5 && memcmp(name, "token", 5) == 0) || (length == 6 && memcmp(name, "resume", 6) == 0);
}

bool gl_is_message(lua_State *L, int index) { return gl_to(L, index, GL_IS_MESSAGE) != NULL; }

static const gl_message *current(lua_State *L, int index) {
  gl_engine *e = gl_engine_of(L);
  const message_handle *handle = lua_touserdata(L, index);
  if (e->message == NULL || handle->serial != e->serial) {
    luaL_error(L, "this message belongs to a hook that is over. Copy what you need of it while the hook runs.");
  }
  return e->message;
}

void gl_check_message(lua_State *L, int index) { current(L, index); }

// The token of a field's value, of the last one where it is repeated; 0: there is none.
static uint32_t find_field(lua_State *L, const gl_message *m, const char *name, size_t length) {
  uint32_t found = 0, end = m->tape[0].next;
  for (uint32_t key = 1; key < end; key = m->tape[key].next) {
    const gj_token *token = &m->tape[key];
    if (token->flags & GJ_ESCAPED) {
      if (gj_equals(m->text, token, name, length)) found = key + 1;
    } else if (token->end - token->start - 2 == length && memcmp(m->text + token->start + 1, name, length) == 0) {
      found = key + 1;
    }
  }
  if (m->tape[0].count > 16) gl_charge(L, m->tape[0].count / 4);
  return found;
}

// Pushes the value of a field as its schema says: null is nil where the field may be left out.
static void push_field(lua_State *L, const char *name, size_t length, uint32_t token) {
  const gl_engine *e = gl_engine_of(L);
  const gl_message *m = e->message;
  const gl_node *schema = e->schema == 0 ? NULL : &e->schemas->nodes[e->schema - 1];
  uint32_t field = schema == NULL || !schema->hides_null ? UINT32_MAX : gl_find_field(e->schemas, schema, name, length);
  if (field == UINT32_MAX) {
    gl_push_value(L, m->text, m->tape, token);
  } else {
    gl_push_typed(L, m->text, m->tape, token, e->schemas->fields[field].node);
  }
}

// Raises where a strict schema has no such field.
static void check_field(lua_State *L, const char *name, size_t length) {
  const gl_engine *e = gl_engine_of(L);
  if (e->schema == 0) return;
  const gl_schemas *s = e->schemas;
  const gl_node *schema = &s->nodes[e->schema - 1];
  if (!schema->is_strict || gl_find_field(s, schema, name, length) != UINT32_MAX) return;
  if (gl_is_envelope_name(name, length, e->is_join)) return;
  if (e->is_join && length == 5 && memcmp(name, "moved", 5) == 0) return;
  const gl_field *best = gl_nearest_field(s, schema, name, length);
  if (best == NULL) luaL_error(L, "messages.%s has no field \"%s\".", e->schema_type, name);
  lua_pushlstring(L, s->pool + best->name, best->length);
  luaL_error(L, "messages.%s has no field \"%s\". Did you mean %s?", e->schema_type, name, lua_tostring(L, -1));
}

static bool push_from_overlay(lua_State *L, int key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
  lua_pushvalue(L, key);
  int type = lua_rawget(L, -2);
  lua_remove(L, -2);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return false;
  }
  if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &removed) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  return true;
}

// Puts the value on top of the stack, which stays there, into the overlay.
static void put_in_overlay(lua_State *L, int key) {
  gl_engine *e = gl_engine_of(L);
  if (!e->message_touched) {
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
    e->message_touched = true;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
  lua_pushvalue(L, key);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static int read_field(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  const gl_message *m = current(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  if (e->message_touched && push_from_overlay(L, 2)) return 1;
  size_t length;
  const char *name = lua_tolstring(L, 2, &length);
  if (is_hidden(e, name, length)) return 0;
  check_field(L, name, length);
  uint32_t token = name == e->names.type ? m->envelope->type : find_field(L, m, name, length);
  if (token == 0) return 0;
  push_field(L, name, length, token);
  if (lua_type(L, -1) == LUA_TTABLE) put_in_overlay(L, 2);
  return 1;
}

static int write_field(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  current(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "a field of a message has a text as its name");
  size_t length;
  const char *name = lua_tolstring(L, 2, &length);
  if (is_hidden(e, name, length) || name == e->names.ref) {
    return luaL_error(L, "msg.%s is not for the rules to set. Use another field.", name);
  }
  if (name == e->names.type) {
    size_t type_length;
    const char *type = lua_type(L, 3) == LUA_TSTRING ? lua_tolstring(L, 3, &type_length) : NULL;
    if (type == NULL) return luaL_error(L, "msg.type is a text");
    if (gl_is_reserved_type(type, type_length)) {
      return luaL_error(L, "the type \"%s\" belongs to the relay. Choose another name.", type);
    }
  }
  check_field(L, name, length);
  lua_settop(L, 3);
  if (lua_isnil(L, 3)) {
    lua_pushlightuserdata(L, &removed);
  }
  put_in_overlay(L, 2);
  return 0;
}

// Pushes a list of the names of the message's fields.
void gl_message_keys(lua_State *L, int index) {
  gl_engine *e = gl_engine_of(L);
  const gl_message *m = current(L, index);
  gl_charge(L, 1u + m->tape[0].count);
  luaL_checkstack(L, 8, NULL);
  lua_newtable(L);
  for (uint32_t key = 1; key < m->tape[0].next; key = m->tape[key].next) {
    gl_push_name(L, m->text, m->tape[key]);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (is_hidden(e, text, length)) {
      lua_pop(L, 1);
      continue;
    }
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  if (e->message_touched) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      lua_pushboolean(L, 1);
      lua_rawset(L, -5);
    }
    lua_pop(L, 1);
  }
  gl_keys_of(L, lua_gettop(L));
  lua_remove(L, -2);
}

bool gl_message_changed(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (!e->message_touched) return false;
  const gl_message *m = e->message;
  luaL_checkstack(L, 8, NULL);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    uint32_t token = find_field(L, m, name, length);
    bool is_removed = lua_touserdata(L, -1) == &removed;
    if (token == 0) {
      lua_pushnil(L);
    } else {
      push_field(L, name, length, token);
    }
    bool same = is_removed ? lua_isnil(L, -1) : gl_is_same(L, lua_gettop(L) - 1, lua_gettop(L));
    lua_pop(L, 2);
    if (!same) {
      lua_pop(L, 2);
      return true;
    }
  }
  lua_pop(L, 1);
  return false;
}

// Writes the members that the client sent, in its order, repeated ones too: verbatim, or as the overlay has them.
// The overlay is at the stack index, or 0. Returns how many were written.
static size_t write_members(lua_State *L, gl_buffer *b, int overlay, int depth) {
  gl_engine *e = gl_engine_of(L);
  const gl_message *m = e->message;
  const gl_where all = {.name = "msg"};
  size_t written = 0;
  for (uint32_t key = 1; key < m->tape[0].next; key = m->tape[key].next) {
    gl_push_name(L, m->text, m->tape[key]);
    int name_index = lua_gettop(L);
    size_t length;
    const char *name = lua_tolstring(L, -1, &length);
    bool skip = is_hidden(e, name, length);
    int type = LUA_TNIL;
    if (!skip && overlay != 0) {
      lua_pushvalue(L, name_index);
      type = lua_rawget(L, overlay);
      skip = type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &removed;
    }
    if (!skip) {
      if (written++ > 0) gl_append(L, b, ",", 1);
      gl_append(L, b, m->text + m->tape[key].start, m->tape[key].end - m->tape[key].start);
      gl_append(L, b, ":", 1);
      if (type == LUA_TNIL) {
        gl_append(L, b, m->text + m->tape[key + 1].start, m->tape[key + 1].end - m->tape[key + 1].start);
      } else {
        gl_encode(L, b, lua_gettop(L), depth + 1, &(gl_where){.up = &all, .name = name});
      }
    }
    lua_settop(L, name_index - 1);
  }
  return written;
}

// Writes the overlay's members that the client did not send, sorted.
static void write_added(lua_State *L, gl_buffer *b, int overlay, int depth, size_t written) {
  const gl_message *m = gl_engine_of(L)->message;
  lua_newtable(L);
  int added = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, overlay)) {
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    if (lua_touserdata(L, -1) != &removed && find_field(L, m, name, length) == 0) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, added);
    } else {
      lua_pop(L, 1);
    }
  }
  size_t before = b->length;
  if (written > 0) gl_append(L, b, ",", 1);
  if (gl_encode_members(L, b, added, depth, &(gl_where){.name = "msg"}, NULL, NULL) == 0) b->length = before;
  lua_pop(L, 1);
}

void gl_write_message(lua_State *L, gl_buffer *b, int depth) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 12, NULL);
  gl_charge(L, gl_bytes_cost(e->message->length));
  int top = lua_gettop(L), overlay = 0;
  if (e->message_touched) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
    overlay = lua_gettop(L);
  }
  gl_append(L, b, "{", 1);
  size_t written = write_members(L, b, overlay, depth);
  if (overlay != 0) write_added(L, b, overlay, depth, written);
  gl_append(L, b, "}", 1);
  lua_settop(L, top);
}

void gl_push_message(lua_State *L) {
  message_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
  handle->is = GL_IS_MESSAGE;
  handle->serial = gl_engine_of(L)->serial;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_MESSAGE_META);
  lua_setmetatable(L, -2);
}

// Lets go of the overlay.
void gl_end_message(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->message_touched) {
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
    e->message_touched = false;
  }
}

// Copies the message's type, escapes resolved. False where it is longer than capacity.
bool gl_message_type(const gl_message *m, char *out, size_t capacity, size_t *length) {
  const gj_token *token = &m->tape[m->envelope->type];
  if (token->flags & GJ_ESCAPED) {
    *length = gj_unescape(m->text, token, (uint8_t *)out, capacity);
    return *length != SIZE_MAX;
  }
  *length = token->end - token->start - 2;
  if (*length > capacity) return false;
  memcpy(out, m->text + token->start + 1, *length);
  return true;
}

void gl_open_message(lua_State *L) {
  static const luaL_Reg functions[] = {{"__index", read_field}, {"__newindex", write_field}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "message");
  lua_setfield(L, -2, "__name");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_MESSAGE_META);
}
