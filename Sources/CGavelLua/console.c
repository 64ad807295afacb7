// A chunk that somebody types while the room runs: a hook of its own, with `room`, `gavel` and `client(id)` in scope.
#include "engine.h"
#include "report.h"
#include "show.h"
#include "state.h"

#include <stdlib.h>

enum { MOST_SOURCE = 16 * 1024, MOST_SHOWN = 16 * 1024 };

static const char name[] = "console";

static int find_client(lua_State *L) {
  if (gl_engine_of(L)->phase != GL_PHASE_HOOK) return luaL_error(L, "client can be called by a hook only.");
  if (!lua_isinteger(L, 1)) return luaL_error(L, "client takes a client's id, which is an integer: client(1)");
  return gl_push_client(L, (uint64_t)lua_tointeger(L, 1)) ? 1 : 0;
}

static int refuse_global(lua_State *L) {
  const char *variable = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  return luaL_error(L, "global \"%s\" is not declared. Write local %s, or room.state.%s if it must last.", variable,
                    variable, variable);
}

// Pushes what the chunk has as its globals: its own names, and behind them those of the rules' files.
static void push_globals(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  lua_setfield(L, -2, "room");
  lua_pushcfunction(L, find_client);
  lua_setfield(L, -2, "client");
  lua_createtable(L, 0, 3);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_GLOBALS);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_global);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

static int run_chunk(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_charge(L, gl_bytes_cost(e->console.length));
  const char *bytes = (const char *)e->console.bytes;
  if (luaL_loadbufferx(L, bytes, e->console.length, name, "b") != LUA_OK) return lua_error(L);
  push_globals(L);
  lua_setupvalue(L, -2, 1);
  lua_call(L, 0, LUA_MULTRET);
  e->payload_start = e->out.length;
  gl_show_values(L, &e->out, 1, MOST_SHOWN);
  e->payload_length = e->out.length - e->payload_start;
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

// An expression is one that can stand behind return.
static bool compile(const uint8_t *source, size_t length, gl_chunk *chunk, gl_error *error) {
  static const char before[] = "return ";
  if (length > MOST_SOURCE) {
    *error = (gl_error){.kind = GL_ERROR_SCRIPT};
    gl_copy_text(error->file, sizeof error->file, name, strlen(name));
    gl_copy_text(error->message, sizeof error->message, "that is too long: 16 KiB are the most.", 38);
    return false;
  }
  uint8_t *expression = malloc(sizeof before + length);
  if (expression != NULL) {
    memcpy(expression, before, sizeof before - 1);
    if (length > 0) memcpy(expression + sizeof before - 1, source, length);
    bool is_expression = gl_compile(name, expression, sizeof before - 1 + length, chunk, error);
    free(expression);
    if (is_expression) return true;
  }
  return gl_compile(name, source, length, chunk, error);
}

gl_outcome gl_evaluate(gl_engine *e, const uint8_t *source, size_t length, gl_context context) {
  gl_chunk chunk;
  gl_error error;
  gl_begin(e, context);
  e->hook_group = name;
  if (!compile(source, length, &chunk, &error)) {
    gl_failure_of(e)->error = error;
    return e->outcome;
  }
  e->console = (gl_bytes){chunk.bytes, chunk.length};
  gl_outcome outcome = gl_run_hook(e, run_chunk);
  e->console = (gl_bytes){0};
  free(chunk.bytes);
  if (outcome.verdict == GL_FAILED) gl_split_place(&gl_failure_of(e)->error, name);
  return outcome;
}
