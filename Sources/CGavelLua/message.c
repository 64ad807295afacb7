// `msg`: a message whose fields are decoded when a script reads them. What it writes, and the tables it was given,
// are kept in an overlay; a message whose overlay says what its bytes say is relayed as it came.
#include "json.h"
#include "message.h"
#include "schemas.h"

#include <string.h>

char gl_removed;

typedef struct {
  gl_kind is;
  uint64_t serial;
} message_handle;

// What another room sent along, `moved`, is put where no client can write.
static const char *const hidden[] = {"client_id", "msg_id", "token", "resume", "moved"};

const char *const *gl_hidden_names(const gl_engine *e, size_t *count) {
  *count = e->is_join ? sizeof hidden / sizeof *hidden : 2;
  return hidden;
}

bool gl_is_hidden(const gl_engine *e, const char *name, size_t length) {
  size_t count;
  const char *const *names = gl_hidden_names(e, &count);
  for (size_t i = 0; i < count; i++) {
    if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) return true;
  }
  return false;
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

uint32_t gl_find_sent(lua_State *L, const gl_message *m, const char *name, size_t length) {
  const gj_token *tape = m->tape;
  uint32_t found = 0, end = tape[0].next;
  for (uint32_t key = 1; key < end; key = tape[key].next) {
    const gj_token *token = &tape[key];
    if (token->flags & GJ_ESCAPED) {
      if (gj_equals(m->text, token, name, length)) found = key + 1;
    } else if (token->end - token->start - 2 == length && gl_equal_names(m->text + token->start + 1, name, length)) {
      found = key + 1;
    }
  }
  if (tape[0].count > 16) gl_charge(L, tape[0].count / 4);
  return found;
}

void gl_push_sent(lua_State *L, const char *name, size_t length, uint32_t token) {
  const gl_engine *e = gl_engine_of(L);
  const gl_message *m = e->message;
  if (e->schema != 0) {
    const gl_node *schema = &e->schemas->nodes[e->schema - 1];
    uint32_t field = schema->hides_null ? gl_find_field(e->schemas, schema, name, length) : UINT32_MAX;
    if (field != UINT32_MAX) {
      gl_push_typed(L, m->text, m->tape, token, e->schemas->fields[field].node);
      return;
    }
  }
  gl_push_value(L, m->text, m->tape, token);
}

// Raises where a strict schema has no such field.
static void check_field(lua_State *L, const char *name, size_t length) {
  const gl_engine *e = gl_engine_of(L);
  if (e->schema == 0) return;
  const gl_schemas *s = e->schemas;
  const gl_node *schema = &s->nodes[e->schema - 1];
  if (!schema->is_strict || gl_find_field(s, schema, name, length) != UINT32_MAX) return;
  if (gl_is_envelope_name(name, length, e->is_join)) return;
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
  if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &gl_removed) {
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
  if (gl_has_hidden(e) && gl_is_hidden(e, name, length)) return 0;
  uint32_t token = name == e->names.type ? m->envelope->type : gl_find_sent(L, m, name, length);
  if (token == 0) {
    // A field that was sent is one that the schema has.
    if (!gl_is_hidden(e, name, length)) check_field(L, name, length);
    return 0;
  }
  gl_push_sent(L, name, length, token);
  if (m->tape[token].kind <= GJ_ARRAY && lua_type(L, -1) == LUA_TTABLE) put_in_overlay(L, 2);
  return 1;
}

static int write_field(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  current(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "a field of a message has a text as its name");
  size_t length;
  const char *name = lua_tolstring(L, 2, &length);
  if (gl_is_hidden(e, name, length) || name == e->names.ref) {
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
    lua_pushlightuserdata(L, &gl_removed);
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
    if (gl_is_hidden(e, text, length)) {
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

void gl_put_moved(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->moved == NULL) return;
  lua_pushliteral(L, "moved");
  int key = lua_gettop(L);
  if (gl_push_json(L, e->moved, e->moved_length) < 0) luaL_error(L, "what the other room sent along cannot be read.");
  put_in_overlay(L, key);
  lua_settop(L, key - 1);
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
  lua_pushnil(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
  gl_engine_of(L)->message_touched = false;
}

const char *gl_message_type(const gl_message *m, char *storage, size_t capacity, size_t *length) {
  const gj_token *token = &m->tape[m->envelope->type];
  if (token->flags & GJ_ESCAPED) {
    *length = gj_unescape(m->text, token, (uint8_t *)storage, capacity);
    return *length == SIZE_MAX ? NULL : storage;
  }
  *length = token->end - token->start - 2;
  return *length > capacity ? NULL : (const char *)m->text + token->start + 1;
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
