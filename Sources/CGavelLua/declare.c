// Schemas as a script made them, to nodes. A script cannot change a schema, but can the tables that it was made of:
// they are looked at again here, and copied.
#include "schemas.h"

#include <stdlib.h>

enum { PATH_BYTES = 240 };

typedef struct {
  const char *what, *type;
  bool is_strict;
  char path[PATH_BYTES + 8];
  size_t length;
} declaration;

static uint32_t declare(lua_State *L, declaration *d, int index, int depth);

static void fail(lua_State *L, const declaration *d, const char *text) {
  const char *place = gl_push_known_place(L, d->what, d->type);
  lua_pushfstring(L, "%s: %s%s", place, d->path, text);
  lua_error(L);
}

// Room for n more in an array; a file can have at most `most` in all.
static void *grow(lua_State *L, void *array, size_t size, uint32_t count, uint32_t n, uint32_t *capacity) {
  if (n <= *capacity - count) return array;
  uint32_t wanted = *capacity == 0 ? 16 : *capacity;
  while (wanted - count < n) wanted *= 2;
  void *grown = realloc(array, wanted * size);
  if (grown == NULL) gl_no_memory(L);
  *capacity = wanted;
  return grown;
}

static gl_schemas *schemas_of(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->schemas == NULL) {
    e->schemas = calloc(1, sizeof *e->schemas);
    if (e->schemas == NULL) gl_no_memory(L);
    e->schemas->secret = (e->random[1] ^ (e->random[3] << 17 | e->random[3] >> 47)) | 1;
  }
  return e->schemas;
}

static uint32_t add_text(lua_State *L, gl_schemas *s, const char *text, size_t length) {
  s->pool = grow(L, s->pool, 1, s->pool_length, (uint32_t)length, &s->pool_capacity);
  uint32_t start = s->pool_length;
  if (length > 0) memcpy(s->pool + start, text, length);
  s->pool_length += (uint32_t)length;
  return start;
}

static uint32_t add_node(lua_State *L, const declaration *d, gl_schema_kind kind) {
  gl_schemas *s = schemas_of(L);
  if (s->node_count == GL_SCHEMA_NODES) {
    fail(L, d, lua_pushfstring(L, ": a file's schemas have at most %d parts.", GL_SCHEMA_NODES));
  }
  gl_charge(L, 16);
  s->nodes = grow(L, s->nodes, sizeof *s->nodes, s->node_count, 1, &s->node_capacity);
  s->nodes[s->node_count] = (gl_node){.kind = kind};
  return s->node_count++;
}

static size_t descend(declaration *d, const char *between, const char *name, size_t length) {
  size_t before = d->length, room = PATH_BYTES - d->length;
  size_t prefix = strlen(between);
  if (prefix + length <= room) {
    memcpy(d->path + d->length, between, prefix);
    memcpy(d->path + d->length + prefix, name, length);
    d->length += prefix + length;
    d->path[d->length] = 0;
  }
  return before;
}

static void ascend(declaration *d, size_t before) {
  d->length = before;
  d->path[before] = 0;
}

// The bound of the options on top of the stack.
static bool read_bound(lua_State *L, const char *name, bool is_real, int64_t *whole, double *real) {
  lua_pushstring(L, name);
  bool has = lua_rawget(L, -2) == LUA_TNUMBER;
  if (has && is_real) {
    *real = lua_tonumber(L, -1);
  } else if (has) {
    *whole = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : (int64_t)lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
  return has;
}

static void read_bounds(lua_State *L, int schema, gl_node *n) {
  bool is_real = n->kind == GL_NUMBER_SCHEMA;
  gl_push_schema_part(L, schema, GL_SCHEMA_OPTIONS);
  if (lua_istable(L, -1)) {
    int64_t whole = 0;
    double real = 0;
    n->has_min = read_bound(L, "min", is_real, &whole, &real);
    if (is_real) {
      n->min.real = real;
    } else {
      n->min.whole = whole;
    }
    n->has_max = read_bound(L, "max", is_real, &whole, &real);
    if (is_real) {
      n->max.real = real;
    } else {
      n->max.whole = whole;
    }
  }
  lua_pop(L, 1);
}

static void declare_words(lua_State *L, const declaration *d, int values, uint32_t node) {
  gl_schemas *s = schemas_of(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, values);
  if (n > GL_SCHEMA_VALUES - (lua_Integer)s->word_count) {
    fail(L, d, lua_pushfstring(L, ": the one_of of a file have at most %d values.", GL_SCHEMA_VALUES));
  }
  gl_charge(L, (uint64_t)n * 4);
  s->words = grow(L, s->words, sizeof *s->words, s->word_count, (uint32_t)n, &s->word_capacity);
  s->nodes[node].first = s->word_count;
  for (lua_Integer i = 1; i <= n; i++) {
    gl_word word = {0};
    switch (lua_rawgeti(L, values, i)) {
      case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        word = (gl_word){.kind = GJ_STRING, .text = add_text(L, s, text, length), .length = (uint32_t)length};
        break;
      }
      case LUA_TNUMBER:
        word = (gl_word){.kind = GJ_NUMBER, .real = lua_tonumber(L, -1)};
        word.is_whole = lua_isinteger(L, -1) || lua_numbertointeger(word.real, &word.whole);
        if (lua_isinteger(L, -1)) word.whole = lua_tointeger(L, -1);
        word.is_whole = word.is_whole && (lua_isinteger(L, -1) || (double)word.whole == word.real);
        break;
      case LUA_TBOOLEAN: word.kind = lua_toboolean(L, -1) ? GJ_TRUE : GJ_FALSE; break;
      default: fail(L, d, ": gavel.one_of takes texts, numbers and booleans.");
    }
    lua_pop(L, 1);
    s->words[s->word_count++] = word;
    s->nodes[node].count++;
  }
}

