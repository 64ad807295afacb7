// What a check found, as the sender of the message or the author of a config reads it.
#include "schemas.h"

#include <stdio.h>

enum { SHOWN_BYTES = 40, PATH_BYTES = 160, VALUES_BYTES = 120, RESOLVED_BYTES = 640 };

typedef struct {
  char *bytes;
  size_t length, capacity;
} text;

static bool continues(char c) { return ((uint8_t)c & 0xC0) == 0x80; }

// Adds what fits, cut between characters.
static void put(text *t, const char *bytes, size_t length) {
  if (length > t->capacity - t->length) {
    length = t->capacity - t->length;
    while (length > 0 && continues(bytes[length])) length--;
  }
  memcpy(t->bytes + t->length, bytes, length);
  t->length += length;
}

static void put_text(text *t, const char *words) { put(t, words, strlen(words)); }

// At most SHOWN_BYTES of it.
static void put_cut(text *t, const char *bytes, size_t length) {
  size_t shown = length;
  if (shown > SHOWN_BYTES) {
    shown = SHOWN_BYTES;
    while (shown > 0 && continues(bytes[shown])) shown--;
  }
  put(t, bytes, shown);
  if (shown < length) put_text(t, "…");
}

static void put_whole(text *t, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  put_text(t, digits);
}

static void put_real(text *t, double value) {
  char digits[32];
  snprintf(digits, sizeof digits, "%.14g", value);
  put_text(t, digits);
}

// The bytes of a string or key, its escapes resolved in `storage`: all of a short one, of others more than is shown.
static const char *resolve(const uint8_t *bytes, const gj_token *token, uint8_t storage[RESOLVED_BYTES],
                           size_t *length) {
  const char *p = (const char *)bytes + token->start + 1, *end = (const char *)bytes + token->end - 1;
  *length = (size_t)(end - p);
  if (!(token->flags & GJ_ESCAPED)) return p;
  gj_token part = *token;
  if (*length > RESOLVED_BYTES) {
    // Ends between two characters.
    const char *at = p;
    while (at - p < RESOLVED_BYTES - GL_LONGEST_ESCAPE) at += *at == '\\' ? gl_escape_length((const uint8_t *)at) : 1;
    while (continues(*at)) at++;
    part.end = (uint32_t)(at - (const char *)bytes) + 1;
  }
  *length = gj_unescape(bytes, &part, storage, RESOLVED_BYTES);
  return (const char *)storage;
}

static void put_string(text *t, const uint8_t *bytes, const gj_token *token) {
  uint8_t storage[RESOLVED_BYTES];
  size_t length;
  const char *p = resolve(bytes, token, storage, &length);
  put_text(t, "\"");
  put_cut(t, p, length);
  put_text(t, "\"");
}

// How many members or elements the container has.
static int64_t count_of(const gl_check *c, uint32_t token) {
  int64_t count = 0;
  for (uint32_t i = token + 1; i < c->tape[token].next; i = c->tape[i].next) count++;
  return count;
}

static void put_got(text *t, const gl_check *c) {
  const gj_token *token = &c->tape[c->token];
  put_text(t, ", got ");
  if (c->fault == GL_WRONG_COUNT) {
    put_whole(t, count_of(c, c->token));
  } else if (token->kind == GJ_OBJECT) {
    put_text(t, "an object");
  } else if (token->kind == GJ_ARRAY) {
    put_text(t, "a list");
  } else if (token->kind == GJ_STRING) {
    put_string(t, c->text, token);
  } else {
    put_cut(t, (const char *)c->text + token->start, token->end - token->start);
  }
}

static void put_bound(text *t, const gl_node *n, bool is_max) {
  if (n->kind == GL_NUMBER_SCHEMA) {
    put_real(t, is_max ? n->max.real : n->min.real);
  } else {
    put_whole(t, is_max ? n->max.whole : n->min.whole);
  }
}

// " from 1 to 9", " of at least 1", " of at most 9 characters": `between` stands before two bounds.
static void put_bounds(text *t, const gl_node *n, const char *between, const char *unit, const char *units) {
  if (!n->has_min && !n->has_max) return;
  put_text(t, n->has_min && n->has_max ? between : n->has_min ? " of at least " : " of at most ");
  if (n->has_min) put_bound(t, n, false);
  if (n->has_min && n->has_max) put_text(t, " to ");
  if (n->has_max) put_bound(t, n, true);
  if (unit == NULL) return;
  int64_t last = n->has_max ? n->max.whole : n->min.whole;
  put_text(t, " ");
  put_text(t, last == 1 ? unit : units);
}

