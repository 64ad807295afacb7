// The base functions that rules see: those of Lua that are safe, and our own in place of the others.
#include "engine.h"
#include "modules.h"
#include "seal.h"
#include "state.h"

#include <string.h>

// How much the engine's own lists hold.
typedef struct {
  size_t scratch, keys, out, recipients;
  int32_t loading;
  const gl_sorting *sorting;
} extent;

static extent extent_of(const gl_engine *e) {
  return (extent){.scratch = e->scratch.length, .keys = e->key_count, .out = e->out.length,
                  .recipients = e->recipient_count, .loading = e->loading_count, .sorting = e->sorting};
}

// Takes away what a failed call began; the effects that it completed stay.
static void cut_back(gl_engine *e, extent to) {
  if (e->effect_count > 0) {
    const gl_effect_record *last = &e->effects[e->effect_count - 1];
    size_t out = last->start + last->length, recipients = last->recipient_start + last->recipient_count;
    if (out > to.out) to.out = out;
    if (recipients > to.recipients) to.recipients = recipients;
  }
  e->scratch.length = to.scratch;
  e->key_count = to.keys;
  e->out.length = to.out;
  e->recipient_count = to.recipients;
  e->loading_count = to.loading;
  e->sorting = to.sorting;
}

static int protected_call(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkany(L, 1);
  gl_charge(L, 4);
  extent before = extent_of(e);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  if (e->stop != GL_GOING) return gl_raise(L);
  if (status == LUA_OK) return lua_gettop(L);
  cut_back(e, before);
  gl_check_clock(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

// A message handler runs inside the count hook when that stops a script: then with hooks off, so not at all.
static int guarded_handler(lua_State *L) {
  if (gl_engine_of(L)->stop != GL_GOING) return 1;
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int protected_call_with_handler(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  gl_charge(L, 4);
  extent before = extent_of(e);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, guarded_handler, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  int status = lua_pcall(L, lua_gettop(L) - 4, LUA_MULTRET, 2);
  if (e->stop != GL_GOING) return gl_raise(L);
  if (status == LUA_OK) return lua_gettop(L) - 2;
  cut_back(e, before);
  gl_check_clock(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

// __gc would run with the count hook off; __mode meets bugs of Lua 5.4.4's collector.
static int set_metatable(lua_State *L) {
  if (gl_is_state(L, 1)) return luaL_error(L, "what the state holds is plain data: it has no metatable.");
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  if (lua_istable(L, 2)) {
    static const char *const refused[] = {"__gc", "__mode"};
    for (int i = 0; i < 2; i++) {
      lua_pushstring(L, refused[i]);
      if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "a metatable cannot have %s here", refused[i]);
    }
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

const char *gl_push_text(lua_State *L, int index, size_t *length) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 4, NULL);
  if (lua_type(L, index) != LUA_TLIGHTUSERDATA && luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "'__tostring' must return a string");
    return lua_tolstring(L, -1, length);
  }
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      lua_pushliteral(L, "nil");
      break;
    case LUA_TBOOLEAN:
      lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
      break;
    case LUA_TNUMBER:
    case LUA_TSTRING:
      lua_pushvalue(L, index);
      break;
    case LUA_TLIGHTUSERDATA: {
      const void *value = lua_touserdata(L, index);
      lua_pushstring(L, value == &gl_null ? "null" : value == &gl_drop ? "gavel.drop" : "userdata");
      break;
    }
    default: {
      int type = luaL_getmetafield(L, index, "__name");
      if (type == LUA_TSTRING) break;
      if (type != LUA_TNIL) lua_pop(L, 1);
      lua_pushstring(L, luaL_typename(L, index));
    }
  }
  return lua_tolstring(L, -1, length);
}

static int to_string(lua_State *L) {
  luaL_checkany(L, 1);
  gl_charge(L, 1);
  gl_push_text(L, 1, NULL);
  return 1;
}

static int to_number(lua_State *L) {
  gl_charge(L, lua_type(L, 1) == LUA_TSTRING ? gl_bytes_cost(lua_rawlen(L, 1) * 16) : 1);
  return gl_call_stock(L);
}

static int print(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  size_t base = e->scratch.length;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) {
    size_t length;
    const char *text = gl_push_text(L, i, &length);
    gl_charge(L, gl_bytes_cost(length));
    if (i > 1) gl_append(L, &e->scratch, "\t", 1);
    gl_append(L, &e->scratch, text, length);
    lua_pop(L, 1);
  }
  gl_add_log(L, (const char *)e->scratch.bytes + base, e->scratch.length - base, 0);
  e->scratch.length = base;
  return 0;
}

// A state is a table to a script, and so are its parts.
static int type_of(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, gl_is_state(L, 1) ? "table" : luaL_typename(L, 1));
  return 1;
}

