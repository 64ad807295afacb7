// on_drop and on_return: a client's connection is gone, and the client may come back. Both take place whatever the hook
// does.
#include "engine.h"
#include "state.h"

static int run_drop(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  gl_push_client(L, e->client);
  lua_call(L, 2, 0);
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

static int run_return(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_sync_newcomer(L, e->client);
  if (e->function != 0) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
    gl_push_client(L, e->client);
    lua_pushboolean(L, e->recovered);
    lua_call(L, 3, 0);
  }
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

// Begins the call. False: the client is not in the room, and nothing is to be done.
static bool begin(gl_engine *e, uint64_t client, bool is_connected, int event, const char *name, gl_context context) {
  gl_begin(e, context);
  e->outcome.verdict = GL_HANDLED;
  if (!gl_has_client(e, client)) return false;
  gl_set_connected(e->L, client, is_connected);
  e->client = client;
  e->function = e->events[event];
  e->hook_group = name;
  return true;
}

gl_outcome gl_disconnect(gl_engine *e, uint64_t client, gl_context context) {
  bool is_here = begin(e, client, false, GL_ON_DROP, "on_drop", context);
  if (!is_here || e->function == 0) return e->outcome;
  e->outcome.verdict = GL_FAILED;
  return gl_run_hook(e, run_drop);
}

gl_outcome gl_resume(gl_engine *e, uint64_t client, bool recovered, gl_context context) {
  bool is_here = begin(e, client, true, GL_ON_RETURN, "on_return", context);
  if (!is_here || (e->function == 0 && e->events[GL_ON_SNAPSHOT] == 0)) return e->outcome;
  e->outcome.verdict = GL_FAILED;
  e->recovered = recovered;
  gl_outcome outcome = gl_run_hook(e, run_return);
  if (outcome.verdict == GL_FAILED) gl_show_returner(e, client);
  return e->outcome;
}
