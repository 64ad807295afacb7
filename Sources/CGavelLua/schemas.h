// Schemas as the check reads them: one tree per type, its nodes, fields and values in arrays of the engine's own.
#ifndef GAVEL_LUA_SCHEMAS_H
#define GAVEL_LUA_SCHEMAS_H

#include "decimals.h"
#include "engine.h"
#include "json.h"

typedef enum {
  GL_INTEGER_SCHEMA,
  GL_NUMBER_SCHEMA,
  GL_STRING_SCHEMA,
  GL_BOOLEAN_SCHEMA,
  GL_ANY_SCHEMA,
  GL_ONE_OF_SCHEMA,
  GL_LIST_SCHEMA,
  GL_MAP_SCHEMA,
  GL_OBJECT_SCHEMA,
  GL_OPTIONAL_SCHEMA,  // no node has it: it is a mark of the node inside
  GL_SCHEMA_KINDS,
} gl_schema_kind;

enum {
  GL_SCHEMA_DEPTH = 32,
  GL_SCHEMA_NODES = 4096,   // of a file
  GL_SCHEMA_VALUES = 4096,  // of all its one_of
  GL_OBJECT_FIELDS = 256,
};

// How a script writes a kind of schema.
typedef struct {
  const char *name;
  lua_CFunction function;  // NULL: the name is a schema itself, and called for one with options
  const char *argument;    // of the function, as the Lua language server writes it
  const char *value;       // what a default is
  const char *options[4];  // ends with NULL
  const char *listed;
  const char *placed;      // of those, what a message can use
  const char *text;
} gl_schema_form;

extern const gl_schema_form gl_schema_forms[GL_SCHEMA_KINDS];

void gl_consider_schemas(gl_search *search);

typedef struct {
  uint8_t kind;      // gl_schema_kind
  bool is_optional;
  bool has_min, has_max;
  bool is_strict;    // of an object: further fields are refused
  bool hides_null;   // something below it is optional
  uint32_t first;    // of an object: its fields; of one_of: its values
  uint32_t count;
  uint32_t inner;    // of a list or map: the node of its elements
  union {
    int64_t whole;   // of an integer; of a string, list or map: how many
    double real;     // of a number
  } min, max;
} gl_node;

// Fields of an object stand sorted by length, then bytes.
typedef struct {
  uint32_t name, length;  // bytes in the pool
  uint32_t node;
} gl_field;

// A value of one_of.
typedef struct {
  uint8_t kind;      // GJ_STRING, GJ_NUMBER, GJ_TRUE, GJ_FALSE
  bool is_whole;
  uint32_t text, length;
  int64_t whole;
  double real;
} gl_word;

// A slot of the table in which the keys of a large object are looked up.
typedef struct {
  uint32_t hash, key;  // key: its token, 0 for an empty slot
} gl_key_slot;

struct gl_schemas {
  gl_node *nodes;
  gl_field *fields;
  gl_word *words;
  char *pool;
  uint32_t node_count, node_capacity, field_count, field_capacity, word_count, word_capacity;
  uint32_t pool_length, pool_capacity;
  uint64_t secret;       // of the keys' hash
  gl_key_slot *slots;
  uint32_t slot_capacity;
};

enum { GL_LONGEST_ESCAPE = 12 };

// The bytes of the escape at p, which is a good one; of a pair of surrogates both.
static inline uint32_t gl_escape_length(const uint8_t *p) {
  if (p[1] != 'u') return 2;
  bool is_high = (p[2] | 0x20) == 'd' && (p[3] == '8' || p[3] == '9' || (uint8_t)((p[3] | 0x20) - 'a') < 2);
  return is_high ? 12 : 6;
}

typedef enum { GL_UNMET, GL_MISSING, GL_TWICE, GL_NOT_EXPECTED, GL_WRONG_COUNT } gl_fault;

// One check: what is checked, and what it found. Nothing in it is of use after the call.
typedef struct {
  gl_schemas *schemas;
  const uint8_t *text;
  const gj_token *tape;
  const gj_envelope *envelope;  // NULL: the root is no message
  bool is_join;
  gl_fault fault;
  uint32_t token;               // the value it is about
  uint32_t schema;              // what it was to be
  uint32_t field;               // of GL_MISSING
} gl_check;

// validate.c
bool gl_meets(gl_check *c, uint32_t node, uint32_t token);
bool gl_message_meets(gl_check *c, uint32_t node);
// The value of a number token, however it is written.
gl_decimal gl_read_number(const uint8_t *text, const gj_token *token);
// Whether the relay, not the rules, says what a member of this name is.
bool gl_is_envelope_name(const char *name, size_t length, bool is_join);
// The index of the object's field, or UINT32_MAX.
uint32_t gl_find_field(const gl_schemas *s, const gl_node *object, const char *name, size_t length);

// The object's field that was probably meant by the name, or NULL.
const gl_field *gl_nearest_field(const gl_schemas *s, const gl_node *object, const char *name, size_t length);

// keys.c: whether no key of the object at the token stands there twice; *again is the second one.
bool gl_has_distinct_keys(gl_check *c, uint32_t object, uint32_t *again);

// explain.c: what the check found, as a sentence for people. prefix stands before the path. Returns its length.
size_t gl_explain(const gl_check *c, const char *prefix, char *out, size_t capacity);

// typed.c: as gl_push_value, but a field that may be null and is, is left out.
void gl_push_typed(lua_State *L, const uint8_t *text, const gj_token *tape, uint32_t index, uint32_t node);

// schema.c: what declare.c reads of a schema at the stack index; pushes its argument or its options.
gl_schema_kind gl_schema_kind_of(lua_State *L, int index);
void gl_push_schema_part(lua_State *L, int index, int part);
const char *gl_schema_kind_name(gl_schema_kind kind);
enum { GL_SCHEMA_ARGUMENT = 1, GL_SCHEMA_OPTIONS, GL_SCHEMA_PLACE, GL_SCHEMA_COMPLAINT };

// declare.c: the schema or table of fields at the stack index becomes nodes; raises where it cannot be met.
// what, type: "messages", "move", as a path begins. Returns the node of its object.
uint32_t gl_declare(lua_State *L, int index, const char *what, const char *type, bool is_strict);
// Gives back what the arrays have left, when all is declared.
void gl_trim_schemas(gl_schemas *schemas);

// admit.c: before a hook runs. Whether the client may send the type now, and the message is as its schema says; where
// not, the outcome says so.
bool gl_admits(gl_engine *e, const gl_type *type, uint64_t client, const gl_message *message);
bool gl_admits_join(gl_engine *e, const gl_message *message);
void gl_free_schemas(gl_schemas *schemas);

#endif
