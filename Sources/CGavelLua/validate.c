// A message against its schema, on the scanner's tape: no Lua, and no memory but for the keys of large objects.
#include "decimals.h"
#include "schemas.h"

#include <math.h>
#include <stdlib.h>

enum { LINEAR_FIELDS = 8 };

// Any other number.
__attribute__((noinline)) static void read_long_number(const uint8_t *text, const gj_token *token, gl_decimal *n) {
  n->is_whole = (token->flags & GJ_INTEGER) && gj_integer(text, token, &n->whole);
  if (n->is_whole) {
    n->real = (double)n->whole;
    return;
  }
  // It ends with the token: behind a number stands a comma, a space or the bracket of what it is in.
  n->real = strtod((const char *)text + token->start, NULL);
  // As a script gets it: written with a fraction or an exponent, it is whole as far as every whole number is exact.
  if (!(token->flags & GJ_INTEGER) && fabs(n->real) < 0x1p53) {
    n->whole = (int64_t)n->real;
    n->is_whole = (double)n->whole == n->real;
  }
}

static inline gl_decimal read_number(const uint8_t *text, const gj_token *token) {
  gl_decimal n;
  if (!gl_read_decimal(text + token->start, text + token->end, &n)) read_long_number(text, token, &n);
  return n;
}

gl_decimal gl_read_number(const uint8_t *text, const gj_token *token) { return read_number(text, token); }

static bool fail(gl_check *c, gl_fault fault, uint32_t token, const gl_node *node) {
  c->fault = fault;
  c->token = token;
  c->schema = (uint32_t)(node - c->schemas->nodes);
  return false;
}

static bool is_integer(const gl_check *c, const gl_node *n, const gj_token *token) {
  if (token->kind != GJ_NUMBER) return false;
  gl_decimal value = read_number(c->text, token);
  return value.is_whole && (!n->has_min || value.whole >= n->min.whole) && (!n->has_max || value.whole <= n->max.whole);
}

static bool is_number(const gl_check *c, const gl_node *n, const gj_token *token) {
  if (token->kind != GJ_NUMBER) return false;
  double value = read_number(c->text, token).real;
  return isfinite(value) && (!n->has_min || value >= n->min.real) && (!n->has_max || value <= n->max.real);
}

// Characters of a string: bytes that begin one, each escape once, a pair of surrogates too.
static int64_t count_characters(const uint8_t *p, const uint8_t *end) {
  int64_t count = 0;
  while (p != end) {
    if (*p == '\\') {
      p += gl_escape_length(p);
      count++;
    } else {
      count += (*p++ & 0xC0) != 0x80;
    }
  }
  return count;
}

static bool is_string(const gl_check *c, const gl_node *n, const gj_token *token) {
  if (token->kind != GJ_STRING) return false;
  if (!n->has_min && !n->has_max) return true;
  int64_t bytes = (int64_t)token->end - token->start - 2;
  if (!(token->flags & GJ_ESCAPED)) {
    bool is_long_enough = !n->has_min || (bytes + 3) / 4 >= n->min.whole;
    if (is_long_enough && (!n->has_max || bytes <= n->max.whole)) return true;
  }
  int64_t count = count_characters(c->text + token->start + 1, c->text + token->end - 1);
  return (!n->has_min || count >= n->min.whole) && (!n->has_max || count <= n->max.whole);
}

static bool is_one_of(const gl_check *c, const gl_node *n, const gj_token *token) {
  const gl_word *word = c->schemas->words + n->first, *end = word + n->count;
  if (token->kind == GJ_STRING && !(token->flags & GJ_ESCAPED)) {
    uint32_t length = token->end - token->start - 2;
    for (; word < end; word++) {
      if (word->kind != GJ_STRING || word->length != length) continue;
      if (gl_equal_names(c->text + token->start + 1, c->schemas->pool + word->text, length)) return true;
    }
    return false;
  }
  gl_decimal value = {.is_whole = false};
  if (token->kind == GJ_NUMBER) value = read_number(c->text, token);
  for (; word < end; word++) {
    if (word->kind != token->kind) continue;
    if (token->kind == GJ_STRING) {
      if (gj_equals(c->text, token, c->schemas->pool + word->text, word->length)) return true;
    } else if (token->kind != GJ_NUMBER) {
      return true;
    } else if (value.is_whole && word->is_whole ? value.whole == word->whole : value.real == word->real) {
      return true;
    }
  }
  return false;
}