static bool is_before(const gl_schemas *s, const gl_field *a, const gl_field *b) {
  if (a->length != b->length) return a->length < b->length;
  return memcmp(s->pool + a->name, s->pool + b->name, a->length) < 0;
}

// Takes the names of the fields, sorted; their nodes come later, so that the fields of one object stand together.
static void declare_names(lua_State *L, const declaration *d, int fields, uint32_t node) {
  gl_schemas *s = schemas_of(L);
  uint32_t first = s->field_count, count = 0;
  lua_pushnil(L);
  while (lua_next(L, fields)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) fail(L, d, ": a field has no name. Write { cell = gavel.integer }.");
    if (count == GL_OBJECT_FIELDS) {
      fail(L, d, lua_pushfstring(L, ": an object has at most %d fields. Use a list or a map.", GL_OBJECT_FIELDS));
    }
    size_t length;
    const char *name = lua_tolstring(L, -1, &length);
    gl_charge(L, 4 + count);
    gl_field field = {.name = add_text(L, s, name, length), .length = (uint32_t)length};
    s->fields = grow(L, s->fields, sizeof *s->fields, s->field_count, 1, &s->field_capacity);
    uint32_t at = first + count++;
    for (; at > first && is_before(s, &field, &s->fields[at - 1]); at--) s->fields[at] = s->fields[at - 1];
    s->fields[at] = field;
    s->field_count++;
  }
  s->nodes[node].first = first;
  s->nodes[node].count = count;
  s->nodes[node].is_strict = d->is_strict;
}

static void check_field(lua_State *L, const declaration *d, int index) {
  if (gl_is_schema(L, index)) return;
  if (lua_type(L, index) == LUA_TSTRING) {
    fail(L, d, lua_pushfstring(L, " is a string. Write gavel.integer { … }, or gavel.one_of { \"%s\" } for that very "
                                  "word.", lua_tostring(L, index)));
  }
  fail(L, d, lua_pushfstring(L, " is a %s. Write a schema, such as gavel.integer or gavel.object { … }.",
                             luaL_typename(L, index)));
}

static void declare_fields(lua_State *L, declaration *d, int fields, uint32_t node, int depth) {
  gl_schemas *s = schemas_of(L);
  declare_names(L, d, fields, node);
  uint32_t first = s->nodes[node].first, count = s->nodes[node].count;
  bool is_message = depth == 1 && strcmp(d->what, "messages") == 0;
  for (uint32_t i = first; i < first + count; i++) {
    const char *name = s->pool + s->fields[i].name;
    size_t length = s->fields[i].length;
    bool is_taken = is_message && gl_is_envelope_name(name, length, strcmp(d->type, "join") == 0);
    lua_pushlstring(L, name, length);
    size_t before = descend(d, d->length > 0 ? "." : "", name, length);
    if (is_taken) fail(L, d, ": that field belongs to the relay. Choose another name.");
    lua_rawget(L, fields);
    check_field(L, d, lua_gettop(L));
    uint32_t inner = declare(L, d, lua_gettop(L), depth + 1);
    s->fields[i].node = inner;
    s->nodes[node].hides_null = s->nodes[node].hides_null || s->nodes[inner].hides_null || s->nodes[inner].is_optional;
    lua_pop(L, 1);
    ascend(d, before);
  }
}

