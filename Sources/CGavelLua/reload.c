// on_reload: the rules were restored to go on in a running room, where others were before.
#include "engine.h"
#include "state.h"

static int run_reload(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_release_timers(L);
  if (e->function != 0) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
    lua_pushstring(L, e->reason);
    lua_call(L, 2, 0);
  }
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

gl_outcome gl_reload(gl_engine *e, const char *from_version, gl_context context) {
  gl_begin(e, context);
  e->reason = from_version;
  e->function = e->events[GL_ON_RELOAD];
  e->hook_group = "on_reload";
  return gl_run_hook(e, run_reload);
}
