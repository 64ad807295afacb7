// gavel.rules(): where a file writes its hooks and declarations. Everything is checked where it is written, so that
// a mistake is told with its line.
#include "engine.h"
#include "report.h"
#include "state.h"

#include <stdio.h>
#include <string.h>

const gl_member gl_collections[] = {
    {"messages", NULL, "table<string, Schema|table<string, Schema>>",
     "What clients may send: of each type its fields. Every other type is refused."},
    {"options", NULL, "table<string, Options>", "How often a type may be sent, and whether other fields pass."},
    {"commands", NULL, "table<string, fun(room: Room, client: Client, msg: Message): table?>",
     "Handle a message, which is not relayed; a returned table is the reply. `join` admits a client."},
    {"filters", NULL, "table<string, fun(room: Room, client: Client, msg: Message): any>",
     "See a message before it is relayed; may change, replace, drop or refuse it. \"*\": types without their own."},
    {"timers", NULL, "table<string, fun(room: Room, data: any)>", "Run when a timer of their name is due."},
    {"signals", NULL, "table<string, fun(room: Room, data: any, from: string)>",
     "Run when another room, `from`, sends a signal of their name."},
    {0},
};

static const gl_member tables[] = {
    {"params", NULL, "table<string, Schema>", "What the room's configuration may say under [rooms.params]."},
    {0},
};

const gl_member gl_events[] = {
    {"on_create", NULL, "fun(room: Room)", "Runs before the first join."},
    {"on_drop", NULL, "fun(room: Room, client: Client)",
     "A client lost its connection. It may come back, and stays in room.clients meanwhile."},
    {"on_return", NULL, "fun(room: Room, client: Client, recovered: boolean)",
     "A client that was dropped is back. recovered: it gets every numbered message that it missed."},
    {"on_leave", NULL, "fun(room: Room, client: Client, reason: string)",
     "A client is gone: \"left\", \"lost\", \"kicked\", \"moved\" or \"closed\". It is no longer in room.clients."},
    {"on_close", NULL, "fun(room: Room, reason: string)", "The room ends."},
    {"on_reload", NULL, "fun(room: Room, from_version: string)",
     "New rules took over from those of another version: bring room.state and client.data to the new shape."},
    {"snapshot", NULL, "fun(room: Room, client: Client): table",
     "What this client may see of the room: sent to a newcomer and a returner, and by room:sync. Changes nothing."},
    {0},
};

const gl_member *const gl_rules_members[] = {gl_collections, tables, gl_events, NULL};

typedef struct {
  gl_kind is;
  int collection;
} collection_handle;

static int index_in(const gl_member *members, const char *name) {
  for (int i = 0; members[i].name != NULL; i++) {
    if (strcmp(members[i].name, name) == 0) return i;
  }
  return -1;
}

static bool is_known(const char *name) {
  return index_in(gl_collections, name) >= 0 || index_in(tables, name) >= 0 || index_in(gl_events, name) >= 0;
}

void gl_push_place(lua_State *L) {
  char file[64];
  int32_t line;
  if (gl_find_place(L, file, sizeof file, &line)) {
    lua_pushfstring(L, "%s:%d", file, (int)line);
  } else {
    lua_pushliteral(L, "?");
  }
}

static void remember_place(lua_State *L, const char *what, const char *name) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_PLACES);
  lua_pushfstring(L, "%s.%s", what, name);
  gl_push_place(L);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

const char *gl_push_known_place(lua_State *L, const char *what, const char *name) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_PLACES);
  lua_pushfstring(L, "%s.%s", what, name);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  return lua_tostring(L, -1);
}

static void check_loading(lua_State *L) {
  if (gl_engine_of(L)->phase != GL_PHASE_LOAD) luaL_error(L, "rules are set when the file is loaded, not by a hook.");
}

static void check_message(lua_State *L, const char *type, int value) {
  size_t length = strlen(type);
  if (strcmp(type, "join") != 0 && gl_is_reserved_type(type, length)) {
    luaL_error(L, "messages.%s: that type belongs to the relay. Choose another name.", type);
  }
  if (gl_is_schema(L, value)) return;
  if (!lua_istable(L, value)) {
    luaL_error(L, "messages.%s is a %s. Write a table: { cell = gavel.integer }.", type, luaL_typename(L, value));
  }
  lua_pushnil(L);
  while (lua_next(L, value)) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      luaL_error(L, "messages.%s: a field has no name. Write { cell = gavel.integer }.", type);
    }
    const char *field = lua_tostring(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING) {
      luaL_error(L, "messages.%s.%s is a string. Write gavel.integer { … }, or gavel.one_of { \"%s\" } for that very "
                    "word.", type, field, lua_tostring(L, -1));
    }
    if (!gl_is_schema(L, lua_gettop(L))) {
      luaL_error(L, "messages.%s.%s is a %s. Write a schema, such as gavel.integer or gavel.object { … }.", type, field,
                 luaL_typename(L, -1));
    }
    lua_pop(L, 1);
  }
}

