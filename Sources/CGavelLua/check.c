// What can be said of a file only when all of it has run; then its hooks are put where a call finds them.
#include "latest.h"
#include "modules.h"
#include "schemas.h"

#include <stdlib.h>
#include <string.h>

// Raises with the place where "what.name" was set in front.
static void fail_at(lua_State *L, const char *what, const char *name, const char *text) {
  lua_pushfstring(L, "%s: %s", gl_push_known_place(L, what, name), text);
  lua_error(L);
}

// The declared message that was probably meant; pushes it, or nil.
static const char *nearest_message(lua_State *L, const char *name) {
  int best_distance = 1000;
  lua_pushnil(L);
  int best = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + GL_MESSAGES);
  gl_keys_of(L, lua_gettop(L));
  gl_sort_keys(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
  for (lua_Integer i = 1; i <= n; i++) {
    size_t length;
    lua_rawgeti(L, -1, i);
    const char *known = lua_tolstring(L, -1, &length);
    int distance = gl_distance(name, strlen(name), known, length);
    if (distance < best_distance && gl_is_near(distance, strlen(name))) {
      best_distance = distance;
      lua_copy(L, -1, best);
    }
    lua_pop(L, 1);
  }
  lua_settop(L, best);
  return lua_tostring(L, best);
}

static bool is_set(lua_State *L, int collection, const char *name) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + collection);
  lua_pushstring(L, name);
  bool is = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 2);
  return is;
}

// A filter or command, join and "*" aside, needs a schema.
static void check_declared(lua_State *L, const char *what, const char *name) {
  if (strcmp(name, "join") == 0 || strcmp(name, "*") == 0 || is_set(L, GL_MESSAGES, name)) return;
  const char *meant = nearest_message(L, name);
  if (meant != NULL) {
    const char *place = gl_push_known_place(L, "messages", meant);
    fail_at(L, what, name,
            lua_pushfstring(L, "%s.%s has no schema. Did you mean %s (%s)? Else add rules.messages.%s = { … }.", what,
                            name, meant, place, name));
  }
  fail_at(L, what, name, lua_pushfstring(L, "%s.%s has no schema. Add rules.messages.%s = { … }.", what, name, name));
}

// Calls `visit` with each name of the collection, in order.
static void each_name(lua_State *L, int collection, void (*visit)(lua_State *L, const char *name)) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + collection);
  gl_keys_of(L, lua_gettop(L));
  gl_sort_keys(L);
  lua_remove(L, -2);
  int names = lua_gettop(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, names);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, names, i);
    visit(L, lua_tostring(L, -1));
    lua_settop(L, names);
  }
  lua_pop(L, 1);
}

static void check_command(lua_State *L, const char *name) {
  check_declared(L, "commands", name);
  if (!is_set(L, GL_FILTERS, name)) return;
  const char *place = gl_push_known_place(L, "filters", name);
  fail_at(L, "commands", name,
          lua_pushfstring(L, "\"%s\" has a filter (%s) and a command. A message is relayed or handled: keep one.", name,
                          place));
}

static void check_filter(lua_State *L, const char *name) { check_declared(L, "filters", name); }

// Options of a message that is not declared. Options of the join need a schema of it too.
static void check_option(lua_State *L, const char *name) {
  if (is_set(L, GL_MESSAGES, name)) return;
  const char *meant = nearest_message(L, name);
  if (meant != NULL) {
    fail_at(L, "options", name, lua_pushfstring(L, "options.%s: no such message. Did you mean %s?", name, meant));
  }
  fail_at(L, "options", name,
          lua_pushfstring(L, "options.%s: no such message. Add rules.messages.%s = { … }.", name, name));
}

// Moves the function under the name to a slot of its own; 0 where there is none.
static int place_function(lua_State *L, int collection, const char *name, int *next_slot) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + collection);
  lua_pushstring(L, name);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 2);
    return 0;
  }
  lua_rawseti(L, LUA_REGISTRYINDEX, *next_slot);
  lua_pop(L, 1);
  return (*next_slot)++;
}

static int compare_types(const void *a, const void *b) {
  const gl_type *x = a, *y = b;
  if (x->length != y->length) return x->length < y->length ? -1 : 1;
  return memcmp(x->name, y->name, x->length);
}

// Its node, counted from 1.
static uint32_t declare_message(lua_State *L, const char *name, bool is_strict) {
  int top = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + GL_MESSAGES);
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  uint32_t node = gl_declare(L, lua_gettop(L), "messages", name, is_strict);
  lua_settop(L, top);
  return node + 1;
}

