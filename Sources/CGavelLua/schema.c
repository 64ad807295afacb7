// Schemas as values: gavel.integer { min = 1 } and the others. Here they are made, and what can never be met is
// refused; they say nothing yet about messages.
#include "engine.h"

#include <string.h>

typedef enum { INTEGER, NUMBER, STRING, BOOLEAN, ANY, ONE_OF, LIST, MAP, OBJECT, OPTIONAL, KINDS } schema_kind;

typedef struct {
  gl_kind is;
  schema_kind kind;
} schema;

static const struct {
  const char *name;
  const char *options[4];  // ends with NULL
  const char *listed;
} kinds[KINDS] = {
    [INTEGER] = {"integer", {"min", "max", "default", NULL}, "min, max, default"},
    [NUMBER] = {"number", {"min", "max", "default", NULL}, "min, max, default"},
    [STRING] = {"string", {"min", "max", "default", NULL}, "min, max, default"},
    [BOOLEAN] = {"boolean", {"default", NULL}, "default"},
    [ANY] = {"any", {"default", NULL}, "default"},
    [ONE_OF] = {"one_of", {NULL}, ""},
    [LIST] = {"list", {"min", "max", NULL}, "min, max"},
    [MAP] = {"map", {"min", "max", NULL}, "min, max"},
    [OBJECT] = {"object", {NULL}, ""},
    [OPTIONAL] = {"optional", {NULL}, ""},
};

static schema *to_schema(lua_State *L, int index) { return gl_to(L, index, GL_IS_SCHEMA); }

bool gl_is_schema(lua_State *L, int index) { return to_schema(L, index) != NULL; }

// Pushes a schema; its argument (user value 1) is on top of the stack and is taken, options (user value 2) at the
// stack index, or 0.
static void push_schema(lua_State *L, schema_kind kind, int options) {
  schema *s = lua_newuserdatauv(L, sizeof *s, 2);
  s->is = GL_IS_SCHEMA;
  s->kind = kind;
  lua_insert(L, -2);
  lua_setiuservalue(L, -2, 1);
  if (options != 0) {
    lua_pushvalue(L, options);
    lua_setiuservalue(L, -2, 2);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_SCHEMA_META);
  lua_setmetatable(L, -2);
}

static void check_bound(lua_State *L, schema_kind kind, int table, const char *name) {
  lua_getfield(L, table, name);
  bool fits = lua_isnil(L, -1) || (kind == NUMBER ? lua_type(L, -1) == LUA_TNUMBER : lua_isinteger(L, -1));
  if (lua_type(L, -1) == LUA_TNUMBER && !fits) {
    lua_Integer whole;
    fits = lua_numbertointeger(lua_tonumber(L, -1), &whole) && (lua_Number)whole == lua_tonumber(L, -1);
  }
  if (!fits) {
    luaL_error(L, "gavel.%s: %s is %s.", kinds[kind].name, name,
               kind == NUMBER ? "a number" : "a whole number");
  }
  lua_pop(L, 1);
}

// The options at the stack index, which must be a table: known names, bounds that can be met.
static void check_options(lua_State *L, schema_kind kind, int table) {
  const char *name = kinds[kind].name;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) {
      luaL_error(L, "gavel.%s takes options with a name: { %s }.", name, kinds[kind].listed);
    }
    const char *key = lua_tostring(L, -1);
    bool known = false;
    for (const char *const *option = kinds[kind].options; *option != NULL; option++) {
      known = known || strcmp(*option, key) == 0;
    }
    if (known) continue;
    const char *meant = gl_nearest(key, kinds[kind].options);
    if (meant != NULL) {
      luaL_error(L, "gavel.%s has no option \"%s\". Did you mean %s? (%s)", name, key, meant, kinds[kind].listed);
    }
    luaL_error(L, "gavel.%s has no option \"%s\". (%s)", name, key, kinds[kind].listed);
  }
  if (kind == BOOLEAN || kind == ANY) return;
  check_bound(L, kind, table, "min");
  check_bound(L, kind, table, "max");
  lua_getfield(L, table, "min");
  lua_getfield(L, table, "max");
  if (!lua_isnil(L, -1) && !lua_isnil(L, -2) && lua_compare(L, -1, -2, LUA_OPLT)) {
    luaL_error(L, "gavel.%s can never be met: min %s is above max %s.", name, lua_tostring(L, -2), lua_tostring(L, -1));
  }
  lua_pop(L, 2);
}

