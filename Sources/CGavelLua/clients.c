// Clients as a script sees them, and the room's list of them.
#include "engine.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  gl_kind is;
  uint64_t id;
  bool is_connected;
} client_handle;

uint64_t gl_client_id(lua_State *L, int index) {
  const client_handle *client = gl_to(L, index, GL_IS_CLIENT);
  return client == NULL ? 0 : client->id;
}

// The position of the first client whose id is not below.
static size_t position_of(const gl_engine *e, uint64_t id) {
  size_t low = 0, high = e->client_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (e->clients[middle] < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool gl_has_client(const gl_engine *e, uint64_t id) {
  size_t at = position_of(e, id);
  return at < e->client_count && e->clients[at] == id;
}

bool gl_mark_client(gl_engine *e, uint64_t id) {
  size_t at = position_of(e, id);
  if (e->marks[at] == e->mark) return false;
  e->marks[at] = e->mark;
  return true;
}

bool gl_push_client(lua_State *L, uint64_t id) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
  int type = lua_rawgeti(L, -1, (lua_Integer)id);
  lua_remove(L, -2);
  if (type != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

void gl_set_connected(lua_State *L, uint64_t id, bool is_connected) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
  lua_rawgeti(L, -1, (lua_Integer)id);
  client_handle *client = lua_touserdata(L, -1);
  if (client != NULL) client->is_connected = is_connected;
  lua_pop(L, 2);
}

// Adds the client to the list; what raises before that leaves nothing behind.
void gl_add_client(lua_State *L, uint64_t id, const uint8_t *name, size_t length) {
  gl_engine *e = gl_engine_of(L);
  luaL_checkstack(L, 8, NULL);
  client_handle *client = lua_newuserdatauv(L, sizeof *client, 1);
  client->is = GL_IS_CLIENT;
  client->id = id;
  client->is_connected = true;
  lua_pushlstring(L, length > 0 ? (const char *)name : "", length);
  lua_setiuservalue(L, -2, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENT_META);
  lua_setmetatable(L, -2);
  if (e->client_count == e->client_capacity) {
    size_t capacity = e->client_capacity == 0 ? 8 : e->client_capacity * 2;
    uint64_t *grown = realloc(e->clients, capacity * sizeof *grown);
    if (grown == NULL) gl_no_memory(L);
    e->clients = grown;
    uint64_t *marks = realloc(e->marks, capacity * sizeof *marks);
    if (marks == NULL) gl_no_memory(L);
    memset(marks, 0, capacity * sizeof *marks);
    e->marks = marks;
    e->client_capacity = capacity;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
  lua_insert(L, -2);
  lua_rawseti(L, -2, (lua_Integer)id);
  lua_pop(L, 1);
  size_t at = position_of(e, id);
  memmove(e->clients + at + 1, e->clients + at, (e->client_count - at) * sizeof *e->clients);
  e->clients[at] = id;
  e->client_count++;
}

// Takes the client off the list and pushes it, or nil where it is not there. Raises nothing.
void gl_remove_client(lua_State *L, uint64_t id) {
  gl_engine *e = gl_engine_of(L);
  size_t at = position_of(e, id);
  if (at >= e->client_count || e->clients[at] != id) {
    lua_pushnil(L);
    return;
  }
  e->client_count--;
  memmove(e->clients + at, e->clients + at + 1, (e->client_count - at) * sizeof *e->clients);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
  lua_rawgeti(L, -1, (lua_Integer)id);
  client_handle *client = lua_touserdata(L, -1);
  if (client != NULL) client->is_connected = false;
  lua_pushnil(L);
  lua_rawseti(L, -3, (lua_Integer)id);
  lua_remove(L, -2);
}

static const gl_member fields[] = {
    {"id", NULL, "integer",
     "The client's number in the room, given to nobody else. Keep this in the state, not the client."},
    {"name", NULL, "string", "The name that its join gave, or \"\"."},
    {"data", NULL, "table<string|integer, any>", "As room.state, for as long as the client is in the room."},
    {"connected", NULL, "boolean", "Whether its connection is there: false from on_drop until it returns, and in on_leave."},
    {0},
};

const gl_member *const gl_client_members[] = {fields, NULL};

static int read_field(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  const client_handle *client = lua_touserdata(L, 1);
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
  if (key == e->names.id) {
    lua_pushinteger(L, (lua_Integer)client->id);
  } else if (key == e->names.data) {
    gl_push_root(L, (lua_Integer)client->id);
  } else if (key == e->names.name) {
    lua_getiuservalue(L, 1, 1);
  } else if (key == e->names.connected) {
    lua_pushboolean(L, client->is_connected);
  } else {
    const char *meant = key == NULL ? NULL : gl_nearest_member(key, gl_client_members);
    if (key == NULL) return luaL_error(L, "a client has the fields id, name, data and connected");
    if (meant != NULL) return luaL_error(L, "there is no client.%s. Did you mean client.%s?", key, meant);
    return luaL_error(L, "there is no client.%s. What the rules keep of a client stands in client.data.%s.", key, key);
  }
  return 1;
}

static int write_field(lua_State *L) {
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  if (key != gl_engine_of(L)->names.data) {
    return luaL_error(L, "client.%s cannot be set. Keep it in client.data.%s.", key, key);
  }
  const client_handle *client = lua_touserdata(L, 1);
  gl_push_root(L, (lua_Integer)client->id);
  if (lua_isnil(L, -1)) return luaL_error(L, "client %I is no longer in the room.", (LUAI_UACINT)client->id);
  lua_settop(L, 3);
  gl_root_set(L, (lua_Integer)client->id);
  return 0;
}

static int text_of(lua_State *L) {
  const client_handle *client = lua_touserdata(L, 1);
  lua_pushfstring(L, "client %I", (LUAI_UACINT)client->id);
  return 1;
}

void gl_open_clients(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"__index", read_field}, {"__newindex", write_field}, {"__tostring", text_of}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "client");
  lua_setfield(L, -2, "__name");
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENT_META);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_CLIENTS);
}
