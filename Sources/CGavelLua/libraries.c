// Lua's libraries, for rules: each a table that is filled with what a script asks for when it first does so. Most
// rules use a few functions, and a room should not hold two hundred.
#include "engine.h"
#include "seal.h"

#include <pthread.h>
#include <string.h>

// The globals come first; the others are tables in them.
static const struct {
  const char *name;
  lua_CFunction open;               // NULL: all is our own
  const gl_member *wrapped, *own;  // functions around Lua's, and in their place
} libraries[] = {
    {NULL, luaopen_base, gl_base_wrapped, gl_base_own}, {"string", luaopen_string, gl_string_wrapped, gl_string_own},
    {"utf8", luaopen_utf8, gl_utf8_wrapped, NULL},      {"math", luaopen_math, NULL, gl_math_own},
    {"table", NULL, NULL, gl_table_own},
};

enum { GLOBALS = 0, STRINGS = 1, LIBRARIES = sizeof libraries / sizeof *libraries, MOST_MEMBERS = 48 };

// What a library of Lua's has under a name: a function or a plain value.
typedef struct {
  char name[16];
  int type;
  bool is_integer;
  lua_CFunction function;
  lua_Integer integer;
  lua_Number number;
  char text[16];
  size_t length;
} stock_member;

// The same in every state, so looked up in one, once for the process.
static stock_member stock[LIBRARIES][MOST_MEMBERS];
static bool is_stock_known;
static pthread_mutex_t stock_lock = PTHREAD_MUTEX_INITIALIZER;

static void note_member(lua_State *L, stock_member *m) {
  *m = (stock_member){.type = lua_type(L, -1)};
  strncpy(m->name, lua_tostring(L, -2), sizeof m->name - 1);
  if (m->type == LUA_TFUNCTION) m->function = lua_tocfunction(L, -1);
  if (m->type == LUA_TNUMBER) {
    m->is_integer = lua_isinteger(L, -1);
    m->integer = m->is_integer ? lua_tointeger(L, -1) : 0;
    m->number = lua_tonumber(L, -1);
  }
  if (m->type == LUA_TSTRING) {
    const char *text = lua_tolstring(L, -1, &m->length);
    if (m->length > sizeof m->text) m->length = sizeof m->text;
    memcpy(m->text, text, m->length);
  }
}

static int read_stock(lua_State *L) {
  for (int i = 0; i < LIBRARIES; i++) {
    if (libraries[i].open == NULL) continue;
    lua_pushcfunction(L, libraries[i].open);
    lua_call(L, 0, 1);
    int count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      int type = lua_type(L, -1);
      bool is_plain = type == LUA_TFUNCTION || type == LUA_TNUMBER || type == LUA_TSTRING;
      if (is_plain && count < MOST_MEMBERS) note_member(L, &stock[i][count++]);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  return 0;
}

bool gl_know_stock(void) {
  pthread_mutex_lock(&stock_lock);
  if (!is_stock_known) {
    lua_State *L = luaL_newstate();
    if (L != NULL) {
      lua_pushcfunction(L, read_stock);
      is_stock_known = lua_pcall(L, 0, 0, 0) == LUA_OK;
      lua_close(L);
    }
  }
  bool is_known = is_stock_known;
  pthread_mutex_unlock(&stock_lock);
  return is_known;
}

static const gl_member *find_in(const gl_member *list, const char *name) {
  for (; list != NULL && list->name != NULL; list++) {
    if (list->function != NULL && strcmp(list->name, name) == 0) return list;
  }
  return NULL;
}

static const stock_member *find_stock(int library, const char *name) {
  for (const stock_member *m = stock[library]; m < stock[library] + MOST_MEMBERS && *m->name != 0; m++) {
    if (strcmp(m->name, name) == 0) return m;
  }
  return NULL;
}

static bool is_removed(int library, const char *name) {
  for (const gl_removal *r = gl_removals; r->name != NULL; r++) {
    bool is_here = r->library == NULL ? library == GLOBALS
                                      : library != GLOBALS && strcmp(r->library, libraries[library].name) == 0;
    if (is_here && strcmp(r->name, name) == 0) return true;
  }
  return false;
}

// Pushes what the library has under the name; false: nothing, and nothing is pushed.
static bool push_member(lua_State *L, int library, const char *name) {
  if (is_removed(library, name)) return false;
  const gl_member *own = find_in(libraries[library].own, name);
  if (own != NULL) {
    lua_pushcfunction(L, own->function);
    return true;
  }
  const stock_member *m = find_stock(library, name);
  if (m == NULL) return false;
  if (m->type == LUA_TNUMBER && m->is_integer) {
    lua_pushinteger(L, m->integer);
  } else if (m->type == LUA_TNUMBER) {
    lua_pushnumber(L, m->number);
  } else if (m->type == LUA_TSTRING) {
    lua_pushlstring(L, m->text, m->length);
  } else {
    const gl_member *wrapped = find_in(libraries[library].wrapped, name);
    lua_pushcfunction(L, m->function);
    if (wrapped != NULL) lua_pushcclosure(L, wrapped->function, 1);
  }
  return true;
}

// As push_member; what was found stands in the table at the stack index from now on.
static bool add_member(lua_State *L, int library, int table, const char *name) {
  if (!push_member(L, library, name)) return false;
  gl_keep_member(L, table, name);
  return true;
}

// Pushes the library, sealed, made when it is first asked for; false: there is none of that name.
static bool push_library(lua_State *L, const char *name) {
  for (int i = GLOBALS + 1; i < LIBRARIES; i++) {
    if (strcmp(libraries[i].name, name) != 0) continue;
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_LIBRARY + i - 1);
    gl_seal(L, NULL);
    return true;
  }
  return false;
}

