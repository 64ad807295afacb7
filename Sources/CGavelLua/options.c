// rules.options.T: read when all of the file has run, since options may stand before the message that they are for.
#include "rates.h"
#include "schemas.h"

#include <stdlib.h>
#include <string.h>

static const gl_member options_of_a_type[] = {
    {"rate", NULL, "string", "How many in what time from each client: \"5/10s\". More are answered rate_limited."},
    {"strict", NULL, "boolean", "false: fields that are not declared pass. Default: true."},
    {"class", NULL, "\"latest\"",
     "Only the newest message counts: it has no number, and who is behind gets no older one."},
    {"key", NULL, "string",
     "Of class latest: the field that says what a message is the newest of. Default: its sender does."},
    {"echo", NULL, "boolean", "Of class latest: false: its sender does not get it. Default: true."},
    {0},
};

const gl_member *const gl_option_members[] = {options_of_a_type, NULL};

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
    const char *meant = gl_nearest_member(name, gl_option_members), *names = gl_push_names(L, gl_option_members);
    if (meant != NULL) {
      fail(L, type, lua_pushfstring(L, ".%s: no such option. Did you mean %s? (%s)", name, meant, names));
    }
    fail(L, type, lua_pushfstring(L, ".%s: no such option. (%s)", name, names));
  }
}

static bool read_flag(lua_State *L, const char *type, int options, const char *name) {
  lua_pushstring(L, name);
  int found = lua_rawget(L, options);
  if (found != LUA_TNIL && found != LUA_TBOOLEAN) {
    fail(L, type, lua_pushfstring(L, ".%s is %s. Write true or false.", name, push_shown(L, lua_gettop(L))));
  }
  return found == LUA_TNIL || lua_toboolean(L, -1);
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
  if (grown == NULL) gl_no_memory(L);
  r->rates = grown;
  r->rates[r->count++] = rate;
  *index = r->count;
}

static void read_class(lua_State *L, const char *type, int options, gl_type *t) {
  lua_pushliteral(L, "class");
  int found = lua_rawget(L, options);
  if (found != LUA_TNIL) {
    if (found != LUA_TSTRING || strcmp(lua_tostring(L, -1), "latest") != 0) {
      fail(L, type, lua_pushfstring(L, ".class is %s. Write \"latest\", or leave it out: all else is numbered.",
                                    push_shown(L, lua_gettop(L))));
    }
    if (strcmp(type, "join") == 0) fail(L, type, ".class: a join is never relayed. Leave it out.");
    t->is_latest = true;
  }
  t->echoes = read_flag(L, type, options, "echo");
  if (!t->echoes && !t->is_latest) {
    fail(L, type, ".echo: an ordered message goes to everyone, so that all count alike. Add class = \"latest\", or let "
                  "the sender skip its own client_id.");
  }
  lua_pushliteral(L, "key");
  found = lua_rawget(L, options);
  if (found == LUA_TNIL) return;
  if (found != LUA_TSTRING) {
    fail(L, type, lua_pushfstring(L, ".key is %s. Write the name of a field: key = \"piece\".",
                                  push_shown(L, lua_gettop(L))));
  }
  if (!t->is_latest) fail(L, type, ".key: only messages of class latest have one. Add class = \"latest\".");
  t->key = strdup(lua_tostring(L, -1));
  if (t->key == NULL) gl_no_memory(L);
}

void gl_read_options(lua_State *L, const char *type, gl_type *t, bool *is_strict) {
  int top = lua_gettop(L);
  *is_strict = true;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + GL_OPTIONS);
  lua_pushstring(L, type);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    int options = lua_gettop(L);
    check_names(L, type, options);
    *is_strict = read_flag(L, type, options, "strict");
    read_rate(L, type, options, &t->rate);
    read_class(L, type, options, t);
  }
  lua_settop(L, top);
}

void gl_check_options(lua_State *L, const gl_type *t) {
  const gl_schemas *s = gl_engine_of(L)->schemas;
  if (t->is_latest && t->command != 0) fail(L, t->name, ".class: a command is never relayed. Leave it out.");
  if (t->key == NULL) return;
  uint32_t field = gl_find_field(s, &s->nodes[t->schema - 1], t->key, strlen(t->key));
  if (field == UINT32_MAX) {
    fail(L, t->name, lua_pushfstring(L, ".key: messages.%s has no field \"%s\".", t->name, t->key));
  }
  const gl_node *node = &s->nodes[s->fields[field].node];
  bool is_scalar = node->kind == GL_INTEGER_SCHEMA || node->kind == GL_STRING_SCHEMA ||
                   node->kind == GL_BOOLEAN_SCHEMA || node->kind == GL_ONE_OF_SCHEMA;
  if (!is_scalar || node->is_optional) {
    fail(L, t->name, lua_pushfstring(L, ".key: \"%s\" must be an integer, a string, a boolean or a one_of, and always "
                                        "there.", t->key));
  }
}