static void put_word(text *t, const gl_schemas *s, const gl_word *word) {
  switch (word->kind) {
    case GJ_STRING:
      put_text(t, "\"");
      put_cut(t, s->pool + word->text, word->length);
      put_text(t, "\"");
      break;
    case GJ_NUMBER:
      if (word->is_whole) {
        put_whole(t, word->whole);
      } else {
        put_real(t, word->real);
      }
      break;
    default: put_text(t, word->kind == GJ_TRUE ? "true" : "false");
  }
}

static void put_words(text *t, const gl_schemas *s, const gl_node *n) {
  size_t start = t->length;
  for (uint32_t i = 0; i < n->count; i++) {
    bool is_last = i + 1 == n->count;
    if (i > 0) put_text(t, is_last ? " or " : ", ");
    if (!is_last && t->length - start > VALUES_BYTES) {
      put_text(t, "…");
      return;
    }
    put_word(t, s, &s->words[n->first + i]);
  }
}

static void put_expected(text *t, const gl_schemas *s, const gl_node *n) {
  put_text(t, "expected ");
  switch (n->kind) {
    case GL_INTEGER_SCHEMA:
      put_text(t, "an integer");
      put_bounds(t, n, " from ", NULL, NULL);
      break;
    case GL_NUMBER_SCHEMA:
      put_text(t, "a number");
      put_bounds(t, n, " from ", NULL, NULL);
      break;
    case GL_STRING_SCHEMA:
      put_text(t, "a string");
      put_bounds(t, n, " of ", "character", "characters");
      break;
    case GL_BOOLEAN_SCHEMA: put_text(t, "true or false"); break;
    case GL_ANY_SCHEMA: put_text(t, "a value"); break;
    case GL_ONE_OF_SCHEMA: put_words(t, s, n); break;
    case GL_LIST_SCHEMA:
      put_text(t, "a list");
      put_bounds(t, n, " of ", "element", "elements");
      break;
    case GL_MAP_SCHEMA:
      put_text(t, "an object");
      put_bounds(t, n, " of ", "field", "fields");
      break;
    default: put_text(t, "an object");
  }
}

static bool is_identifier(const char *name, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = name[i];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!is_letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return length > 0 && length <= SHOWN_BYTES;
}

static void put_name(text *t, const char *name, size_t length) {
  if (is_identifier(name, length)) {
    if (t->length > 0) put_text(t, ".");
    put(t, name, length);
  } else {
    put_text(t, "[\"");
    put_cut(t, name, length);
    put_text(t, "\"]");
  }
}

// The way from the root to the token.
static void put_path(text *t, const gl_check *c) {
  const gj_token *tape = c->tape;
  uint32_t at = 0;
  while (at != c->token) {
    bool is_object = tape[at].kind == GJ_OBJECT;
    uint32_t child = at + 1, index = 0;
    while (tape[child].next <= c->token) {
      child = tape[child].next;
      index++;
    }
    if (is_object) {
      uint8_t storage[RESOLVED_BYTES];
      size_t length;
      const char *name = resolve(c->text, &tape[child], storage, &length);
      put_name(t, name, length);
      at = child + 1;
    } else {
      put_text(t, "[");
      put_whole(t, index);
      put_text(t, "]");
      at = child;
    }
  }
  if (c->fault == GL_MISSING) {
    const gl_field *field = &c->schemas->fields[c->field];
    put_name(t, c->schemas->pool + field->name, field->length);
  }
}

size_t gl_explain(const gl_check *c, const char *prefix, char *out, size_t capacity) {
  const gl_schemas *s = c->schemas;
  text t = {.bytes = out, .capacity = capacity < PATH_BYTES ? capacity : PATH_BYTES};
  put_text(&t, prefix);
  put_path(&t, c);
  if (t.length + 4 >= t.capacity) {
    // What did not fit is at least marked.
    t.capacity = capacity;
    put_text(&t, "…");
  }
  t.capacity = capacity;
  put_text(&t, ": ");
  switch (c->fault) {
    case GL_MISSING: put_text(&t, "missing"); break;
    case GL_TWICE: put_text(&t, "given twice"); break;
    case GL_NOT_EXPECTED: put_text(&t, "not expected"); break;
    default:
      put_expected(&t, s, &s->nodes[c->schema]);
      put_got(&t, c);
  }
  return t.length;
}
