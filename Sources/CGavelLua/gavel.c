// `gavel`: what rules may use besides the room.
#include "json.h"
#include "schemas.h"
#include "seal.h"
#include "state.h"

#include <string.h>

char gl_null, gl_drop;

enum { LOG_LINES = 64, LOG_BYTES = 16 * 1024 };

// Records a line of the log; of more than fit, nothing. fields: the stack index of a table, or 0.
void gl_add_log(lua_State *L, const char *text, size_t length, int fields) {
  gl_engine *e = gl_engine_of(L);
  gl_charge(L, 4);
  if (e->log_count == LOG_LINES || e->log_text.length + length > LOG_BYTES) return;
  gl_log_record record = {.start = e->log_text.length, .length = length};
  gl_append(L, &e->log_text, text, length);
  record.fields_start = e->log_text.length;
  if (fields != 0) {
    gl_encode(L, &e->log_text, fields, 1, &(gl_where){.name = "the log's second argument"});
    if (e->log_text.length > LOG_BYTES) e->log_text.length = record.fields_start;
  }
  record.fields_length = e->log_text.length - record.fields_start;
  e->logs = gl_grow_list(L, e->logs, sizeof *e->logs, e->log_count, &e->log_capacity);
  e->logs[e->log_count++] = record;
}

static int log_text(lua_State *L) {
  size_t length;
  if (lua_gettop(L) == 0) return luaL_error(L, "gavel.log needs a text: gavel.log(\"text\", { fields })");
  gl_unwrap(L, 2);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  const char *text = gl_push_text(L, 1, &length);
  gl_add_log(L, text, length, lua_isnil(L, 2) ? 0 : 2);
  return 0;
}

static int now(lua_State *L) {
  if (gl_engine_of(L)->phase != GL_PHASE_HOOK) return luaL_error(L, "gavel.now can be called by a hook only.");
  lua_pushinteger(L, gl_engine_of(L)->context.now_ms);
  return 1;
}

static int reject(lua_State *L) {
  static const char *const reserved[] = {"type", "client_id", "msg_id",    "code", "reason", "message",
                                         "to",   "ref",       "temporary", NULL};
  gl_engine *e = gl_engine_of(L);
  if (e->phase != GL_PHASE_HOOK) return luaL_error(L, "gavel.reject can be called by a hook only.");
  if (!e->may_reject) {
    return luaL_error(L, "%s cannot reject: there is no message to refuse. A filter or a command can.",
                      gl_hook_text(e));
  }
  size_t length;
  const char *code = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
  if (code == NULL || length == 0) return luaL_error(L, "gavel.reject needs a code: gavel.reject(\"not_your_turn\")");
  if (!lua_isnoneornil(L, 2) && lua_type(L, 2) != LUA_TSTRING) {
    return luaL_error(L, "the second argument of gavel.reject is a text for the player");
  }
  gl_unwrap(L, 3);
  if (!lua_isnoneornil(L, 3) && !lua_istable(L, 3)) {
    return luaL_error(L, "the third argument of gavel.reject is a table of fields");
  }
  lua_settop(L, 3);
  gl_buffer *b = &e->out;
  size_t start = b->length;
  gl_append(L, b, "\"reason\":", 9);
  gl_encode_string(L, b, code, length, &(gl_where){.name = "the code"});
  if (!lua_isnil(L, 2)) {
    const char *text = lua_tolstring(L, 2, &length);
    gl_append(L, b, ",\"message\":", 11);
    gl_encode_string(L, b, text, length, &(gl_where){.name = "the text"});
  }
  if (!lua_isnil(L, 3)) {
    size_t before = b->length;
    gl_append(L, b, ",", 1);
    if (gl_encode_members(L, b, 3, 1, &(gl_where){.name = "the fields"}, reserved, NULL) == 0) b->length = before;
  }
  if (b->length - start > e->limits.block_bytes) return luaL_error(L, "the fields are too large");
  e->payload_start = start;
  e->payload_length = b->length - start;
  gl_stop(e, GL_STOP_REJECT);
  return gl_raise(L);
}