static void check_handler(lua_State *L, int collection, const char *type, int value) {
  const char *what = gl_collections[collection].name;
  if (collection == GL_TIMERS || collection == GL_SIGNALS) {
    if (lua_type(L, value) == LUA_TFUNCTION) return;
    luaL_error(L, "%s.%s is a %s. Write function rules.%s.%s(room, data%s) … end.", what, type, luaL_typename(L, value),
               what, type, collection == GL_SIGNALS ? ", from" : "");
  }
  bool is_filter = collection == GL_FILTERS;
  if (lua_type(L, value) != LUA_TFUNCTION) {
    luaL_error(L, "%s.%s is a %s. Write function rules.%s.%s(room, client, msg) … end.", what, type,
               luaL_typename(L, value), what, type);
  }
  if (is_filter && strcmp(type, "join") == 0) {
    luaL_error(L, "filters.join: a join is never relayed. Write rules.commands.join.");
  }
  if (strcmp(type, "leave") == 0) {
    luaL_error(L, "%s.leave: a leave cannot be refused. Write rules.on_leave(room, client, reason).", what);
  }
  if (!is_filter && strcmp(type, "*") == 0) {
    luaL_error(L, "commands[\"*\"]: each command has its own function. Only filters have a \"*\".");
  }
  if (strcmp(type, "join") != 0 && gl_is_reserved_type(type, strlen(type))) {
    luaL_error(L, "%s.%s: that type belongs to the relay. Choose another name.", what, type);
  }
}

// Puts the value at the stack index into the collection, under the name at the other.
static void set_in_collection(lua_State *L, int collection, int key, int value) {
  const char *what = gl_collections[collection].name;
  check_loading(L);
  luaL_checkstack(L, 8, NULL);
  if (lua_type(L, key) != LUA_TSTRING) luaL_error(L, "rules.%s has names of messages as keys", what);
  const char *type = lua_tostring(L, key);
  if (strlen(type) != lua_rawlen(L, key) || *type == 0 || lua_rawlen(L, key) > 200) {
    luaL_error(L, "rules.%s: a message's type is a text of 1 to 200 bytes", what);
  }
  if (collection == GL_MESSAGES) {
    check_message(L, type, value);
  } else if (collection == GL_OPTIONS) {
    if (!lua_istable(L, value)) luaL_error(L, "options.%s is a %s. Write a table.", type, luaL_typename(L, value));
  } else {
    check_handler(L, collection, type, value);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + collection);
  lua_pushvalue(L, key);
  if (lua_rawget(L, -2) != LUA_TNIL) {
    luaL_error(L, "%s.%s is set a second time; the first is at %s.", what, type, gl_push_known_place(L, what, type));
  }
  lua_pop(L, 1);
  lua_pushvalue(L, key);
  lua_pushvalue(L, value);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  remember_place(L, what, type);
}

static int write_collection(lua_State *L) {
  const collection_handle *handle = lua_touserdata(L, 1);
  set_in_collection(L, handle->collection, 2, 3);
  return 0;
}

// Pushes the function that the loaded file set, or nil. Of messages and options nothing is kept.
static void push_loaded(lua_State *L, int collection, const char *name, size_t length) {
  const gl_engine *e = gl_engine_of(L);
  int slot = 0;
  if (collection == GL_TIMERS || collection == GL_SIGNALS) {
    const gl_functions *functions = collection == GL_TIMERS ? &e->timers : &e->signals;
    const gl_type *function = gl_find_function(functions, name, length);
    if (function != NULL) slot = function->command;
  } else if (collection == GL_COMMANDS || collection == GL_FILTERS) {
    bool is_filter = collection == GL_FILTERS;
    const gl_type *type = gl_find_type(e, name, length);
    if (type != NULL) slot = is_filter ? type->filter : type->command;
    if (is_filter && strcmp(name, "*") == 0) slot = e->any_filter;
    if (!is_filter && strcmp(name, "join") == 0) slot = e->join_command;
  }
  if (slot == 0) {
    lua_pushnil(L);
  } else {
    lua_rawgeti(L, LUA_REGISTRYINDEX, slot);
  }
}

