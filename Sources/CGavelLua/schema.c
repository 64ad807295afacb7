// Schemas as values: gavel.integer { min = 1 } and the others. Here they are made; declare.c reads them when all of
// the file has run.
#include "schemas.h"

#include <math.h>

typedef gl_schema_kind schema_kind;

typedef struct {
  gl_kind is;
  schema_kind kind;
} schema;

static schema *to_schema(lua_State *L, int index) { return gl_to(L, index, GL_IS_SCHEMA); }

bool gl_is_schema(lua_State *L, int index) { return to_schema(L, index) != NULL; }

gl_schema_kind gl_schema_kind_of(lua_State *L, int index) { return to_schema(L, index)->kind; }

const char *gl_schema_kind_name(gl_schema_kind kind) { return gl_schema_forms[kind].name; }

void gl_push_schema_part(lua_State *L, int index, int part) { lua_getiuservalue(L, index, part); }

static int with_options(lua_State *L);

// Pushes the metatable of all schemas, made with the first of them.
static void push_meta(lua_State *L) {
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_SCHEMA_META) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, with_options);
  lua_setfield(L, -2, "__call");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "schema");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_SCHEMA_META);
}

// Pushes a schema; its argument is on top of the stack and is taken, options at the stack index, or 0.
static void push_schema(lua_State *L, schema_kind kind, int options) {
  schema *s = lua_newuserdatauv(L, sizeof *s, 4);
  s->is = GL_IS_SCHEMA;
  s->kind = kind;
  lua_insert(L, -2);
  lua_setiuservalue(L, -2, GL_SCHEMA_ARGUMENT);
  if (options != 0) {
    lua_pushvalue(L, options);
    lua_setiuservalue(L, -2, GL_SCHEMA_OPTIONS);
  }
  push_meta(L);
  lua_setmetatable(L, -2);
}

// Complaints about a schema wait until it is known whose it is; see gl_declare. Each pushes two texts: what it says
// behind "messages.move.cell", and what behind "gavel.integer".
static bool complain(lua_State *L, const char *text) {
  lua_pushstring(L, text);
  lua_pushvalue(L, -1);
  return false;
}

static bool is_whole(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER) return false;
  if (lua_isinteger(L, index)) return true;
  lua_Integer whole;
  return lua_numbertointeger(lua_tonumber(L, index), &whole) && (lua_Number)whole == lua_tonumber(L, index);
}

// Leaves the bound, or nil, on the stack, where it is sound.
static bool check_bound(lua_State *L, schema_kind kind, int table, const char *name) {
  lua_pushstring(L, name);
  if (lua_rawget(L, table) == LUA_TNIL) return true;
  bool is_number = kind == GL_NUMBER_SCHEMA;
  if (is_number ? lua_type(L, -1) != LUA_TNUMBER || isnan(lua_tonumber(L, -1)) : !is_whole(L, -1)) {
    return complain(L, lua_pushfstring(L, ": %s is %s.", name, is_number ? "a number" : "a whole number"));
  }
  bool counts = kind != GL_NUMBER_SCHEMA && kind != GL_INTEGER_SCHEMA;
  if (counts && *name == 'm' && name[1] == 'a' && lua_tonumber(L, -1) < 0) {
    return complain(L, lua_pushfstring(L, " can never be met: max %s is below 0.", lua_tostring(L, -1)));
  }
  return true;
}

static bool check_name(lua_State *L, schema_kind kind, const char *key) {
  for (const char *const *option = gl_schema_forms[kind].options; *option != NULL; option++) {
    if (strcmp(*option, key) == 0) return true;
  }
  const char *meant = gl_nearest(key, gl_schema_forms[kind].options);
  const char *text = meant != NULL ? lua_pushfstring(L, "has no option \"%s\". Did you mean %s?", key, meant)
                                   : lua_pushfstring(L, "has no option \"%s\".", key);
  lua_pushfstring(L, ": %s %s (%s)", gl_schema_forms[kind].name, text, gl_schema_forms[kind].placed);
  lua_pushfstring(L, " %s (%s)", text, gl_schema_forms[kind].listed);
  return false;
}