static int json_object(lua_State *L) {
  if (gl_is_state(L, 1)) return luaL_error(L, "mark the table before it is put into the state");
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  if (lua_getmetatable(L, 1) && !lua_rawequal(L, -1, -2)) return luaL_error(L, "the table has a metatable of its own");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int json_encode(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkany(L, 1);
  size_t base = e->scratch.length;
  gl_encode(L, &e->scratch, 1, 1, &(gl_where){.name = "the value"});
  lua_pushlstring(L, (const char *)e->scratch.bytes + base, e->scratch.length - base);
  e->scratch.length = base;
  return 1;
}

static int json_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  if (gj_tape_capacity(length) * sizeof(gj_token) > gl_engine_of(L)->limits.block_bytes / 2) {
    return luaL_error(L, "the text is too long for gavel.json.decode");
  }
  int32_t result = gl_is_utf8((const uint8_t *)text, length) ? gl_push_json(L, (const uint8_t *)text, length)
                                                             : GJ_BAD_JSON;
  if (result == GJ_TOO_DEEP) return luaL_error(L, "the text is nested deeper than %d levels.", GL_JSON_DEPTH);
  if (result < 0) return luaL_error(L, "the text is not JSON");
  return 1;
}

static const gl_member functions[] = {
    {"reject", reject, "(code: string, text?: string, fields?: table)",
     "Refuses the message or the join and ends the hook; all that it did is undone. The sender gets the code as "
     "`reason`, the text as `message`, and the fields."},
    {"now", now, "(): integer", "Milliseconds since 1970."},
    {"log", log_text, "(text: any, fields?: table)", "Writes a line to the relay's log."},
    {0},
};

static const gl_member values[] = {
    {"drop", NULL, "any", "What a filter returns so that the message is not relayed; what the hook did stays."},
    {"null", NULL, "any", "JSON's null."},
    {"json", NULL, "GavelJSON", "JSON as text."},
    {0},
};

static const gl_member json[] = {
    {"encode", json_encode, "(value: any): string", "The value as JSON."},
    {"decode", json_decode, "(text: string): any", "What the JSON text says."},
    {"object", json_object, "<T: table>(table: T): T",
     "Marks a table that is sent as {…}, also where it is empty or has gaps."},
    {0},
};

const gl_member *const gl_gavel_members[] = {gl_make_rules, functions, gl_signal_functions, values, NULL};
const gl_member *const gl_json_members[] = {json, NULL};

// Of what has not been asked for yet. Schemas are made anew each time: a file that is loaded needs none of them.
static int read_field(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2);
  if (gl_add_member(L, gl_gavel_members, 1, name, 0) || gl_push_schema(L, name)) return 1;
  if (strcmp(name, "json") == 0) {
    lua_createtable(L, 0, 3);
    gl_set_members(L, json, 0);
    gl_keep_member(L, 1, name);
    return 1;
  }
  if (strcmp(name, "null") == 0 || strcmp(name, "drop") == 0) {
    lua_pushlightuserdata(L, *name == 'n' ? &gl_null : &gl_drop);
    gl_keep_member(L, 1, name);
    return 1;
  }
  if (strcmp(name, "test") == 0) {
    return luaL_error(L, "gavel.test is for files of tests, which stand in the folder tests: tests/NAME_test.lua.");
  }
  gl_search search = {.word = name};
  gl_consider_members(&search, gl_gavel_members);
  gl_consider_schemas(&search);
  if (search.best != NULL) {
    return luaL_error(L, "there is no gavel.%s. Did you mean gavel.%s?", search.word, search.best);
  }
  return luaL_error(L, "there is no gavel.%s.", search.word);
}

static int read_only(lua_State *L) { return luaL_error(L, "gavel cannot be changed. Write a local."); }

void gl_open_gavel(lua_State *L) {
  lua_newtable(L);
  static const luaL_Reg guard[] = {{"__index", read_field}, {"__newindex", read_only}, {NULL, NULL}};
  luaL_newlib(L, guard);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  gl_seal(L, read_only);
  lua_setglobal(L, "gavel");

  // The mark of an object is a metatable without fields, which a script can neither see nor change.
  lua_newtable(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
}