// Below a value that may be anything, keys still stand there once.
static bool is_anything(gl_check *c, const gl_node *n, uint32_t token) {
  uint32_t end = c->tape[token].next, again;
  for (uint32_t i = token; i < end; i++) {
    if (c->tape[i].kind == GJ_OBJECT && !gl_has_distinct_keys(c, i, &again)) return fail(c, GL_TWICE, again + 1, n);
  }
  return true;
}

static bool has_count(const gl_node *n, int64_t count) {
  return (!n->has_min || count >= n->min.whole) && (!n->has_max || count <= n->max.whole);
}

static bool is_list(gl_check *c, const gl_node *n, uint32_t token) {
  const gj_token *tape = c->tape;
  if (tape[token].kind != GJ_ARRAY) return fail(c, GL_UNMET, token, n);
  // How many is looked at first: a list that is too long costs nothing more.
  uint32_t end = tape[token].next;
  int64_t count = tape[token].count;
  if (count == UINT16_MAX && (n->has_min || n->has_max)) {
    count = 0;
    for (uint32_t i = token + 1; i < end; i = tape[i].next) count++;
  }
  if (!has_count(n, count)) return fail(c, GL_WRONG_COUNT, token, n);
  for (uint32_t i = token + 1; i < end; i = tape[i].next) {
    if (!gl_meets(c, n->inner, i)) return false;
  }
  return true;
}

static bool is_map(gl_check *c, const gl_node *n, uint32_t token) {
  const gj_token *tape = c->tape;
  if (tape[token].kind != GJ_OBJECT) return fail(c, GL_UNMET, token, n);
  uint32_t end = tape[token].next, again;
  int64_t count = tape[token].count;
  if (count == UINT16_MAX && (n->has_min || n->has_max)) {
    count = 0;
    for (uint32_t i = token + 1; i < end; i = tape[i].next) count++;
  }
  if (!has_count(n, count)) return fail(c, GL_WRONG_COUNT, token, n);
  if (!gl_has_distinct_keys(c, token, &again)) return fail(c, GL_TWICE, again + 1, n);
  for (uint32_t i = token + 1; i < end; i = tape[i].next) {
    if (!gl_meets(c, n->inner, i + 1)) return false;
  }
  return true;
}

static bool precedes(const gl_schemas *s, const gl_field *f, const char *name, size_t length) {
  return f->length != length ? f->length < length : memcmp(s->pool + f->name, name, length) < 0;
}

static inline __attribute__((always_inline)) uint32_t find_field(const gl_schemas *s, const gl_node *object, const char *name, size_t length) {
  const gl_field *fields = s->fields + object->first;
  uint32_t low = 0, high = object->count;
  while (high - low > LINEAR_FIELDS) {
    uint32_t middle = low + (high - low) / 2;
    if (precedes(s, &fields[middle], name, length)) {
      low = middle + 1;
    } else {
      high = middle + 1;
    }
  }
  for (; low < high; low++) {
    if (fields[low].length == length && gl_equal_names(s->pool + fields[low].name, name, length)) return object->first + low;
  }
  return UINT32_MAX;
}

const gl_field *gl_nearest_field(const gl_schemas *s, const gl_node *object, const char *name, size_t length) {
  int least = 1000;
  const gl_field *best = NULL;
  for (const gl_field *f = s->fields + object->first; f < s->fields + object->first + object->count; f++) {
    int distance = gl_distance(name, length, s->pool + f->name, f->length);
    if (distance >= least || !gl_is_near(distance, length)) continue;
    least = distance;
    best = f;
  }
  return best;
}

uint32_t gl_find_field(const gl_schemas *s, const gl_node *object, const char *name, size_t length) {
  return find_field(s, object, name, length);
}

static inline uint32_t field_of_key(const gl_check *c, const gl_node *n, const gj_token *key) {
  if (!(key->flags & GJ_ESCAPED)) {
    return find_field(c->schemas, n, (const char *)c->text + key->start + 1, key->end - key->start - 2);
  }
  for (uint32_t i = n->first; i < n->first + n->count; i++) {
    const gl_field *field = &c->schemas->fields[i];
    if (gj_equals(c->text, key, c->schemas->pool + field->name, field->length)) return i;
  }
  return UINT32_MAX;
}

static const struct {
  const char *text;
  uint8_t length;
  bool is_stamp, of_join;
} envelope_names[] = {
    {"type", 4, false, false}, {"ref", 3, false, false},    {"client_id", 9, true, false}, {"msg_id", 6, true, false},
    {"room", 4, false, true},  {"name", 4, false, true},    {"token", 5, false, true},     {"resume", 6, false, true},
    {"history", 7, false, true},
};

