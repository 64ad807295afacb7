// What a hook does to the outside: encoded at the call, recorded, and read by the host once the hook returned well.
#include "engine.h"
#include "json.h"
#include "message.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 200, RECIPIENTS = 100000 };

void gl_add_recipient(lua_State *L, uint64_t id) {
  gl_engine *e = gl_engine_of(L);
  gl_charge(L, 1);
  if (!gl_has_client(e, id)) return;
  if (e->recipient_count == e->recipient_capacity) {
    size_t capacity = e->recipient_capacity == 0 ? 8 : e->recipient_capacity * 2;
    uint64_t *grown = capacity > RECIPIENTS * 2 ? NULL : realloc(e->recipients, capacity * sizeof *grown);
    if (grown == NULL) gl_no_memory(L);
    e->recipients = grown;
    e->recipient_capacity = capacity;
  }
  e->recipients[e->recipient_count++] = id;
}

static uint64_t checked_id(lua_State *L, int index, const char *method) {
  uint64_t id = gl_client_id(L, index);
  if (id == 0 && lua_isinteger(L, index)) id = (uint64_t)lua_tointeger(L, index);
  if (id == 0) luaL_error(L, "room:%s goes to a client, an id, or a list of them", method);
  return id;
}

// Leaves each recipient from `first` on once, where it stands first: a list may name a client again and again.
static void drop_repeated(gl_engine *e, size_t first) {
  e->mark++;
  size_t kept = first;
  for (size_t i = first; i < e->recipient_count; i++) {
    if (gl_mark_client(e, e->recipients[i])) e->recipients[kept++] = e->recipients[i];
  }
  e->recipient_count = kept;
}

void gl_add_recipients(lua_State *L, int index, const char *method) {
  bool is_state = gl_unwrap(L, index);
  if (!lua_istable(L, index)) {
    gl_add_recipient(L, checked_id(L, index, method));
    return;
  }
  gl_engine *e = gl_engine_of(L);
  size_t first = e->recipient_count;
  lua_Integer n = is_state ? gl_length(L, index) : (lua_Integer)lua_rawlen(L, index);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, index, i);
    gl_add_recipient(L, checked_id(L, lua_gettop(L), method));
    lua_pop(L, 1);
  }
  drop_repeated(e, first);
}

void gl_add_effect(lua_State *L, int kind, size_t start, size_t recipients) {
  gl_engine *e = gl_engine_of(L);
  if (e->is_read_only) luaL_error(L, "a snapshot changes nothing: it only tells what a client may see.");
  if (e->effect_count == e->limits.effects) {
    gl_stop(e, GL_STOP_EFFECTS);
    gl_raise(L);
  }
  e->effects = gl_grow_list(L, e->effects, sizeof *e->effects, e->effect_count, &e->effect_capacity);
  if (e->out.length - start > e->limits.block_bytes) luaL_error(L, "the message is too large");
  if (e->out.length > e->limits.output_bytes) {
    luaL_error(L, "the hook sends more than %I KiB together. Send less at a time.",
               (LUAI_UACINT)(e->limits.output_bytes >> 10));
  }
  e->effects[e->effect_count++] = (gl_effect_record){
      .kind = kind,
      .start = start,
      .length = e->out.length - start,
      .recipient_start = recipients,
      .recipient_count = e->recipient_count - recipients,
  };
  gl_charge(L, 4);
}

// Encodes the message at the stack index, which must have a type of its own. Returns where it begins.
static size_t encode_message(lua_State *L, int index, const char *method) {
  static const char *const reserved[] = {"client_id", "msg_id", NULL};
  gl_engine *e = gl_engine_of(L);
  size_t start = e->out.length, length;
  bool is_message = gl_is_message(L, index);
  gl_unwrap(L, index);
  if (!is_message && !lua_istable(L, index)) {
    luaL_error(L, "room:%s needs a message, a table: { type = \"won\", … }.", method);
  }
  if (is_message) gl_check_message(L, index);
  lua_pushvalue(L, lua_upvalueindex(1));  // "type"
  if (is_message) {
    lua_gettable(L, index);
  } else {
    lua_rawget(L, index);
  }
  if (lua_type(L, -1) != LUA_TSTRING) {
    bool is_send = *method == 's';
    luaL_error(L, "the message has no type. Write room:%s { type = \"won\", … }%s.", is_send ? "send(client," : method,
               is_send ? ")" : "");
  }
  const char *type = lua_tolstring(L, -1, &length);
  if (length == 0) luaL_error(L, "the message's type is empty");
  if (gl_is_relay_type(type, length)) {
    luaL_error(L, "the type \"%s\" belongs to the relay. Choose another name.", type);
  }
  if (is_message) {
    gl_write_message(L, &e->out, 1, false);
  } else {
    gl_append(L, &e->out, "{", 1);
    gl_encode_members(L, &e->out, index, 1, &(gl_where){.name = "the message"}, reserved, "type");
    gl_append(L, &e->out, "}", 1);
  }
  lua_pop(L, 1);
  return start;
}

static int broadcast(lua_State *L) {
  gl_check_self(L, "broadcast");
  size_t start = encode_message(L, 2, "broadcast");
  gl_add_effect(L, GL_BROADCAST, start, gl_engine_of(L)->recipient_count);
  return 0;
}

static int send(lua_State *L) {
  gl_check_self(L, "send");
  gl_engine *e = gl_engine_of(L);
  size_t recipients = e->recipient_count;
  gl_add_recipients(L, 2, "send");
  size_t start = encode_message(L, 3, "send");
  if (e->recipient_count > recipients) {
    gl_add_effect(L, GL_SEND, start, recipients);
  } else {
    e->out.length = start;
  }
  return 0;
}

const char *gl_checked_reason(lua_State *L, int index, const char *what, size_t *length) {
  *length = 0;
  if (lua_isnoneornil(L, index)) return "";
  if (lua_type(L, index) != LUA_TSTRING) luaL_error(L, "the reason of %s is a text", what);
  const char *reason = lua_tolstring(L, index, length);
  if (*length > REASON_BYTES || !gl_is_utf8((const uint8_t *)reason, *length)) {
    luaL_error(L, "the reason of %s is a text of at most %d bytes", what, REASON_BYTES);
  }
  return reason;
}

static int kick(lua_State *L) {
  gl_check_self(L, "kick");
  gl_engine *e = gl_engine_of(L);
  size_t recipients = e->recipient_count, length;
  gl_add_recipients(L, 2, "kick");
  const char *reason = gl_checked_reason(L, 3, "a kick", &length);
  if (e->recipient_count == recipients) return 0;
  size_t start = e->out.length;
  gl_append(L, &e->out, reason, length);
  gl_add_effect(L, GL_KICK, start, recipients);
  return 0;
}

// Their upvalue is "type".
const gl_member gl_effect_functions[] = {
    {"broadcast", broadcast, "(message: table)", "Sends a message, a table with a `type`, to everyone, with a number."},
    {"send", send, "(to: Client|integer|(Client|integer)[], message: table)",
     "Sends a message, a table with a `type`, to a client or a list of them, without a number."},
    {"kick", kick, "(client: Client|integer|(Client|integer)[], reason?: string)",
     "Takes a client out of the room and closes its connection (4502). The reason has at most 200 bytes."},
    {0},
};