bool gl_push_global(lua_State *L, const char *name) {
  lua_pushglobaltable(L);
  int globals = lua_gettop(L);
  if (push_library(L, name)) {
    gl_keep_member(L, globals, name);
    lua_remove(L, globals);
    return true;
  }
  if (!add_member(L, GLOBALS, globals, name)) {
    lua_pop(L, 1);
    return false;
  }
  lua_remove(L, globals);
  return true;
}

// The library whose table is at the stack index, or GLOBALS, which is none of them.
static int library_at(lua_State *L, int index) {
  int found = GLOBALS;
  for (int i = GLOBALS + 1; found == GLOBALS && i < LIBRARIES; i++) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_LIBRARY + i - 1);
    if (lua_rawequal(L, index, -1)) found = i;
    lua_pop(L, 1);
  }
  return found;
}

static int read_library(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  int library = library_at(L, 1);
  return library != GLOBALS && add_member(L, library, 1, lua_tostring(L, 2)) ? 1 : 0;
}

static void add_missing(lua_State *L, int library, int table, const char *name) {
  lua_pushstring(L, name);
  if (lua_rawget(L, table) == LUA_TNIL) add_member(L, library, table, name);
  lua_settop(L, table);
}

static void complete(lua_State *L, int library, int index) {
  luaL_checkstack(L, 6, NULL);
  int top = lua_gettop(L);
  lua_pushvalue(L, index);
  for (const stock_member *m = stock[library]; m < stock[library] + MOST_MEMBERS && *m->name != 0; m++) {
    add_missing(L, library, top + 1, m->name);
  }
  const gl_member *own = libraries[library].own;
  for (; own != NULL && own->name != NULL; own++) add_missing(L, library, top + 1, own->name);
  lua_settop(L, top);
}

void gl_complete(lua_State *L, int index) {
  gl_unseal(L, index);
  int library = lua_istable(L, index) ? library_at(L, index) : GLOBALS;
  if (library != GLOBALS) complete(L, library, index);
}

void gl_complete_libraries(lua_State *L) {
  lua_pushglobaltable(L);
  complete(L, GLOBALS, lua_gettop(L));
  for (int i = GLOBALS + 1; i < LIBRARIES; i++) {
    gl_push_global(L, libraries[i].name);
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_LIBRARY + i - 1);
    complete(L, i, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void gl_open_libraries(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, read_library);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  for (int i = GLOBALS + 1; i < LIBRARIES; i++) {
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_LIBRARY + i - 1);
  }
  // Strings have methods, but no arithmetic: it would turn texts of a message into numbers silently.
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 2);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_LIBRARY + STRINGS - 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 2);
}
