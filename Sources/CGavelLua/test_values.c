// Values between a test and what it plays against.
#include "json.h"
#include "state.h"
#include "tests.h"

char gl_anything, gl_absent;

// Copies the value on top of the other stack, which is left alone. Reading it raw neither allocates nor raises there.
static void copy_value(lua_State *L, lua_State *from, int depth) {
  luaL_checkstack(L, 4, NULL);
  if (depth > GL_DEEPEST_NODE || !lua_checkstack(from, 6)) {
    lua_pushnil(L);
    return;
  }
  gl_charge(L, 2);
  switch (lua_type(from, -1)) {
    case LUA_TBOOLEAN:
      lua_pushboolean(L, lua_toboolean(from, -1));
      return;
    case LUA_TNUMBER:
      if (lua_isinteger(from, -1)) {
        lua_pushinteger(L, lua_tointeger(from, -1));
      } else {
        lua_pushnumber(L, lua_tonumber(from, -1));
      }
      return;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(from, -1, &length);
      lua_pushlstring(L, text, length);
      return;
    }
    case LUA_TUSERDATA:
      if (!gl_is_state(from, -1)) break;
      lua_newtable(L);
      lua_getiuservalue(from, -1, 1);
      lua_pushnil(from);
      while (lua_next(from, -2) != 0) {
        lua_pushvalue(from, -2);
        copy_value(L, from, depth + 1);
        lua_pop(from, 1);
        copy_value(L, from, depth + 1);
        lua_rawset(L, -3);
        lua_pop(from, 1);
      }
      lua_pop(from, 1);
      return;
    default:
      break;
  }
  lua_pushnil(L);
}

void gl_push_kept(lua_State *L, const gl_engine *of, uint64_t client) {
  if (of == NULL || of->phase != GL_PHASE_IDLE) {
    lua_pushnil(L);
    return;
  }
  lua_State *from = of->L;
  // What an error of this copy leaves there goes with the next call.
  lua_settop(from, 0);
  lua_rawgeti(from, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  lua_rawgeti(from, 1, client == 0 ? (lua_Integer)GL_ROOT_STATE : (lua_Integer)client);
  copy_value(L, from, 0);
  lua_settop(from, 0);
}

bool gl_encode_mark(lua_State *L, gl_buffer *b, const void *value) {
  static const char anything[] = "\"\\u0001any\"", absent[] = "\"\\u0001absent\"";
  if (value != &gl_anything && value != &gl_absent) return false;
  if (value == &gl_anything) {
    gl_append(L, b, anything, sizeof anything - 1);
  } else {
    gl_append(L, b, absent, sizeof absent - 1);
  }
  return true;
}

static void encode_argument(lua_State *L, int index, gl_test_call *call) {
  gl_buffer *b = &gl_engine_of(L)->scratch;
  int place = call->count;
  const gl_test_object *object = gl_to(L, index, GL_IS_TEST);
  if (object != NULL && object->of == GL_OF_CLIENT) {
    call->clients[place] = object->number;
    gl_append(L, b, "null", 4);
  } else if (lua_isnil(L, index)) {
    gl_append(L, b, "null", 4);
  } else {
    gl_encode(L, b, index, 1, &(gl_where){.name = "the argument"});
  }
}

void gl_encode_arguments(lua_State *L, int first, gl_test_call *call) {
  gl_engine *e = gl_engine_of(L);
  int last = lua_gettop(L);
  while (last >= first && lua_isnil(L, last)) last--;
  if (last - first >= GL_TEST_ARGUMENTS) luaL_error(L, "%s has too many arguments.", call->name);
  size_t start = e->scratch.length;
  gl_append(L, &e->scratch, "[", 1);
  for (int index = first; index <= last; index++) {
    if (index > first) gl_append(L, &e->scratch, ",", 1);
    encode_argument(L, index, call);
    call->count++;
  }
  gl_append(L, &e->scratch, "]", 1);
  call->arguments = e->scratch.bytes + start;
  call->length = e->scratch.length - start;
}
