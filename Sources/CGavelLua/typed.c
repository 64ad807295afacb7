// Checked JSON to Lua values: as decode.c, but for fields that may be null.
#include "json.h"
#include "schemas.h"

static void push_fields(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index, const gl_node *n) {
  const gl_schemas *s = gl_engine_of(L)->schemas;
  bool is_map = n->kind == GL_MAP_SCHEMA;
  gl_charge(L, 1u + tape[index].count);
  luaL_checkstack(L, 6, NULL);
  lua_createtable(L, 0, tape[index].count);
  for (uint32_t key = index + 1; key < tape[index].next; key = tape[key].next) {
    gl_push_name(L, text, tape[key]);
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    uint32_t field = is_map ? 0 : gl_find_field(s, n, bytes, length);
    if (field == UINT32_MAX) {
      gl_push_value(L, text, tape, key + 1);
    } else {
      gl_push_typed(L, text, tape, key + 1, is_map ? n->inner : s->fields[field].node);
    }
    lua_rawset(L, -3);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  lua_setmetatable(L, -2);
}

static void push_elements(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index, const gl_node *n) {
  gl_charge(L, 1u + tape[index].count);
  luaL_checkstack(L, 6, NULL);
  lua_createtable(L, tape[index].count, 0);
  lua_Integer count = 0;
  for (uint32_t value = index + 1; value < tape[index].next; value = tape[value].next) {
    gl_push_typed(L, text, tape, value, n->inner);
    lua_rawseti(L, -2, ++count);
  }
}

void gl_push_typed(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index, uint32_t node) {
  const gl_node *n = &gl_engine_of(L)->schemas->nodes[node];
  if (tape[index].kind == GJ_NULL && n->is_optional) {
    lua_pushnil(L);
  } else if (!n->hides_null) {
    gl_push_value(L, text, tape, index);
  } else if (tape[index].kind == GJ_ARRAY) {
    push_elements(L, text, tape, index, n);
  } else {
    push_fields(L, text, tape, index, n);
  }
}