static void place_messages(lua_State *L, int *next_slot) {
  gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + GL_MESSAGES);
  gl_keys_of(L, lua_gettop(L));
  size_t n = lua_rawlen(L, -1);
  gl_sort_keys(L);
  e->types = calloc(n > 0 ? n : 1, sizeof *e->types);
  if (e->types == NULL) gl_no_memory(L);
  for (size_t i = 0; i < n; i++) {
    gl_type join = {0};
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    const char *name = lua_tostring(L, -1);
    bool is_join = strcmp(name, "join") == 0, is_strict;
    gl_type *type = is_join ? &join : &e->types[e->type_count];
    if (!is_join) {
      type->name = strdup(name);
      if (type->name == NULL) gl_no_memory(L);
      type->length = strlen(name);
      e->type_count++;  // before anything raises, so that it is freed
    }
    gl_read_options(L, name, type, &is_strict);
    type->schema = declare_message(L, name, is_strict);
    if (is_join) {
      e->join_schema = type->schema;
      lua_pop(L, 1);
      continue;
    }
    type->filter = place_function(L, GL_FILTERS, name, next_slot);
    type->command = place_function(L, GL_COMMANDS, name, next_slot);
    gl_check_options(L, type);
    lua_pop(L, 1);
  }
  qsort(e->types, e->type_count, sizeof *e->types, compare_types);
  gl_tell_latest(L);
  lua_pop(L, 2);
}

static void place_functions(lua_State *L, int collection, gl_functions *functions, int *next_slot) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + collection);
  gl_keys_of(L, lua_gettop(L));
  gl_sort_keys(L);
  size_t n = lua_rawlen(L, -1);
  functions->list = calloc(n > 0 ? n : 1, sizeof *functions->list);
  if (functions->list == NULL) gl_no_memory(L);
  for (size_t i = 0; i < n; i++) {
    gl_type *function = &functions->list[functions->count];
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    function->name = strdup(lua_tolstring(L, -1, &function->length));
    if (function->name == NULL) gl_no_memory(L);
    functions->count++;
    function->command = place_function(L, collection, function->name, next_slot);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

static void place_events(lua_State *L, int *next_slot) {
  gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_RULES);
  lua_getiuservalue(L, -1, 1);
  for (int i = 0; i < GL_EVENTS; i++) {
    lua_pushstring(L, gl_events[i].name);
    if (lua_rawget(L, -2) == LUA_TNIL) {
      lua_pop(L, 1);
      continue;
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, *next_slot);
    e->events[i] = (*next_slot)++;
  }
  lua_pop(L, 2);
}

// Remembers where the functions begin, for errors that show only when they have returned.
static void remember_places(lua_State *L, int end_slot) {
  gl_engine *e = gl_engine_of(L);
  e->places = calloc((size_t)(end_slot - GL_SLOT_HOOKS) + 1, sizeof *e->places);
  if (e->places == NULL) gl_no_memory(L);
  e->hook_count = end_slot - GL_SLOT_HOOKS;
  for (int slot = GL_SLOT_HOOKS; slot < end_slot; slot++) {
    lua_Debug ar;
    lua_rawgeti(L, LUA_REGISTRYINDEX, slot);
    lua_getinfo(L, ">S", &ar);
    int32_t file = gl_find_file(e, ar.short_src);
    e->places[slot - GL_SLOT_HOOKS] = (gl_place){
        .file = file < 0 ? 0 : file, .line = ar.linedefined > 0 ? ar.linedefined : 0};
  }
}

// What the file returned is on top of the stack.
static void check_result(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_RULES);
  bool is_rules = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  if (is_rules) return;
  const char *text = "the file returned no rules. End it with: return rules";
  if (lua_isnil(L, -1)) text = "the file returned nothing. End it with: return rules";
  if (lua_istable(L, -1)) text = "the file returned a plain table. Begin it with: local rules = gavel.rules()";
  lua_pushfstring(L, "%s:%d: %s", e->files[0].name, e->files[0].last_line, text);
  lua_error(L);
}

void gl_check_rules(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  check_result(L);
  each_name(L, GL_COMMANDS, check_command);
  each_name(L, GL_FILTERS, check_filter);
  each_name(L, GL_OPTIONS, check_option);
  int next_slot = GL_SLOT_HOOKS;
  place_messages(L, &next_slot);
  e->any_filter = place_function(L, GL_FILTERS, "*", &next_slot);
  e->join_command = place_function(L, GL_COMMANDS, "join", &next_slot);
  place_functions(L, GL_TIMERS, &e->timers, &next_slot);
  place_functions(L, GL_SIGNALS, &e->signals, &next_slot);
  place_events(L, &next_slot);
  remember_places(L, next_slot);
  gl_place_params(L);
  // A schema that nothing uses may be wrong too.
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COMPLAINT) != LUA_TNIL) lua_error(L);
  lua_pop(L, 1);
  gl_trim_schemas(e->schemas);
}
