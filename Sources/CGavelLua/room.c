// `room`, as a hook is given it.
#include "engine.h"
#include "report.h"
#include "state.h"

#include <string.h>

void gl_check_self(lua_State *L, const char *method) {
  if (gl_to(L, 1, GL_IS_ROOM) == NULL) {
    luaL_error(L, "%s needs the room in front. Write room:%s with a colon.", method, method);
  }
  if (gl_engine_of(L)->phase != GL_PHASE_HOOK) luaL_error(L, "room:%s can be called by a hook only.", method);
}

static void push_clients(lua_State *L, uint64_t except) {
  const gl_engine *e = gl_engine_of(L);
  gl_charge(L, 1 + e->client_count);
  luaL_checkstack(L, 4, NULL);
  lua_createtable(L, (int)e->client_count, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
  lua_Integer n = 0;
  for (size_t i = 0; i < e->client_count; i++) {
    if (e->clients[i] == except) continue;
    lua_rawgeti(L, -1, (lua_Integer)e->clients[i]);
    lua_rawseti(L, -3, ++n);
  }
  lua_pop(L, 1);
}

// The number that a local has if it is set to what the C function that runs now returns to its caller: the one behind
// those that lie below the call.
static int local_of_result(lua_State *L, lua_Debug *caller) {
  int low = 0, high = 256;
  while (low < high) {
    int middle = (low + high + 1) / 2;
    if (lua_getlocal(L, caller, middle) != NULL) {
      lua_pop(L, 1);
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low + 1;
}

// What is nil is often indexed next. Looked into a few times only: it takes as long as the function is.
static int find_nobody(lua_State *L) {
  enum { LOOKED_INTO = 8 };
  gl_engine *e = gl_engine_of(L);
  lua_Debug ar;
  e->missing.function_line = 0;
  if (e->missing.count == LOOKED_INTO || !lua_getstack(L, 1, &ar) || !lua_getinfo(L, "Sl", &ar)) return 0;
  if (ar.currentline <= 0) return 0;
  e->missing.count++;
  e->missing.line = ar.currentline;
  e->missing.local = local_of_result(L, &ar);
  e->missing.has_id = lua_isinteger(L, 2);
  e->missing.id = lua_tointeger(L, 2);
  e->missing.function_line = ar.linedefined;
  gl_copy_text(e->missing.file, sizeof e->missing.file, ar.short_src, strlen(ar.short_src));
  return 0;
}

static int find_client(lua_State *L) {
  gl_check_self(L, "client");
  if (!lua_isinteger(L, 2)) {
    if (lua_isnil(L, 2)) return find_nobody(L);
    return luaL_error(L, "room:client takes a client's id, which is an integer");
  }
  return gl_push_client(L, (uint64_t)lua_tointeger(L, 2)) ? 1 : find_nobody(L);
}

static int others(lua_State *L) {
  gl_check_self(L, "others");
  uint64_t id = gl_client_id(L, 2);
  if (id == 0 && lua_isinteger(L, 2)) id = (uint64_t)lua_tointeger(L, 2);
  if (id == 0) return luaL_error(L, "room:others takes a client: room:others(client)");
  push_clients(L, id);
  return 1;
}

// Puts a method that is called for the first time into the table of methods, the first argument.
static bool add_method(lua_State *L, const char *name) {
  for (const gl_member *const *list = gl_room_members; *list != NULL; list++) {
    bool sends = *list == gl_effect_functions;
    if (sends) lua_pushliteral(L, "type");
    const gl_member *const one[] = {*list, NULL};
    if (gl_add_member(L, one, 1, name, sends ? 1 : 0)) return true;
    lua_settop(L, 2);
  }
  return false;
}

// Of what is no method yet: those stand in a table that is asked first.
static int read_field(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
  if (key == NULL) return luaL_error(L, "room has no fields but those with a name");
  if (key == e->names.state) {
    gl_push_root(L, GL_ROOT_STATE);
    return 1;
  }
  if (key == e->names.clients) {
    push_clients(L, 0);
    return 1;
  }
  if (key == e->names.params) {
    gl_push_root(L, GL_ROOT_PARAMS);
    return 1;
  }
  if (key == e->names.key) {
    lua_pushlstring(L, (const char *)e->room_key, e->room_key_length);
    return 1;
  }
  if (key == e->names.msg_id) {
    lua_pushinteger(L, (lua_Integer)e->context.last_id);
    return 1;
  }
  if (add_method(L, key)) return 1;
  const char *meant = gl_nearest_member(key, gl_room_members);
  if (meant != NULL) return luaL_error(L, "there is no room.%s. Did you mean room.%s?", key, meant);
  return luaL_error(L, "there is no room.%s. What the rules keep stands in room.state.%s.", key, key);
}

static int write_field(lua_State *L) {
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  if (key != gl_engine_of(L)->names.state) {
    return luaL_error(L, "room.%s cannot be set. Keep it in room.state.%s.", key, key);
  }
  lua_settop(L, 3);
  gl_root_set(L, GL_ROOT_STATE);
  return 0;
}

static int text_of(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  lua_pushliteral(L, "room ");
  lua_pushlstring(L, (const char *)e->room_key, e->room_key_length);
  lua_concat(L, 2);
  return 1;
}

static const gl_member fields[] = {
    {"key", NULL, "string", "The room's name."},
    {"state", NULL, "table<string|integer, any>",
     "What the rules keep from hook to hook: plain data, which is copied in; undone with a hook that fails or "
     "rejects."},
    {"params", NULL, "table<string, any>",
     "What the room's configuration says under [rooms.params], with the defaults."},
    {"msg_id", NULL, "integer", "The last number given to a message of the room."},
    {"clients", NULL, "Client[]", "All clients of the room, in the order of their joins."},
    {0},
};

static const gl_member functions[] = {
    {"client", find_client, "(id: integer?): Client?", "The client with the id; nil: it is not in the room."},
    {"others", others, "(client: Client|integer): Client[]", "All clients but this one, in the order of their joins."},
    {0},
};

const gl_member *const gl_room_members[] = {fields,           functions, gl_effect_functions, gl_timer_functions,
                                            gl_snapshot_functions, gl_moving_functions, NULL};

void gl_open_room(lua_State *L) {
  gl_kind *room = lua_newuserdatauv(L, sizeof *room, 0);
  *room = GL_IS_ROOM;
  static const luaL_Reg events[] = {{"__newindex", write_field}, {"__tostring", text_of}, {NULL, NULL}};
  luaL_newlib(L, events);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, read_field);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "room");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_PARAMS);
}
