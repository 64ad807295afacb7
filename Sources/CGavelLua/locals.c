// Variables outside of the hooks that hooks assign: they would be lost on a reload, and not undone with a hook. Every
// function that a hook may call is looked at: through its upvalues, and through the fields of tables there that some
// hook has a name for. Those that only the loading calls may assign what they like.
#include "bytecode.h"
#include "engine.h"
#include "report.h"

#include <string.h>

enum { MOST_VALUES = 100000 };

// Stack indices of the walk.
enum {
  SEEN = 1,   // functions and tables
  NAMES,      // texts among the constants of the functions
  QUEUE,
};

typedef struct {
  lua_State *L;
  int function;
  gl_changed_local *found;
  bool has_new_names;
} walk;

static void add_name(void *context, const char *text, size_t length) {
  walk *w = context;
  if (length > 200) return;
  lua_pushlstring(w->L, text, length);
  lua_pushvalue(w->L, -1);
  if (lua_rawget(w->L, NAMES) == LUA_TNIL) {
    lua_pushvalue(w->L, -2);
    lua_pushboolean(w->L, 1);
    lua_rawset(w->L, NAMES);
    w->has_new_names = true;
  }
  lua_pop(w->L, 2);
}

static void take_assignment(void *context, int upvalue, int32_t line) {
  walk *w = context;
  gl_changed_local *found = w->found;
  if (found->line != 0) return;
  const char *name = lua_getupvalue(w->L, w->function, upvalue);
  if (name == NULL) return;
  lua_pop(w->L, 1);
  lua_Debug ar;
  lua_pushvalue(w->L, w->function);
  lua_getinfo(w->L, ">S", &ar);
  gl_copy_text(found->name, sizeof found->name, name, strlen(name));
  gl_copy_text(found->file, sizeof found->file, ar.short_src, strlen(ar.short_src));
  found->line = line;
  found->function_line = ar.linedefined;
}

static int append_dump(lua_State *L, const void *bytes, size_t length, void *buffer) {
  gl_append(L, buffer, bytes, length);
  return 0;
}

// Puts the value on top of the stack, which is taken, into the queue unless it was there.
static void enqueue(lua_State *L) {
  bool counts = lua_istable(L, -1) || (lua_isfunction(L, -1) && !lua_iscfunction(L, -1));
  if (counts) {
    lua_pushvalue(L, -1);
    counts = lua_rawget(L, SEEN) == LUA_TNIL;
    lua_pop(L, 1);
  }
  lua_Integer n = (lua_Integer)lua_rawlen(L, QUEUE);
  if (!counts || n >= MOST_VALUES) {
    lua_pop(L, 1);
    return;
  }
  lua_pushvalue(L, -1);
  lua_pushboolean(L, 1);
  lua_rawset(L, SEEN);
  lua_rawseti(L, QUEUE, n + 1);
}

// The function on top of the stack.
static void look_at_function(walk *w) {
  lua_State *L = w->L;
  gl_engine *e = gl_engine_of(L);
  w->function = lua_gettop(L);
  size_t base = e->scratch.length;
  lua_dump(L, append_dump, &e->scratch, 0);
  gl_function_visitor visitor = {.context = w, .on_text = add_name, .on_assignment = take_assignment};
  gl_visit_function(e->scratch.bytes + base, e->scratch.length - base, &visitor);
  e->scratch.length = base;
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, w->function, i)) != NULL; i++) {
    if (strcmp(name, "_ENV") == 0) {
      lua_pop(L, 1);
    } else {
      enqueue(L);
    }
  }
}

// The table on top of the stack: what is under a number, a metamethod, or under a text that a hook has.
static void look_at_table(walk *w) {
  lua_State *L = w->L;
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    bool is_reached = lua_type(L, -2) != LUA_TSTRING;
    if (!is_reached) {
      is_reached = strncmp(lua_tostring(L, -2), "__", 2) == 0;
      lua_pushvalue(L, -2);
      is_reached = lua_rawget(L, NAMES) != LUA_TNIL || is_reached;
      lua_pop(L, 1);
    }
    if (is_reached) {
      enqueue(L);
    } else {
      lua_pop(L, 1);
    }
  }
  if (lua_getmetatable(L, table)) enqueue(L);
}

static int find(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_settop(L, 0);
  lua_newtable(L);
  lua_newtable(L);
  lua_newtable(L);
  walk w = {.L = L, .found = e->changed_local};
  for (int slot = GL_SLOT_HOOKS; slot < GL_SLOT_HOOKS + e->hook_count; slot++) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, slot);
    enqueue(L);
  }
  // A name that turns up late opens fields of tables that were seen before.
  lua_Integer seen = 0;
  do {
    w.has_new_names = false;
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, QUEUE); i++) {
      lua_rawgeti(L, QUEUE, i);
      if (lua_istable(L, -1)) {
        look_at_table(&w);
      } else if (i > seen) {
        look_at_function(&w);
      }
      lua_settop(L, QUEUE);
    }
    seen = (lua_Integer)lua_rawlen(L, QUEUE);
  } while (w.has_new_names && w.found->line == 0);
  return 0;
}

bool gl_find_changed_local(gl_engine *e, const gl_source *sources, size_t count, gl_changed_local *found) {
  *found = (gl_changed_local){0};
  int phase = e->phase;
  // Charges nothing, and ends without an answer where there is no memory for one.
  e->phase = GL_PHASE_SETUP;
  e->changed_local = found;
  lua_settop(e->L, 0);
  lua_pushcfunction(e->L, find);
  bool is_found = lua_pcall(e->L, 0, 0, 0) == LUA_OK && found->line != 0;
  lua_settop(e->L, 0);
  lua_gc(e->L, LUA_GCCOLLECT);
  e->phase = phase;
  e->changed_local = NULL;
  e->scratch.length = 0;
  for (size_t i = 0; is_found && i < count; i++) {
    if (strcmp(sources[i].name, found->file) != 0) continue;
    const gl_chunk *chunk = &sources[i].chunk;
    found->declared_line = gl_line_of_local(chunk->bytes, chunk->length, found->name, found->function_line);
  }
  return is_found;
}
