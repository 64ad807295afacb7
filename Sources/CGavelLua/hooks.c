// The hooks: one call of a function of the rules each, and what its answer means.
#include "engine.h"
#include "json.h"
#include "kept.h"
#include "latest.h"
#include "message.h"
#include "rates.h"
#include "report.h"
#include "schemas.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gl_hook_text(gl_engine *e) {
  gl_failure *failure = gl_failure_of(e);
  char *text = failure->hook;
  if (e->hook_group == NULL) {
    text[0] = 0;
  } else if (*e->hook_name == 0) {
    snprintf(text, sizeof failure->hook, "%s", e->hook_group);
  } else if (strcmp(e->hook_name, "*") == 0) {
    snprintf(text, sizeof failure->hook, "%s[\"*\"]", e->hook_group);
  } else {
    snprintf(text, sizeof failure->hook, "%s.%s", e->hook_group, e->hook_name);
  }
  return text;
}

static void answer(gl_engine *e, int verdict) { e->outcome.verdict = verdict; }

static void begin_payload(gl_engine *e) { e->payload_start = e->out.length; }

static void end_payload(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  e->payload_length = e->out.length - e->payload_start;
  if (e->payload_length > e->limits.block_bytes) luaL_error(L, "%s: the message is too large", gl_hook_text(e));
}

// A table that a filter returned, on top of the stack, with the type and the ref of the message it stands for.
static void write_replacement(lua_State *L) {
  static const char *const reserved[] = {"client_id", "msg_id", NULL};
  gl_engine *e = gl_engine_of(L);
  const gl_message *m = e->message;
  gl_buffer *b = &e->out;
  int table = lua_gettop(L);
  uint32_t ref = m->envelope->ref;
  gl_append(L, b, "{", 1);
  size_t start = b->length;
  lua_pushliteral(L, "type");
  int type = lua_rawget(L, table);
  if (type == LUA_TNIL) {
    const gj_token *token = &m->tape[m->envelope->type];
    gl_append(L, b, "\"type\":", 7);
    gl_append(L, b, m->text + token->start, token->end - token->start);
  } else {
    size_t length = 0;
    const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    if (text == NULL) luaL_error(L, "%s returned a message whose type is no text.", gl_hook_text(e));
    if (gl_is_reserved_type(text, length)) {
      luaL_error(L, "%s: the type \"%s\" belongs to the relay. Choose another name.", gl_hook_text(e), text);
    }
  }
  lua_pushliteral(L, "ref");
  if (lua_rawget(L, table) == LUA_TNIL) {
    if (ref != 0) {
      if (b->length > start) gl_append(L, b, ",", 1);
      gl_append(L, b, "\"ref\":", 6);
      gl_append(L, b, m->text + m->tape[ref].start, m->tape[ref].end - m->tape[ref].start);
    }
  } else if (ref == 0 || !gl_is_value(L, lua_gettop(L), m->text, m->tape, ref)) {
    luaL_error(L, "%s returned a message with a ref of its own: it is the sender's. Use another field.",
               gl_hook_text(e));
  }
  lua_settop(L, table);
  size_t before = b->length;
  if (before > start) gl_append(L, b, ",", 1);
  if (gl_encode_members(L, b, table, 1, &(gl_where){.name = "the message"}, reserved, "type") == 0) b->length = before;
  gl_append(L, b, "}", 1);
}

static int refuse_result(lua_State *L, const char *instead) {
  gl_engine *e = gl_engine_of(L);
  const char *what;
  if (lua_type(L, -1) == LUA_TBOOLEAN) {
    what = lua_toboolean(L, -1) ? "true" : "false";
  } else if (lua_touserdata(L, -1) == &gl_drop) {
    what = "gavel.drop";
  } else {
    what = lua_pushfstring(L, "a %s", luaL_typename(L, -1));
  }
  return luaL_error(L, "%s returned %s. %s", gl_hook_text(e), what, instead);
}

// What a filter returned is on top of the stack.
static void finish_filter(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (lua_isnil(L, -1) && !e->message_touched) {
    answer(e, GL_RELAY);
    return;
  }
  bool is_message = gl_is_message(L, -1);
  gl_unwrap(L, -1);
  if (is_message) gl_check_message(L, lua_gettop(L));
  if (lua_isnil(L, -1) || is_message) {
    begin_payload(e);
    if (!gl_write_message(L, &e->out, 1, true)) {
      answer(e, GL_RELAY);
      return;
    }
  } else if (lua_istable(L, -1)) {
    begin_payload(e);
    write_replacement(L);
  } else if (lua_touserdata(L, -1) == &gl_drop) {
    answer(e, GL_DROPPED);
    return;
  } else {
    refuse_result(L, "Return nothing to relay, a table to relay instead, gavel.drop to stop it, or call "
                     "gavel.reject(\"code\").");
  }
  end_payload(L);
  answer(e, GL_CHANGED);
}

