// require: runs another file of the rules, once for each room. The files come with gl_load; one that is missing ends
// the loading, so that the host can look for it and load again.
#include "engine.h"
#include "modules.h"
#include "report.h"

#include <string.h>

enum { MODULE_BYTES = GL_NAME_BYTES - 1 - 4 };  // of a module's name: its file has .lua behind it

int32_t gl_find_file(const gl_engine *e, const char *name) {
  for (int32_t i = 0; i < e->file_count; i++) {
    if (strcmp(e->files[i].name, name) == 0) return i;
  }
  return -1;
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// "lib.board" and "lib/board" to "lib/board.lua".
static void read_name(lua_State *L, char *file) {
  size_t length;
  if (lua_type(L, 1) != LUA_TSTRING) {
    luaL_error(L, "require takes the name of a module, a text: require \"board\" for board.lua.");
  }
  const char *name = lua_tolstring(L, 1, &length);
  if (length > MODULE_BYTES) {
    luaL_error(L, "the name of a module has at most %d bytes, and this one %d.", MODULE_BYTES, (int)length);
  }
  bool is_sound = length > 0;
  for (size_t i = 0; i < length; i++) {
    bool is_first = i == 0 || name[i - 1] == '.' || name[i - 1] == '/', is_last = i + 1 == length;
    if (!is_word(name[i]) && ((name[i] != '.' && name[i] != '/') || is_first || is_last)) is_sound = false;
    file[i] = name[i] == '.' ? '/' : name[i];
  }
  if (!is_sound) {
    luaL_error(L, "\"%s\" is no name of a module. Write its file without .lua, folders with dots: require \"lib.board\" "
                  "for lib/board.lua.", name);
  }
  if (length > 4 && strcmp(name + length - 4, ".lua") == 0) {
    lua_pushlstring(L, name, length - 4);
    luaL_error(L, "a module is named without .lua: require \"%s\".", lua_tostring(L, -1));
  }
  memcpy(file + length, ".lua", 5);
}

static int need(lua_State *L, const char *file) {
  gl_engine *e = gl_engine_of(L);
  gl_copy_text(e->needed, sizeof e->needed, file, strlen(file));
  gl_stop(e, GL_STOP_MODULE);
  return gl_raise(L);
}

// Raises where the file is being run already, and with it those that required it.
static void check_cycle(lua_State *L, int32_t file) {
  const gl_engine *e = gl_engine_of(L);
  int32_t first = 0;
  while (first < e->loading_count && e->loading[first] != file) first++;
  if (first == e->loading_count) return;
  luaL_Buffer chain;
  luaL_buffinit(L, &chain);
  for (int32_t i = first; i < e->loading_count; i++) {
    luaL_addstring(&chain, e->files[e->loading[i]].name);
    luaL_addstring(&chain, " -> ");
  }
  luaL_addstring(&chain, e->files[file].name);
  luaL_pushresult(&chain);
  luaL_error(L, "files require each other: %s. Put what both need into a third.", lua_tostring(L, -1));
}

void gl_run_file(lua_State *L, int32_t file) {
  gl_engine *e = gl_engine_of(L);
  const gl_source *source = &e->load_sources[file];
  if (e->loading_count == GL_NESTED_FILES) {
    luaL_error(L, "files require each other more than %d deep.", GL_NESTED_FILES);
  }
  const gl_chunk *chunk = &source->chunk;
  if (luaL_loadbufferx(L, (const char *)chunk->bytes, chunk->length, source->name, "b") != LUA_OK) lua_error(L);
  // Its globals are read through a sealed table.
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_GLOBALS);
  lua_setupvalue(L, -2, 1);
  e->loading[e->loading_count++] = file;
  lua_call(L, 0, 1);
  e->loading_count--;
}

int gl_require(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  char name[GL_NAME_BYTES];
  read_name(L, name);
  gl_charge(L, 16);
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_MODULES);
  if (lua_getfield(L, 2, name) != LUA_TNIL) return 1;
  if (e->phase != GL_PHASE_LOAD) {
    return luaL_error(L, "require \"%s\" belongs at the top of the file: a hook loads nothing.", lua_tostring(L, 1));
  }
  int32_t file = gl_find_file(e, name);
  if (file < 0) return need(L, name);
  check_cycle(L, file);
  gl_run_file(L, file);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, 2, name);
  return 1;
}

void gl_open_modules(lua_State *L) {
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_MODULES);
}