// The options at the stack index, which must be a table: known names, bounds that can be met. False: it left a
// complaint on the stack.
static bool check_options(lua_State *L, schema_kind kind, int table) {
  const char *name = gl_schema_forms[kind].name;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) {
      luaL_error(L, "gavel.%s takes options with a name: { %s }.", name, gl_schema_forms[kind].listed);
    }
    if (!check_name(L, kind, lua_tostring(L, -1))) return false;
  }
  if (kind == GL_BOOLEAN_SCHEMA || kind == GL_ANY_SCHEMA) return true;
  if (!check_bound(L, kind, table, "min") || !check_bound(L, kind, table, "max")) return false;
  if (!lua_isnil(L, -1) && !lua_isnil(L, -2) && lua_compare(L, -1, -2, LUA_OPLT)) {
    return complain(L, lua_pushfstring(L, " can never be met: min %s is above max %s.", lua_tostring(L, -2),
                                       lua_tostring(L, -1)));
  }
  lua_pop(L, 2);
  return true;
}

// The schema is on top of the stack, below it the two texts of a complaint about it. Remembers the file's first
// complaint, for a schema that nothing uses.
static void spoil(lua_State *L) {
  int schema = lua_gettop(L);
  gl_push_place(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, schema, GL_SCHEMA_PLACE);
  lua_pushvalue(L, schema - 2);
  lua_setiuservalue(L, schema, GL_SCHEMA_COMPLAINT);
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COMPLAINT) == LUA_TNIL) {
    lua_pushfstring(L, "%s: gavel.%s%s", lua_tostring(L, -2), gl_schema_forms[to_schema(L, schema)->kind].name,
                    lua_tostring(L, schema - 1));
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_COMPLAINT);
  }
  lua_settop(L, schema);
}

// gavel.integer { … }: a schema without options makes one with them.
static int with_options(lua_State *L) {
  const schema *s = lua_touserdata(L, 1);
  schema_kind kind = s->kind;
  if (kind > GL_ANY_SCHEMA) return luaL_error(L, "a %s is complete: it takes no options.", gl_schema_forms[kind].name);
  const char *name = gl_schema_forms[kind].name;
  if (!lua_istable(L, 2)) return luaL_error(L, "gavel.%s takes options: gavel.%s { … }.", name, name);
  lua_settop(L, 2);
  bool is_sound = check_options(L, kind, 2);
  lua_pushnil(L);
  push_schema(L, kind, 2);
  if (!is_sound) spoil(L);
  return 1;
}

static void check_inner(lua_State *L, schema_kind kind, int index) {
  if (gl_is_schema(L, index)) return;
  if (lua_type(L, index) == LUA_TSTRING) {
    luaL_error(L, "gavel.%s is given a string. Write gavel.%s, or gavel.one_of { \"%s\" } for that very word.",
               gl_schema_forms[kind].name, lua_tostring(L, index), lua_tostring(L, index));
  }
  luaL_error(L, "gavel.%s needs a schema, such as gavel.integer.", gl_schema_forms[kind].name);
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
    if (type == LUA_TNUMBER && !isfinite(lua_tonumber(L, -1))) {
      return luaL_error(L, "gavel.one_of can never be met: no message can hold %s.", lua_tostring(L, -1));
    }
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  bool is_sound = true;
  lua_pushnil(L);
  while (is_sound && lua_next(L, 1)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
      is_sound = check_name(L, GL_ONE_OF_SCHEMA, lua_tostring(L, -1));
    } else if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 || lua_tointeger(L, -1) > n) {
      return luaL_error(L, "gavel.one_of takes a list of values: gavel.one_of { \"red\", \"blue\" }.");
    }
  }
  lua_pushvalue(L, 1);
  push_schema(L, GL_ONE_OF_SCHEMA, 1);
  if (!is_sound) spoil(L);
  return 1;
}