// What a command returned is on top of the stack.
static void finish_command(lua_State *L) {
  static const char *const reply[] = {"type", "client_id", "msg_id", "to", "ref", NULL};
  static const char *const joined[] = {"type",    "client_id", "room",   "msg_id",  "epoch", "clients", "rules",
                                       "session", "recovered", "reason", "handled", "ref",   NULL};
  gl_engine *e = gl_engine_of(L);
  answer(e, GL_HANDLED);
  if (lua_isnil(L, -1)) return;
  gl_unwrap(L, -1);
  if (!lua_istable(L, -1)) {
    refuse_result(L, e->is_join ? "Return nothing, or a table of fields for the joined reply; gavel.reject refuses."
                                : "A command is never relayed: return nothing, or a table as the reply.");
  }
  begin_payload(e);
  gl_where all = {.name = e->is_join ? "the joined reply" : "the reply"};
  gl_encode_members(L, &e->out, lua_gettop(L), 1, &all, e->is_join ? joined : reply, NULL);
  end_payload(L);
  e->outcome.has_reply = true;
}

static void push_call(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
}

static int run_with_message(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_put_moved(L);
  push_call(L);
  if (!gl_push_client(L, e->client)) return luaL_error(L, "the client is not in the room");
  gl_push_message(L);
  lua_call(L, 3, 1);
  if (e->is_filter) {
    finish_filter(L);
  } else {
    finish_command(L);
  }
  return 0;
}

static int run_join(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_root_open(L, (lua_Integer)e->client);
  gl_add_client(L, e->client, e->client_name, e->client_name_length);
  gl_sync_newcomer(L, e->client);
  if (e->function == 0) {
    answer(e, GL_RELAY);
    return 0;
  }
  return run_with_message(L);
}

static int run_event(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  int arguments = 1;
  if (e->client != 0) gl_remove_client(L, e->client);
  push_call(L);
  if (e->client != 0) {
    lua_pushvalue(L, 1);
    arguments++;
  }
  if (e->reason != NULL) {
    lua_pushstring(L, e->reason);
    arguments++;
  }
  lua_call(L, arguments, 0);
  answer(e, GL_HANDLED);
  return 0;
}

static gl_outcome finish(gl_engine *e, bool ended_well) {
  lua_settop(e->L, 0);
  if (!ended_well) gl_note_stop(e);
  if (ended_well && e->effect_count > 0) gl_take_snapshots(e);
  if (e->stop == GL_STOP_REJECT) e->outcome.reject_explained = gl_explain_reject(e);
  gl_record_hook(e, ended_well);
  if (e->journal_count > 0 && !gl_end_state(e, ended_well)) e->is_broken = true;
  if (e->timers_touched) gl_find_next_timer(e);
  if (e->message_touched) gl_end_message(e->L);
  gl_choose_collector(e);
  gl_end(e);
  e->message = NULL;
  e->phase = GL_PHASE_IDLE;
  gl_outcome *o = &e->outcome;
  if (!ended_well) {
    memcpy(e->random, e->random_before, sizeof e->random);
    o->has_reply = false;
    e->effect_count = 0;
    if (e->stop == GL_STOP_REJECT) {
      o->verdict = GL_REJECTED;
    } else {
      o->verdict = GL_FAILED;
      e->payload_length = 0;
      gl_error *error = &gl_failure_of(e)->error;
      if (error->line == 0 && e->function != 0) {
        gl_place place = e->places[e->function - GL_SLOT_HOOKS];
        const char *file = e->files[place.file].name;
        error->line = place.line;
        gl_copy_text(error->file, sizeof error->file, file, strlen(file));
      }
    }
    if (e->stop == GL_STOP_MEMORY) lua_gc(e->L, LUA_GCCOLLECT);
  }
  o->effect_count = e->effect_count;
  o->log_count = e->log_count;
  o->payload = e->payload_length > 0 ? e->out.bytes + e->payload_start : NULL;
  o->payload_length = e->payload_length;
  return *o;
}

