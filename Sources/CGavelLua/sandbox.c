// The globals as a whole: closed, so that a misspelt name is an error where it stands and nothing outlives a hook.
#include "engine.h"
#include "message.h"
#include "modules.h"
#include "schemas.h"
#include "seal.h"
#include "state.h"

#include <string.h>

#define PAUSE \
  "a hook cannot pause. Write room:after(\"3s\", \"NAME\", data) and function rules.timers.NAME(room, data)."

const gl_removal gl_removals[] = {
    {NULL, "collectgarbage", "there is no collectgarbage here: the relay sees to the memory."},
    {NULL, "dofile", "there is no dofile here: rules are what stands in their file."},
    {NULL, "load", "there is no load here: rules are what stands in their file."},
    {NULL, "loadfile", "there is no loadfile here: rules are what stands in their file."},
    {NULL, "warn", "there is no warn here. Write to the log: gavel.log(text, fields)."},
    {"math", "randomseed", "there is no math.randomseed: the host seeds the random numbers."},
    {"string", "dump", "there is no string.dump."},
    {0},
};

// What else a designer may look for, and what there is instead.
static const struct {
  const char *name, *text;
} strangers[] = {
    {"os", "there is no os here. For the time: gavel.now() (milliseconds)."},
    {"io", "there is no io here: rules read and write no files. Keep what must last in room.state."},
    {"debug", "there is no debug here. To look at a value: gavel.log(text, fields)."},
    {"package", "there is no package here."},
    {"coroutine", "there is no coroutine here: a hook cannot pause."},
    {"wait", "there is no wait: " PAUSE},
    {"task", "there is no task here: " PAUSE},
    {"sleep", "there is no sleep: " PAUSE},
    {"loadstring", "there is no loadstring here: rules are what stands in their file."},
    {"unpack", "global \"unpack\" is not declared. Write table.unpack."},
    {"room", "there is no room here: it is what a hook is given first, function (room, ...)."},
};

static const char *missing(const char *name) {
  for (const gl_removal *removal = gl_removals; removal->name != NULL; removal++) {
    if (removal->library == NULL && strcmp(name, removal->name) == 0) return removal->text;
  }
  for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
    if (strcmp(name, strangers[i].name) == 0) return strangers[i].text;
  }
  return NULL;
}

// _G is a view: it answers nil for what is not there, and cannot be written.
static int view_read(lua_State *L) {
  lua_pushglobaltable(L);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL || lua_type(L, 2) != LUA_TSTRING) return 1;
  return gl_push_global(L, lua_tostring(L, 2)) ? 1 : 0;
}

static int view_write(lua_State *L) { return luaL_error(L, "_G cannot be written. Write a local."); }

static void push_view(lua_State *L) {
  lua_newtable(L);
  static const luaL_Reg functions[] = {{"__index", view_read}, {"__newindex", view_write}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  gl_keep_member(L, 1, "_G");
}

static int undeclared_read(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2), *text = missing(name);
  if (text == NULL && gl_push_global(L, name)) return 1;
  if (strcmp(name, "_G") == 0) {
    push_view(L);
    return 1;
  }
  if (text != NULL) return luaL_error(L, "%s", text);
  static const char *const libraries[] = {"gavel", "math", "string", "table", "utf8"};
  gl_search search = {.word = name};
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) gl_consider(&search, libraries[i]);
  gl_consider_members(&search, gl_base_members);
  if (search.best != NULL) {
    return luaL_error(L, "global \"%s\" is not declared. Did you mean %s?", name, search.best);
  }
  return luaL_error(L, "global \"%s\" is not declared. Write local %s, or room.state.%s if it must last.", name, name,
                    name);
}

static int write_global(lua_State *L) {
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  if (missing(name) == NULL && (strcmp(name, "_G") == 0 || strcmp(name, "gavel") == 0 || gl_push_global(L, name))) {
    return luaL_error(L, "global \"%s\" cannot be set. Write local %s, or choose another name.", name, name);
  }
  if (gl_engine_of(L)->phase == GL_PHASE_LOAD) {
    return luaL_error(L, "global \"%s\" is not declared. Write local %s, or local function %s.", name, name, name);
  }
  return luaL_error(L, "global \"%s\" is not declared. Write local %s, or room.state.%s if it must last.", name, name,
                    name);
}

int gl_call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int fill_names(lua_State *L) {
  lua_settop(L, 0);
  gl_complete_libraries(L);
  lua_pushglobaltable(L);
  lua_getfield(L, 1, "_G");
  lua_settop(L, 1);
  lua_getfield(L, 1, "gavel");
  gl_unseal(L, 2);
  for (const gl_member *const *list = gl_gavel_members; *list != NULL; list++) {
    for (const gl_member *m = *list; m->name != NULL; m++) {
      lua_getfield(L, 2, m->name);
      lua_settop(L, 2);
    }
  }
  for (int kind = 0; kind < GL_SCHEMA_KINDS; kind++) {
    gl_push_schema(L, gl_schema_forms[kind].name);
    gl_keep_member(L, 2, gl_schema_forms[kind].name);
    lua_settop(L, 2);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  luaL_getmetafield(L, 3, "__index");
  for (const gl_member *const *list = gl_room_members; *list != NULL; list++) {
    for (const gl_member *m = *list; m->name != NULL; m++) {
      if (m->function != NULL) lua_getfield(L, 4, m->name);
      lua_settop(L, 4);
    }
  }
  return 0;
}

bool gl_fill_names(gl_engine *e) { return gl_run(e, fill_names); }

void gl_open_sandbox(lua_State *L) {
  gl_open_libraries(L);
  gl_open_gavel(L);
  gl_open_message(L);
  gl_open_state(L);
  gl_open_room(L);
  gl_open_clients(L);
  gl_open_rules(L);
  gl_open_modules(L);

  lua_pushglobaltable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, undeclared_read);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  gl_seal(L, write_global);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_GLOBALS);
}
