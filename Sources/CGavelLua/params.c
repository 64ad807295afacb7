// rules.params: what the config says is checked like a message, and what it leaves out gets its default.
#include "json.h"
#include "schemas.h"

enum { SENTENCE_BYTES = 400 };

typedef struct {
  const uint8_t *text;
  const gj_token *tape;
} parsed;

static void fail(lua_State *L, const char *text) {
  const char *place = gl_push_known_place(L, "rules", "params");
  lua_pushfstring(L, "%s: %s", place, text);
  lua_error(L);
}

// Scans JSON; its tape is left on the stack.
static parsed parse(lua_State *L, const uint8_t *text, size_t length) {
  size_t capacity = gj_tape_capacity(length);
  gj_token *tape = lua_newuserdatauv(L, capacity * sizeof *tape, 0);
  gl_charge(L, gl_bytes_cost(length * 8));
  if (gj_scan_value(text, length, tape, capacity, GL_JSON_DEPTH, NULL) < 0) fail(L, "the params are not JSON");
  return (parsed){text, tape};
}

static uint32_t key_of(const parsed *p, const char *name, size_t length) {
  for (uint32_t key = 1; key < p->tape[0].next; key = p->tape[key].next) {
    if (gj_equals(p->text, &p->tape[key], name, length)) return key;
  }
  return 0;
}

// The declared param that was probably meant by the name on top of the stack, or NULL.
static const char *nearest_param(lua_State *L, const gl_schemas *s, const gl_node *params) {
  size_t length;
  const char *name = lua_tolstring(L, -1, &length);
  const gl_field *best = gl_nearest_field(s, params, name, length);
  return best == NULL ? NULL : lua_pushlstring(L, s->pool + best->name, best->length);
}

static void check_names(lua_State *L, const parsed *p, const gl_schemas *s, const gl_node *params) {
  for (uint32_t key = 1; key < p->tape[0].next; key = p->tape[key].next) {
    gl_push_name(L, p->text, p->tape[key]);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (gl_find_field(s, params, text, length) == UINT32_MAX) {
      const char *meant = nearest_param(L, s, params);
      if (meant != NULL) fail(L, lua_pushfstring(L, "params.%s: no such param. Did you mean %s?", text, meant));
      fail(L, lua_pushfstring(L, "params.%s: no such param.", text));
    }
    lua_pop(L, 1);
  }
}

static void check_value(lua_State *L, const parsed *p, uint32_t token, uint32_t node, const char *prefix) {
  gl_check c = {.schemas = gl_engine_of(L)->schemas, .text = p->text, .tape = p->tape};
  if (gl_meets(&c, node, token)) return;
  char sentence[SENTENCE_BYTES];
  size_t length = gl_explain(&c, prefix, sentence, sizeof sentence);
  lua_pushlstring(L, sentence, length);
  fail(L, lua_tostring(L, -1));
}

// Pushes the default of the field, which must be as its schema says, or nil.
static void push_default(lua_State *L, int declared, const gl_field *field) {
  gl_engine *e = gl_engine_of(L);
  lua_pushlstring(L, e->schemas->pool + field->name, field->length);
  const char *prefix = lua_pushfstring(L, "params.%s: the default", lua_tostring(L, -1));
  lua_pushvalue(L, -2);
  lua_rawget(L, declared);
  gl_push_default(L, lua_gettop(L));
  if (!lua_isnil(L, -1)) {
    size_t base = e->scratch.length;
    gl_encode(L, &e->scratch, lua_gettop(L), 1, &(gl_where){.name = prefix});
    // Copied: decoding uses the scratch memory too.
    lua_pushlstring(L, (const char *)e->scratch.bytes + base, e->scratch.length - base);
    e->scratch.length = base;
    size_t length;
    const char *json = lua_tolstring(L, -1, &length);
    parsed p = parse(L, (const uint8_t *)json, length);
    check_value(L, &p, 0, field->node, prefix);
    lua_pop(L, 2);
  }
  lua_replace(L, -4);
  lua_pop(L, 2);
}

// Pushes what the field is to be, for a config that says nothing of it.
static void miss(lua_State *L, const gl_field *field) {
  const gl_schemas *s = gl_engine_of(L)->schemas;
  lua_pushlstring(L, s->pool + field->name, field->length);
  const char *prefix = lua_pushfstring(L, "params.%s", lua_tostring(L, -1));
  static const uint8_t nothing[] = "null";
  gj_token token = {.end = 4, .next = 1, .kind = GJ_NULL};
  gl_check c = {.schemas = gl_engine_of(L)->schemas, .text = nothing, .tape = &token, .schema = field->node};
  char sentence[SENTENCE_BYTES];
  size_t length = gl_explain(&c, prefix, sentence, sizeof sentence);
  // Instead of null.
  lua_pushlstring(L, sentence, length - 4);
  fail(L, lua_pushfstring(L, "%snothing. Set it in the room's params, or give it a default.", lua_tostring(L, -1)));
}

void gl_place_params(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  int top = lua_gettop(L);
  luaL_checkstack(L, 20, NULL);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_RULES);
  lua_getiuservalue(L, -1, 1);
  lua_pushliteral(L, "params");
  if (lua_rawget(L, -2) != LUA_TTABLE) {
    lua_settop(L, top);
    return;
  }
  int declared = lua_gettop(L);
  uint32_t root = gl_declare(L, declared, "rules", "params", true);
  static const uint8_t empty[] = "{}";
  bool has_params = e->load_params_length > 0;
  parsed p = parse(L, has_params ? e->load_params : empty, has_params ? e->load_params_length : 2);
  const gl_schemas *s = e->schemas;
  const gl_node *params = &s->nodes[root];
  check_names(L, &p, s, params);
  lua_createtable(L, 0, (int)params->count);
  int values = lua_gettop(L);
  for (uint32_t i = params->first; i < params->first + params->count; i++) {
    const gl_field *field = &s->fields[i];
    uint32_t key = key_of(&p, s->pool + field->name, field->length);
    lua_pushlstring(L, s->pool + field->name, field->length);
    push_default(L, declared, field);
    bool has_default = !lua_isnil(L, -1);
    if (key == 0 && !has_default && !s->nodes[field->node].is_optional) miss(L, field);
    if (key != 0) {
      lua_pop(L, 1);
      check_value(L, &p, key + 1, field->node, "params");
      gl_push_typed(L, p.text, p.tape, key + 1, field->node);
    }
    lua_rawset(L, values);
  }
  lua_settop(L, values);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OBJECT_META);
  lua_setmetatable(L, values);
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_PARAMS);
  lua_settop(L, top);
}
