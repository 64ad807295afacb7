// rules.options.T: read when all of the file has run, since options may stand before the message that they are for.
#include "rates.h"

#include <stdlib.h>

static const gl_member options_of_a_type[] = {
    {"rate", NULL, "string", "How many in what time from each client: \"5/10s\". More are answered rate_limited."},
    {"strict", NULL, "boolean", "false: fields that are not declared pass. Default: true."},
    {0},
};

const gl_member *const gl_option_members[] = {options_of_a_type, NULL};

static const char *const later[] = {"class", "key", "echo", NULL};

static bool is_in(const char *const *names, const char *name) {
  for (; *names != NULL; names++) {
    if (strcmp(*names, name) == 0) return true;
  }
  return false;
}

static bool is_known(const char *name) {
  for (const gl_member *option = options_of_a_type; option->name != NULL; option++) {
    if (strcmp(option->name, name) == 0) return true;
  }
  return false;
}

static void fail(lua_State *L, const char *type, const char *text) {
  const char *place = gl_push_known_place(L, "options", type);
  lua_pushfstring(L, "%s: options.%s%s", place, type, text);
  lua_error(L);
}

// The value at the stack index, as a designer wrote it.
static const char *push_shown(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TSTRING) return lua_pushfstring(L, "\"%s\"", lua_tostring(L, index));
  if (lua_type(L, index) == LUA_TTABLE || lua_type(L, index) == LUA_TFUNCTION || lua_isuserdata(L, index)) {
    return lua_pushfstring(L, "a %s", luaL_typename(L, index));
  }
  size_t length;
  return gl_push_text(L, index, &length);
}

static void check_names(lua_State *L, const char *type, int options) {
  lua_pushnil(L);
  while (lua_next(L, options)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) fail(L, type, " takes options with a name: { rate = \"30/1s\" }.");
    const char *name = lua_tostring(L, -1);
    if (is_known(name)) continue;
    if (is_in(later, name)) {
      fail(L, type, lua_pushfstring(L, ".%s is not available in this version: all messages are numbered and go to "
                                       "everyone. Leave it out.", name));
    }
    const char *meant = gl_nearest_member(name, gl_option_members), *names = gl_push_names(L, gl_option_members);
    if (meant != NULL) {
      fail(L, type, lua_pushfstring(L, ".%s: no such option. Did you mean %s? (%s)", name, meant, names));
    }
    fail(L, type, lua_pushfstring(L, ".%s: no such option. (%s)", name, names));
  }
}

static void read_strict(lua_State *L, const char *type, int options, bool *is_strict) {
  lua_pushliteral(L, "strict");
  int found = lua_rawget(L, options);
  if (found == LUA_TBOOLEAN) {
    *is_strict = lua_toboolean(L, -1);
  } else if (found != LUA_TNIL) {
    fail(L, type, lua_pushfstring(L, ".strict is %s. Write true or false.", push_shown(L, lua_gettop(L))));
  }
}

static void read_rate(lua_State *L, const char *type, int options, uint32_t *index) {
  gl_engine *e = gl_engine_of(L);
  lua_pushliteral(L, "rate");
  int found = lua_rawget(L, options);
  if (found == LUA_TNIL) return;
  gl_rate rate = {0};
  size_t length = 0;
  const char *text = found == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  if (text == NULL || strlen(text) != length || !gl_read_rate(text, &rate)) {
    fail(L, type, lua_pushfstring(L, ".rate is %s. Write how many in what time: \"5/10s\".",
                                  push_shown(L, lua_gettop(L))));
  }
  if (strcmp(type, "join") == 0) fail(L, type, ".rate: the config limits joins, for all rooms at once.");
  gl_rates *r = e->rates;
  if (r == NULL) r = e->rates = calloc(1, sizeof *r);
  gl_rate *grown = r == NULL ? NULL : realloc(r->rates, (r->count + 1) * sizeof *grown);
  if (grown == NULL) {
    gl_stop(e, GL_STOP_MEMORY);
    gl_raise(L);
  }
  r->rates = grown;
  r->rates[r->count++] = rate;
  *index = r->count;
}

void gl_read_options(lua_State *L, const char *type, bool *is_strict, uint32_t *rate) {
  int top = lua_gettop(L);
  *is_strict = true;
  *rate = 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + GL_OPTIONS);
  lua_pushstring(L, type);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    int options = lua_gettop(L);
    check_names(L, type, options);
    read_strict(L, type, options, is_strict);
    read_rate(L, type, options, rate);
  }
  lua_settop(L, top);
}