static int read_collection(lua_State *L) {
  const collection_handle *handle = lua_touserdata(L, 1);
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + handle->collection) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
  } else if (lua_type(L, 2) == LUA_TSTRING) {
    size_t length;
    const char *name = lua_tolstring(L, 2, &length);
    push_loaded(L, handle->collection, name, length);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static void set_meta(lua_State *L, lua_CFunction read, lua_CFunction write, const char *name) {
  lua_createtable(L, 0, 4);
  lua_pushcfunction(L, read);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, write);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
}

// Pushes rules.messages ..., made when it is first asked for.
static void push_handle(lua_State *L, int collection) {
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_HANDLE + collection) == LUA_TUSERDATA) return;
  lua_pop(L, 1);
  collection_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
  handle->is = GL_IS_RULES;
  handle->collection = collection;
  set_meta(L, read_collection, write_collection, gl_collections[collection].name);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_HANDLE + collection);
}

static int refuse_name(lua_State *L, const char *name) {
  if (strcmp(name, "on_message") == 0) {
    return luaL_error(L, "there is no rules.on_message. Write rules.filters.move (relayed unless refused) or "
                         "rules.commands.move (handled, never relayed).");
  }
  if (strcmp(name, "on_join") == 0 || strcmp(name, "on_joined") == 0) {
    return luaL_error(L, "unknown hook \"%s\". A join is a command: write rules.commands.join(room, client, request); "
                         "gavel.reject refuses, a returned table is added to the joined reply.", name);
  }
  const char *kind = strncmp(name, "on_", 3) == 0 ? "unknown hook \"" : "there is no \"rules.";
  const char *meant = gl_nearest_member(name, gl_rules_members);
  if (meant != NULL) return luaL_error(L, "%s%s\". Did you mean rules.%s?", kind, name, meant);
  return luaL_error(L, "%s%s\". A file of rules has %s.", kind, name, gl_push_names(L, gl_rules_members));
}

static int read_rules(lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  int collection = index_in(gl_collections, name);
  if (collection >= 0) {
    push_handle(L, collection);
    return 1;
  }
  if (!is_known(name)) return refuse_name(L, name);
  lua_getiuservalue(L, 1, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  return 1;
}

static int write_rules(lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  check_loading(L);
  int collection = index_in(gl_collections, name);
  if (!is_known(name)) return refuse_name(L, name);
  if (collection >= 0) {
    if (!lua_istable(L, 3)) return luaL_error(L, "rules.%s is a table", name);
    lua_pushnil(L);
    while (lua_next(L, 3)) {
      set_in_collection(L, collection, lua_gettop(L) - 1, lua_gettop(L));
      lua_pop(L, 1);
    }
    return 0;
  }
  bool is_event = index_in(gl_events, name) >= 0;
  if (is_event && lua_type(L, 3) != LUA_TFUNCTION) {
    return luaL_error(L, "rules.%s is a %s. Write function rules.%s(room) … end.", name, luaL_typename(L, 3), name);
  }
  if (!is_event && !lua_istable(L, 3)) return luaL_error(L, "rules.%s is a table", name);
  lua_getiuservalue(L, 1, 1);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL) {
    const char *place = gl_push_known_place(L, "rules", name);
    return luaL_error(L, "rules.%s is set a second time; the first is at %s.", name, place);
  }
  lua_pop(L, 1);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  lua_rawset(L, -3);
  remember_place(L, "rules", name);
  return 0;
}

static int make_rules(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  check_loading(L);
  gl_file *file = &e->files[e->loading[e->loading_count - 1]];
  if (file->has_rules) return luaL_error(L, "gavel.rules is called once in a file");
  file->has_rules = true;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_RULES);
  return 1;
}

const gl_member gl_make_rules[] = {
    {"rules", make_rules, "(): Rules",
     "The rules of this file, once: local rules = gavel.rules(), and return rules at its end."},
    {0},
};

void gl_open_rules(lua_State *L) {
  gl_kind *rules = lua_newuserdatauv(L, sizeof *rules, 1);
  *rules = GL_IS_RULES;
  lua_newtable(L);
  lua_setiuservalue(L, -2, 1);
  set_meta(L, read_rules, write_rules, "rules");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_RULES);
  for (int i = 0; i < GL_COLLECTIONS; i++) {
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + i);
  }
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_PLACES);
}

void gl_close_rules(lua_State *L) {
  const int slots[] = {GL_SLOT_RULES, GL_SLOT_PLACES, GL_SLOT_COMPLAINT, GL_SLOT_PARAMS, GL_SLOT_SCHEMA_META};
  for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, slots[i]);
  }
  for (int i = 0; i < GL_COLLECTIONS; i++) {
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_COLLECTION + i);
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_HANDLE + i);
  }
}