static int raw_get(lua_State *L) {
  gl_unwrap(L, 1);
  gl_complete(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  lua_rawget(L, 1);
  return 1;
}

static int raw_set(lua_State *L) {
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (gl_is_state(L, 1)) {
    lua_settable(L, 1);
  } else {
    luaL_checktype(L, 1, LUA_TTABLE);
    gl_check_open(L, 1);
    lua_rawset(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

static int raw_length(lua_State *L) {
  bool is_state = gl_unwrap(L, 1);
  luaL_argexpected(L, lua_istable(L, 1) || lua_type(L, 1) == LUA_TSTRING, 1, "table or string");
  lua_pushinteger(L, is_state ? gl_length(L, 1) : (lua_Integer)lua_rawlen(L, 1));
  return 1;
}

static int select_argument(lua_State *L) {
  gl_charge(L, 1 + (uint64_t)lua_gettop(L) / 8);
  return gl_call_stock(L);
}

// Lua's own.
static const gl_member stock[] = {
    {"assert", NULL, "<T>(value?: T, message?: any, ...: any): T, any",
     "Raises an error where the value is nil or false."},
    {"error", NULL, "(message: any, level?: integer)", "Raises an error: the hook fails, and is undone."},
    {"getmetatable", NULL, "(value: any): any", "The metatable of a table; false where it is hidden."},
    {"ipairs", NULL, "<V>(list: V[]): (fun(list: V[], i?: integer): integer, V), V[], integer", "Goes through a list."},
    {"rawequal", NULL, "(a: any, b: any): boolean", "Whether both are the same."},
    {"_VERSION", NULL, "string", "\"Lua 5.4\"."},
    {"_G", NULL, "table", "The globals, for reading."},
    {0},
};

// Lua's own behind a charge.
const gl_member gl_base_wrapped[] = {
    {"tonumber", to_number, "(value: any, base?: integer): number?", "The number that a text says; nil: it says none."},
    {"select", select_argument, "(n: integer|\"#\", ...: any): any",
     "The arguments from the n-th on; with \"#\" their count."},
    {0},
};

const gl_member gl_base_own[] = {
    {"pcall", protected_call, "(f: function, ...: any): boolean, any",
     "Calls a function and catches its error, but neither a reject nor a spent budget."},
    {"xpcall", protected_call_with_handler, "(f: function, handler: fun(message: any): any, ...: any): boolean, any",
     "As pcall, with a function that is given the error."},
    {"setmetatable", set_metatable, "<T>(table: T, metatable?: table): T",
     "Sets the metatable of a table; it can have neither __gc nor __mode."},
    {"tostring", to_string, "(value: any): string", "The value as text, without an address."},
    {"print", print, "(...: any)", "Writes a line to the relay's log."},
    {"require", gl_require, "(module: string): any",
     "What another file of the folder returns, which it runs: require \"lib.board\" for lib/board.lua. At the top of a "
     "file only."},
    {"type", type_of, "(value: any): string",
     "\"nil\", \"number\", \"string\", \"boolean\", \"table\", \"function\" or \"userdata\"."},
    {"rawget", raw_get, "(table: table, key: any): any", "The table's field, without its metatable."},
    {"rawset", raw_set, "(table: table, key: any, value: any): table",
     "Sets the table's field, without its metatable."},
    {"rawlen", raw_length, "(value: table|string): integer", "The length, without the metatable."},
    {"pairs", gl_pairs, "<K, V>(table: table<K, V>): (fun(table: table<K, V>, key?: K): K, V)",
     "Goes through numbers upward, then texts in the order of their bytes."},
    {"next", gl_next, "<K, V>(table: table<K, V>, key?: K): K?, V?",
     "The key behind this one in the order of pairs, and its value."},
    {0},
};

const gl_member *const gl_base_members[] = {stock, gl_base_wrapped, gl_base_own, NULL};