// gavel.integer { … }: a schema without options makes one with them.
static int with_options(lua_State *L) {
  const schema *s = lua_touserdata(L, 1);
  schema_kind kind = s->kind;
  if (kind > ANY) return luaL_error(L, "a %s is complete: it takes no options.", kinds[kind].name);
  const char *name = kinds[kind].name;
  if (!lua_istable(L, 2)) return luaL_error(L, "gavel.%s takes options: gavel.%s { … }.", name, name);
  check_options(L, kind, 2);
  lua_settop(L, 2);
  lua_pushnil(L);
  push_schema(L, kind, 2);
  return 1;
}

static void check_inner(lua_State *L, schema_kind kind, int index) {
  if (gl_is_schema(L, index)) return;
  if (lua_type(L, index) == LUA_TSTRING) {
    luaL_error(L, "gavel.%s is given a string. Write gavel.%s, or gavel.one_of { \"%s\" } for that very word.",
               kinds[kind].name, lua_tostring(L, index), lua_tostring(L, index));
  }
  luaL_error(L, "gavel.%s needs a schema, such as gavel.integer.", kinds[kind].name);
}

static int one_of(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  if (n == 0) return luaL_error(L, "gavel.one_of needs at least one value: gavel.one_of { \"red\", \"blue\" }.");
  for (lua_Integer i = 1; i <= n; i++) {
    int type = lua_rawgeti(L, 1, i);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN) {
      return luaL_error(L, "gavel.one_of takes texts, numbers and booleans");
    }
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  push_schema(L, ONE_OF, 0);
  return 1;
}

static int of_inner(lua_State *L, schema_kind kind) {
  check_inner(L, kind, 1);
  bool has_options = !lua_isnoneornil(L, 2);
  if (has_options) {
    luaL_checktype(L, 2, LUA_TTABLE);
    check_options(L, kind, 2);
  }
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  push_schema(L, kind, has_options ? 2 : 0);
  return 1;
}

static int list(lua_State *L) { return of_inner(L, LIST); }

static int map(lua_State *L) { return of_inner(L, MAP); }

static int optional(lua_State *L) {
  lua_settop(L, 1);
  return of_inner(L, OPTIONAL);
}

static int object(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return luaL_error(L, "gavel.object takes fields with a name");
    check_inner(L, OBJECT, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  push_schema(L, OBJECT, 0);
  return 1;
}

// Leaves the constructors in a new global `gavel`.
void gl_open_schemas(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, with_options);
  lua_setfield(L, -2, "__call");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "schema");
  lua_setfield(L, -2, "__name");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_SCHEMA_META);

  static const luaL_Reg functions[] = {{"one_of", one_of}, {"list", list},     {"map", map},
                                       {"object", object}, {"optional", optional}, {NULL, NULL}};
  luaL_newlib(L, functions);
  for (schema_kind kind = INTEGER; kind <= ANY; kind++) {
    lua_pushnil(L);
    push_schema(L, kind, 0);
    lua_setfield(L, -2, kinds[kind].name);
  }
  lua_setglobal(L, "gavel");
}

// Pushes the default of the schema at the index, or nil.
void gl_push_default(lua_State *L, int index) {
  if (!gl_is_schema(L, index) || lua_getiuservalue(L, index, 2) != LUA_TTABLE) {
    lua_pushnil(L);
    return;
  }
  lua_getfield(L, -1, "default");
  lua_remove(L, -2);
}