static int of_inner(lua_State *L, schema_kind kind) {
  check_inner(L, kind, 1);
  lua_settop(L, 2);
  bool has_options = !lua_isnil(L, 2), is_sound = true;
  if (has_options) {
    luaL_checktype(L, 2, LUA_TTABLE);
    is_sound = check_options(L, kind, 2);
  }
  lua_pushvalue(L, 1);
  push_schema(L, kind, has_options ? 2 : 0);
  if (!is_sound) spoil(L);
  return 1;
}

static int list(lua_State *L) { return of_inner(L, GL_LIST_SCHEMA); }

static int map(lua_State *L) { return of_inner(L, GL_MAP_SCHEMA); }

static int optional(lua_State *L) {
  lua_settop(L, 1);
  return of_inner(L, GL_OPTIONAL_SCHEMA);
}

static int object(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return luaL_error(L, "gavel.object takes fields with a name");
    check_inner(L, GL_OBJECT_SCHEMA, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  push_schema(L, GL_OBJECT_SCHEMA, 0);
  return 1;
}

#define BOUNDED {"min", "max", "default", NULL}, "min, max, default", "min, max"
#define VALUED {"default", NULL}, "default", "default"
#define BARE {NULL}, "", ""

const gl_schema_form gl_schema_forms[GL_SCHEMA_KINDS] = {
    [GL_INTEGER_SCHEMA] = {"integer", NULL, NULL, "integer", BOUNDED, "A number without a fraction; 1.0 is one too."},
    [GL_NUMBER_SCHEMA] = {"number", NULL, NULL, "number", BOUNDED, "Any number."},
    [GL_STRING_SCHEMA] = {"string", NULL, NULL, "string", BOUNDED, "A text; min and max count its characters."},
    [GL_BOOLEAN_SCHEMA] = {"boolean", NULL, NULL, "boolean", VALUED, "true or false."},
    [GL_ANY_SCHEMA] = {"any", NULL, NULL, "any", VALUED, "Anything but null."},
    [GL_ONE_OF_SCHEMA] = {"one_of", one_of,
                          "values: { [integer]: string|number|boolean, default?: string|number|boolean }", "any", VALUED, "One of the values."},
    [GL_LIST_SCHEMA] = {"list", list, "item: Schema", "any[]", BOUNDED, "A list; min and max count its items."},
    [GL_MAP_SCHEMA] = {"map", map, "item: Schema", "table<string, any>", BOUNDED,
                       "An object with keys of any name; min and max count them."},
    [GL_OBJECT_SCHEMA] = {"object", object, "fields: table<string, Schema>", NULL, BARE,
                          "An object with these fields."},
    [GL_OPTIONAL_SCHEMA] = {"optional", optional, "schema: Schema", NULL, BARE,
                            "May be absent or null, and is then nil."},
};

void gl_consider_schemas(gl_search *search) {
  for (int kind = 0; kind < GL_SCHEMA_KINDS; kind++) gl_consider(search, gl_schema_forms[kind].name);
}

bool gl_push_schema(lua_State *L, const char *name) {
  for (schema_kind kind = 0; kind < GL_SCHEMA_KINDS; kind++) {
    if (strcmp(gl_schema_forms[kind].name, name) != 0) continue;
    if (gl_schema_forms[kind].function != NULL) {
      lua_pushcfunction(L, gl_schema_forms[kind].function);
    } else {
      lua_pushnil(L);
      push_schema(L, kind, 0);
    }
    return true;
  }
  return false;
}

// Pushes the default of the schema at the index, or nil.
void gl_push_default(lua_State *L, int index) {
  if (!gl_is_schema(L, index) || lua_getiuservalue(L, index, GL_SCHEMA_OPTIONS) != LUA_TTABLE) {
    lua_pushnil(L);
    return;
  }
  lua_getfield(L, -1, "default");
  lua_remove(L, -2);
}