static void declare_inner(lua_State *L, declaration *d, uint32_t node, bool is_list, int depth) {
  gl_schemas *s = schemas_of(L);
  size_t before = descend(d, is_list ? "[]" : "[*]", "", 0);
  if (is_list && gl_schema_kind_of(L, -1) == GL_OPTIONAL_SCHEMA) {
    fail(L, d, ": an element of a list cannot be left out. gavel.optional is for fields.");
  }
  uint32_t inner = declare(L, d, lua_gettop(L), depth + 1);
  ascend(d, before);
  s->nodes[node].inner = inner;
  s->nodes[node].hides_null = s->nodes[inner].hides_null || s->nodes[inner].is_optional;
}

// A message says what it says: nothing is put in where a field is left out.
static void refuse_default(lua_State *L, const declaration *d, int index) {
  gl_push_default(L, index);
  if (!lua_isnil(L, -1) && strcmp(d->what, "messages") == 0) {
    fail(L, d, ": only rules.params have defaults. Write gavel.optional(…), and in the hook: msg.field or the default.");
  }
  lua_pop(L, 1);
}

static uint32_t declare(lua_State *L, declaration *d, int index, int depth) {
  luaL_checkstack(L, 12, NULL);
  if (depth > GL_SCHEMA_DEPTH) {
    fail(L, d, lua_pushfstring(L, ": schemas are nested at most %d deep.", GL_SCHEMA_DEPTH));
  }
  gl_push_schema_part(L, index, GL_SCHEMA_COMPLAINT);
  if (!lua_isnil(L, -1)) {
    gl_push_schema_part(L, index, GL_SCHEMA_PLACE);
    lua_pushfstring(L, "%s: %s%s", lua_tostring(L, -1), d->path, lua_tostring(L, -2));
    lua_error(L);
  }
  lua_pop(L, 1);
  refuse_default(L, d, index);
  gl_schema_kind kind = gl_schema_kind_of(L, index);
  gl_push_schema_part(L, index, GL_SCHEMA_ARGUMENT);
  int argument = lua_gettop(L);
  uint32_t node;
  if (kind == GL_OPTIONAL_SCHEMA) {
    node = declare(L, d, argument, depth + 1);
    gl_engine_of(L)->schemas->nodes[node].is_optional = true;
  } else {
    node = add_node(L, d, kind);
    read_bounds(L, index, &gl_engine_of(L)->schemas->nodes[node]);
    if (kind == GL_OBJECT_SCHEMA) declare_fields(L, d, argument, node, depth);
    if (kind == GL_LIST_SCHEMA || kind == GL_MAP_SCHEMA) declare_inner(L, d, node, kind == GL_LIST_SCHEMA, depth);
    if (kind == GL_ONE_OF_SCHEMA) declare_words(L, d, argument, node);
  }
  lua_settop(L, argument - 1);
  return node;
}

uint32_t gl_declare(lua_State *L, int index, const char *what, const char *type, bool is_strict) {
  declaration d = {.what = what, .type = type, .is_strict = is_strict};
  // Params are written at rules.params, and named params.turn.
  bool is_message = strcmp(what, "messages") == 0;
  descend(&d, is_message ? "messages." : "params", type, is_message ? strlen(type) : 0);
  if (gl_is_schema(L, index)) {
    gl_schema_kind kind = gl_schema_kind_of(L, index);
    if (kind != GL_OBJECT_SCHEMA && kind != GL_ANY_SCHEMA) {
      fail(L, &d, lua_pushfstring(L, " is a gavel.%s. Write the fields of the message: { cell = gavel.integer }.",
                                  gl_schema_kind_name(kind)));
    }
    return declare(L, &d, index, 1);
  }
  uint32_t node = add_node(L, &d, GL_OBJECT_SCHEMA);
  declare_fields(L, &d, index, node, 1);
  return node;
}

static void *trim(void *array, size_t size, uint32_t count, uint32_t *capacity) {
  if (count == 0 || count == *capacity) return array;
  void *trimmed = realloc(array, count * size);
  if (trimmed == NULL) return array;
  *capacity = count;
  return trimmed;
}

void gl_trim_schemas(gl_schemas *s) {
  if (s == NULL) return;
  s->nodes = trim(s->nodes, sizeof *s->nodes, s->node_count, &s->node_capacity);
  s->fields = trim(s->fields, sizeof *s->fields, s->field_count, &s->field_capacity);
  s->words = trim(s->words, sizeof *s->words, s->word_count, &s->word_capacity);
  s->pool = trim(s->pool, 1, s->pool_length, &s->pool_capacity);
}