gl_outcome gl_run_hook(gl_engine *e, lua_CFunction body) {
  if (e->is_broken) {
    gl_failure_of(e)->error = (gl_error){.kind = GL_ERROR_MEMORY, .message = "a hook could not be undone for lack of memory."};
    return finish(e, false);
  }
  e->phase = GL_PHASE_HOOK;
  return finish(e, !gl_ends_as_told(e, false) && gl_run(e, body));
}

static gl_outcome without_hook(gl_engine *e, int verdict) {
  e->outcome.verdict = verdict;
  return e->outcome;
}

static gl_outcome run_an_event(gl_engine *e, int event, const char *name, uint64_t client, const char *reason,
                               gl_context context) {
  gl_begin(e, context);
  e->client = client;
  e->reason = reason;
  e->function = e->events[event];
  if (e->function == 0) return without_hook(e, GL_HANDLED);
  e->hook_group = name;
  return gl_run_hook(e, run_event);
}

gl_outcome gl_create(gl_engine *e, gl_context context) {
  return run_an_event(e, GL_ON_CREATE, "on_create", 0, NULL, context);
}

gl_outcome gl_close(gl_engine *e, const char *reason, gl_context context) {
  return run_an_event(e, GL_ON_CLOSE, "on_close", 0, reason, context);
}

gl_outcome gl_leave(gl_engine *e, uint64_t client, const char *reason, gl_context context) {
  gl_forget_rates(e->rates, client);
  if (!gl_has_client(e, client)) {
    gl_begin(e, context);
    return without_hook(e, GL_HANDLED);
  }
  gl_outcome outcome = run_an_event(e, GL_ON_LEAVE, "on_leave", client, reason, context);
  gl_forget_client(e, client);
  gl_record_leave(e, client);
  return outcome;
}

gl_outcome gl_join(gl_engine *e, uint64_t client, const uint8_t *name, size_t name_length, const gl_message *message,
                   const uint8_t *moved, size_t moved_length, gl_context context) {
  gl_begin(e, context);
  if (e->join_schema != 0 && moved == NULL && !gl_admits_join(e, message)) return e->outcome;
  e->client = client;
  e->client_name = name;
  e->client_name_length = name_length;
  e->moved = moved;
  e->moved_length = moved_length;
  e->message = message;
  e->is_join = true;
  e->may_reject = true;
  e->function = e->join_command;
  e->hook_group = "commands";
  e->hook_name = "join";
  gl_outcome outcome = gl_run_hook(e, run_join);
  if (outcome.verdict != GL_RELAY && outcome.verdict != GL_HANDLED) gl_forget_client(e, client);
  return outcome;
}

const gl_type *gl_find_type(const gl_engine *e, const char *name, size_t length) {
  size_t low = 0, high = e->type_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const gl_type *type = &e->types[middle];
    if (type->length == length && gl_equal_names(type->name, name, length)) return type;
    int order = type->length != length ? (type->length < length ? -1 : 1) : memcmp(type->name, name, length);
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return NULL;
}

static gl_outcome judge(gl_engine *e, uint64_t client, const gl_message *message) {
  e->hook_group = e->is_filter ? "filters" : "commands";
  e->client = client;
  e->message = message;
  e->may_reject = true;
  return gl_run_hook(e, run_with_message);
}

gl_outcome gl_receive(gl_engine *e, uint64_t client, const gl_message *message, gl_context context) {
  gl_begin(e, context);
  int filter = e->any_filter;
  e->hook_name = "*";
  const gl_type *type = NULL;
  if (e->type_count > 0) {
    char storage[256];
    size_t length;
    const char *name = gl_message_type(message, storage, sizeof storage, &length);
    if (name != NULL) type = gl_find_type(e, name, length);
    if (type == NULL) return without_hook(e, GL_UNKNOWN_TYPE);
    if (!gl_admits(e, type, client, message)) return e->outcome;
    if (type->command != 0 || type->filter != 0) e->hook_name = type->name;
    e->function = type->command;
    if (type->filter != 0) filter = type->filter;
  }
  e->is_filter = e->function == 0;
  if (e->is_filter) e->function = filter;
  gl_outcome outcome = e->function == 0 ? without_hook(e, GL_RELAY) : judge(e, client, message);
  if (type != NULL && type->is_latest) gl_mark_latest(e, type, message, &outcome);
  return outcome;
}
