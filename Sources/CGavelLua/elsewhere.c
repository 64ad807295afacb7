// What rules do beyond their room: close it, send clients to another, and tell another something.
#include "json.h"
#include "state.h"

#include <string.h>

enum { KEY_BYTES = 128, SIGNAL_NAME_BYTES = 200 };

static int change_lock(lua_State *L, const char *method, int kind) {
  gl_check_self(L, method);
  gl_add_effect(L, kind, gl_engine_of(L)->out.length, gl_engine_of(L)->recipient_count);
  return 0;
}

static int lock(lua_State *L) { return change_lock(L, "lock", GL_LOCK); }
static int unlock(lua_State *L) { return change_lock(L, "unlock", GL_UNLOCK); }

static int close_room(lua_State *L) {
  gl_check_self(L, "close");
  gl_engine *e = gl_engine_of(L);
  size_t start = e->out.length, length;
  const char *reason = gl_checked_reason(L, 2, "room:close", &length);
  gl_append(L, &e->out, reason, length);
  gl_add_effect(L, GL_CLOSE, start, e->recipient_count);
  return 0;
}

// Appends the key of another room, at the stack index.
static uint32_t append_key(lua_State *L, int index, const char *what) {
  size_t length = 0;
  const char *key = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : "";
  bool is_sound = length > 0 && length <= KEY_BYTES && gl_is_utf8((const uint8_t *)key, length);
  for (size_t i = 0; i < length && is_sound; i++) is_sound = (uint8_t)key[i] >= 0x20 && key[i] != 0x7F;
  if (!is_sound) {
    luaL_error(L, "%s needs the key of a room, a text of 1 to %d bytes without control characters.", what, KEY_BYTES);
  }
  gl_append(L, &gl_engine_of(L)->out, key, length);
  return (uint32_t)length;
}

static void add_effect(lua_State *L, gl_effect_record addressed, size_t recipients) {
  gl_engine *e = gl_engine_of(L);
  gl_add_effect(L, addressed.kind, addressed.start, recipients);
  gl_effect_record *record = &e->effects[e->effect_count - 1];
  record->key_length = addressed.key_length;
  record->name_length = addressed.name_length;
}

static int move(lua_State *L) {
  gl_check_self(L, "move");
  gl_engine *e = gl_engine_of(L);
  size_t recipients = e->recipient_count;
  lua_settop(L, 4);
  gl_add_recipients(L, 2, "move");
  gl_effect_record effect = {.kind = GL_MOVE, .start = e->out.length};
  effect.key_length = append_key(L, 3, "room:move");
  gl_unwrap(L, 4);
  if (lua_istable(L, 4)) {
    gl_append(L, &e->out, "{", 1);
    gl_encode_members(L, &e->out, 4, 1, &(gl_where){.name = "the data"}, NULL, NULL);
    gl_append(L, &e->out, "}", 1);
  } else if (lua_isnil(L, 4)) {
    gl_append(L, &e->out, "{}", 2);
  } else {
    return luaL_error(L, "room:move sends a table along: room:move(client, \"game-1\", { seat = 1 }).");
  }
  if (e->recipient_count > recipients) {
    add_effect(L, effect, recipients);
  } else {
    e->out.length = effect.start;
  }
  return 0;
}

const gl_member gl_moving_functions[] = {
    {"move", move, "(client: Client|integer|(Client|integer)[], room_key: string, data?: table)",
     "Takes a client to another room, whose join sees the data as request.moved."},
    {"lock", lock, "()", "Lets nobody join any more."},
    {"unlock", unlock, "()", "Lets clients join again."},
    {"close", close_room, "(reason?: string)",
     "Ends the room: everyone is told and is out; who joins it next finds a new one. The reason has at most 200 bytes."},
    {0},
};

static int signal(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->phase != GL_PHASE_HOOK) return luaL_error(L, "gavel.signal can be called by a hook only.");
  lua_settop(L, 3);
  gl_effect_record effect = {.kind = GL_SIGNAL, .start = e->out.length};
  effect.key_length = append_key(L, 1, "gavel.signal");
  size_t length = 0;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : "";
  if (length == 0 || length > SIGNAL_NAME_BYTES || !gl_is_utf8((const uint8_t *)name, length)) {
    return luaL_error(L, "a signal has a name: gavel.signal(\"lobby\", \"over\") runs rules.signals.over(room, data, from) "
                         "there.");
  }
  gl_append(L, &e->out, name, length);
  effect.name_length = (uint32_t)length;
  if (!lua_isnil(L, 3)) gl_encode(L, &e->out, 3, 1, &(gl_where){.name = "the data"});
  add_effect(L, effect, e->recipient_count);
  return 0;
}

static int make_id(lua_State *L) {
  static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
  enum { BYTES = 16, DIGITS = 26 };
  gl_engine *e = gl_engine_of(L);
  if (e->phase != GL_PHASE_HOOK) return luaL_error(L, "gavel.id can be called by a hook only.");
  if (e->make_id == NULL) return luaL_error(L, "there are no ids here.");
  gl_charge(L, 100);
  uint8_t id[BYTES + 1] = {0};
  char text[DIGITS];
  e->make_id(e->id_secret, e->ids++, id);
  for (int i = 0; i < DIGITS; i++) {
    int bit = i * 5;
    uint32_t pair = (uint32_t)id[bit / 8] << 8 | id[bit / 8 + 1];
    text[i] = digits[pair >> (11 - bit % 8) & 31];
  }
  lua_pushlstring(L, text, DIGITS);
  return 1;
}

const gl_member gl_signal_functions[] = {
    {"signal", signal, "(room_key: string, name: string, data?: any)",
     "Runs rules.signals[name](room, data, from) in another room, later and in order. It is lost where there is no "
     "such room, or that one is closing or has too much waiting."},
    {"id", make_id, "(): string", "26 letters and digits that nobody can guess, such as for a new room's key."},
    {0},
};

void gl_set_ids(gl_engine *e, gl_id_source source, const uint8_t secret[32]) {
  e->make_id = source;
  memcpy(e->id_secret, secret, sizeof e->id_secret);
}

uint64_t gl_ids(const gl_engine *e) { return e->ids; }

void gl_skip_ids(gl_engine *e, uint64_t count) {
  if (count > e->ids) e->ids = count;
}

static int run_signal(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  const gl_signal_text *s = e->signal;
  const gl_type *function = gl_find_function(&e->signals, (const char *)s->name, s->name_length);
  lua_pushlstring(L, (const char *)s->source, s->source_length);
  if (function == NULL) {
    const char *name = lua_pushlstring(L, (const char *)s->name, s->name_length);
    const char *meant = gl_nearest_function(&e->signals, name, s->name_length);
    const char *hint = meant == NULL ? "" : lua_pushfstring(L, " Did you mean %s?", meant);
    return luaL_error(L, "%s sent the signal %s, and there is no rules.signals.%s.%s", lua_tostring(L, 1), name, name,
                      hint);
  }
  e->function = function->command;
  e->hook_name = function->name;
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  if (s->data_length == 0) {
    lua_pushnil(L);
  } else if (gl_push_json(L, s->data, s->data_length) < 0) {
    return luaL_error(L, "the data of a signal is not JSON");
  }
  lua_pushvalue(L, 1);
  lua_call(L, 3, 0);
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

gl_outcome gl_signal(gl_engine *e, const gl_signal_text *signal, gl_context context) {
  gl_begin(e, context);
  e->hook_group = "signals";
  e->signal = signal;
  return gl_run_hook(e, run_signal);
}