bool gl_is_envelope_name(const char *name, size_t length, bool is_join) {
  for (size_t i = 0; i < sizeof envelope_names / sizeof *envelope_names; i++) {
    if (envelope_names[i].of_join && !is_join) continue;
    if (envelope_names[i].length == length && memcmp(envelope_names[i].text, name, length) == 0) return true;
  }
  return false;
}

// Whether the member is the envelope's; `value` is its value's token.
static bool is_envelope(const gl_check *c, uint32_t value) {
  const gj_envelope *e = c->envelope;
  if (value == e->type || value == e->ref) return true;
  return c->is_join && (value == e->room || value == e->name || value == e->token || value == e->resume ||
                        value == e->history);
}

typedef enum { STRANGE, STAMP, ENVELOPE } name_kind;

static name_kind kind_of_key(const gl_check *c, const gj_token *key) {
  for (size_t i = 0; i < sizeof envelope_names / sizeof *envelope_names; i++) {
    if (envelope_names[i].of_join && !c->is_join) continue;
    if (!gj_equals(c->text, key, envelope_names[i].text, envelope_names[i].length)) continue;
    return envelope_names[i].is_stamp ? STAMP : ENVELOPE;
  }
  return STRANGE;
}

static inline __attribute__((always_inline)) bool is_object(gl_check *c, const gl_node *n, uint32_t token, bool is_message) {
  const gj_token *tape = c->tape;
  if (tape[token].kind != GJ_OBJECT) return fail(c, GL_UNMET, token, n);
  uint64_t seen[GL_OBJECT_FIELDS / 64] = {0};
  uint32_t end = tape[token].next, found = 0, strange = 0;
  for (uint32_t key = token + 1; key < end; key = tape[key].next) {
    uint32_t value = key + 1;
    if (is_message && is_envelope(c, value)) continue;
    uint32_t field = field_of_key(c, n, &tape[key]);
    if (field == UINT32_MAX) {
      if (is_message) {
        name_kind kind = kind_of_key(c, &tape[key]);
        // The relay takes the stamp out; another of its members stood there before.
        if (kind == STAMP) continue;
        if (kind == ENVELOPE) return fail(c, GL_TWICE, value, n);
      }
      if (n->is_strict) return fail(c, GL_NOT_EXPECTED, value, n);
      if (!is_anything(c, n, value)) return false;
      strange++;
      continue;
    }
    uint32_t at = field - n->first;
    uint64_t bit = (uint64_t)1 << (at & 63);
    if (seen[at >> 6] & bit) return fail(c, GL_TWICE, value, n);
    seen[at >> 6] |= bit;
    found++;
    if (!gl_meets(c, c->schemas->fields[field].node, value)) return false;
  }
  if (found < n->count) {
    for (uint32_t at = 0; at < n->count; at++) {
      if (seen[at >> 6] & (uint64_t)1 << (at & 63)) continue;
      if (c->schemas->nodes[c->schemas->fields[n->first + at].node].is_optional) continue;
      c->field = n->first + at;
      return fail(c, GL_MISSING, token, n);
    }
  }
  uint32_t again;
  return strange < 2 || gl_has_distinct_keys(c, token, &again) || fail(c, GL_TWICE, again + 1, n);
}

// Apart from the scalars, so that those need no frame for it.
__attribute__((noinline)) static bool meets_further(gl_check *c, const gl_node *n, uint32_t token) {
  switch (n->kind) {
    case GL_ANY_SCHEMA: return is_anything(c, n, token);
    case GL_LIST_SCHEMA: return is_list(c, n, token);
    case GL_MAP_SCHEMA: return is_map(c, n, token);
    default: return is_object(c, n, token, false);
  }
}

bool gl_meets(gl_check *c, uint32_t node, uint32_t token) {
  const gl_node *n = &c->schemas->nodes[node];
  const gj_token *value = &c->tape[token];
  if (n->is_optional && value->kind == GJ_NULL) return true;
  bool is_met;
  switch (n->kind) {
    case GL_INTEGER_SCHEMA: is_met = is_integer(c, n, value); break;
    case GL_NUMBER_SCHEMA: is_met = is_number(c, n, value); break;
    case GL_STRING_SCHEMA: is_met = is_string(c, n, value); break;
    case GL_BOOLEAN_SCHEMA: is_met = value->kind == GJ_TRUE || value->kind == GJ_FALSE; break;
    case GL_ONE_OF_SCHEMA: is_met = is_one_of(c, n, value); break;
    default: return meets_further(c, n, token);
  }
  return is_met || fail(c, GL_UNMET, token, n);
}

bool gl_message_meets(gl_check *c, uint32_t node) { return is_object(c, &c->schemas->nodes[node], 0, true); }
