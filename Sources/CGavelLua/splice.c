// A message with its changes: what was changed is spliced into the bytes that the client sent, which stay what they
// were, spaces and all.
#include "json.h"
#include "message.h"

#include <string.h>

enum { FEW = 8 };

static const gl_where all = {.name = "msg"};

// A field whose value is no longer what was sent.
typedef struct {
  const char *name;
  size_t length;
  int value;     // stack index
  bool is_sent;  // the client sent the field
} change;

// The changes of a message: few of them in an array, or any number in a table at the stack index.
typedef struct {
  change few[FEW];
  int count, table;
  bool has_added;
} changes;

// Whether the overlay's value on top of the stack says what the client sent, or did not send.
static bool is_as_sent(lua_State *L, const char *name, size_t length, uint32_t token) {
  bool is_removed = lua_touserdata(L, -1) == &gl_removed;
  if (token == 0) return is_removed;
  gl_push_sent(L, name, length, token);
  bool is_same = is_removed ? lua_isnil(L, -1) : gl_is_same(L, lua_gettop(L) - 1, lua_gettop(L));
  lua_pop(L, 1);
  return is_same;
}

// Where there are many, moves those in the array into a table.
static void spill(lua_State *L, changes *c, int base) {
  lua_newtable(L);
  for (int i = 0; i < c->count; i++) {
    lua_pushvalue(L, c->few[i].value - 1);
    lua_pushvalue(L, c->few[i].value);
    lua_rawset(L, -3);
  }
  lua_replace(L, base);
  c->table = base;
}

// Finds what changed and leaves it on the stack.
static void find_changes(lua_State *L, changes *c) {
  const gl_engine *e = gl_engine_of(L);
  c->count = 0;
  c->table = 0;
  c->has_added = false;
  if (!e->message_touched) return;
  luaL_checkstack(L, 2 * FEW + 12, NULL);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_OVERLAY);
  int overlay = lua_gettop(L), base = overlay + 1;
  lua_pushnil(L);
  while (lua_next(L, overlay)) {
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    uint32_t token = gl_find_sent(L, e->message, name, length);
    if (is_as_sent(L, name, length, token)) {
      lua_pop(L, 1);
      continue;
    }
    c->has_added = c->has_added || token == 0;
    if (c->table == 0 && c->count == FEW) {
      spill(L, c, base);
      lua_replace(L, base + 2);
      lua_replace(L, base + 1);
      lua_settop(L, base + 2);
    }
    if (c->table == 0) {
      c->few[c->count++] = (change){.name = name, .length = length, .value = lua_gettop(L), .is_sent = token != 0};
      lua_pushvalue(L, -2);
    } else {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, c->table);
    }
  }
}

static bool is_named(const gl_message *m, const gj_token *key, const char *name, size_t length) {
  if (key->flags & GJ_ESCAPED) return gj_equals(m->text, key, name, length);
  return key->end - key->start - 2 == length && gl_equal_names(m->text + key->start + 1, name, length);
}

// Pushes what became of the member's value and returns its name; NULL: it is what was sent.
static const char *push_change(lua_State *L, const changes *c, const gj_token *key) {
  const gl_message *m = gl_engine_of(L)->message;
  if (c->table == 0) {
    for (int i = 0; i < c->count; i++) {
      if (!is_named(m, key, c->few[i].name, c->few[i].length)) continue;
      lua_pushvalue(L, c->few[i].value);
      return c->few[i].name;
    }
    return NULL;
  }
  gl_push_name(L, m->text, *key);
  lua_pushvalue(L, -1);
  return lua_rawget(L, c->table) == LUA_TNIL ? NULL : lua_tostring(L, -2);
}

static bool is_hidden_key(const gl_engine *e, const gj_token *key) {
  size_t count;
  const char *const *names = gl_hidden_names(e, &count);
  for (size_t i = 0; i < count; i++) {
    if (is_named(e->message, key, names[i], strlen(names[i]))) return true;
  }
  return false;
}

// A member's piece of the text reaches from past the brace or comma before it to the comma or brace after it. Between
// them and the member are only spaces.
static uint32_t piece_start(const uint8_t *text, const gj_token *key) {
  uint32_t at = key->start;
  while (text[at - 1] != ',' && text[at - 1] != '{') at--;
  return at;
}

static uint32_t piece_end(const uint8_t *text, const gj_token *value) {
  uint32_t at = value->end;
  while (text[at] != ',' && text[at] != '}') at++;
  return at;
}

// Copies what was sent. Behind a member that was taken out it needs a comma of its own.
static void copy_sent(lua_State *L, gl_buffer *b, const gl_message *m, uint32_t from, uint32_t to, bool needs_comma) {
  if (needs_comma) gl_append(L, b, ",", 1);
  gl_append(L, b, m->text + from, to - from);
}

// Writes the members that the client sent, in its order, repeated ones too. Returns how many stayed.
static size_t write_sent(lua_State *L, gl_buffer *b, const changes *c, int depth) {
  gl_engine *e = gl_engine_of(L);
  const gl_message *m = e->message;
  const gj_token *tape = m->tape;
  bool has_hidden = gl_has_hidden(e), is_cut = false;
  size_t start = b->length, stayed = 0;
  uint32_t from = tape[0].start + 1, close = tape[0].end - 1;
  int top = lua_gettop(L);
  for (uint32_t key = 1; key < tape[0].next; key = tape[key].next) {
    const gj_token *value = &tape[key + 1];
    bool is_gone = has_hidden && is_hidden_key(e, &tape[key]);
    const char *name = is_gone ? NULL : push_change(L, c, &tape[key]);
    if (name != NULL) is_gone = lua_touserdata(L, -1) == &gl_removed;
    if (is_gone) {
      uint32_t piece = piece_start(m->text, &tape[key]);
      if (piece > from) copy_sent(L, b, m, from, piece - 1, is_cut && b->length > start);
      from = piece_end(m->text, value) + 1;
      is_cut = true;
    } else {
      stayed++;
    }
    if (name != NULL && !is_gone) {
      copy_sent(L, b, m, from, value->start, is_cut && b->length > start);
      gl_encode(L, b, lua_gettop(L), depth + 1, &(gl_where){.up = &all, .name = name});
      from = value->end;
      is_cut = false;
    }
    lua_settop(L, top);
  }
  if (from <= close) copy_sent(L, b, m, from, close, is_cut && b->length > start);
  return stayed;
}

static bool is_before(const change *a, const change *b) {
  int order = memcmp(a->name, b->name, a->length < b->length ? a->length : b->length);
  return order != 0 ? order < 0 : a->length < b->length;
}

// Writes the members that the client did not send, sorted.
static void write_added(lua_State *L, gl_buffer *b, const changes *c, int depth, bool follows) {
  const change *added[FEW];
  int count = 0;
  for (int i = 0; i < c->count; i++) {
    if (c->few[i].is_sent) continue;
    int at = count++;
    for (; at > 0 && is_before(&c->few[i], added[at - 1]); at--) added[at] = added[at - 1];
    added[at] = &c->few[i];
  }
  for (int i = 0; i < count; i++) {
    if (follows || i > 0) gl_append(L, b, ",", 1);
    const gl_where at = {.up = &all, .name = added[i]->name};
    gl_encode_string(L, b, added[i]->name, added[i]->length, &at);
    gl_append(L, b, ":", 1);
    gl_encode(L, b, added[i]->value, depth + 1, &at);
  }
}

// As write_added, of many.
static void write_many_added(lua_State *L, gl_buffer *b, const changes *c, int depth, bool follows) {
  const gl_message *m = gl_engine_of(L)->message;
  lua_newtable(L);
  int added = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, c->table)) {
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    if (gl_find_sent(L, m, name, length) == 0) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, added);
    } else {
      lua_pop(L, 1);
    }
  }
  if (follows) gl_append(L, b, ",", 1);
  gl_encode_members(L, b, added, depth, &all, NULL, NULL);
}

bool gl_write_message(lua_State *L, gl_buffer *b, int depth, bool if_changed) {
  const gl_message *m = gl_engine_of(L)->message;
  int top = lua_gettop(L);
  changes c;
  find_changes(L, &c);
  if (c.count == 0 && if_changed) {
    lua_settop(L, top);
    return false;
  }
  gl_charge(L, gl_bytes_cost(m->length));
  gl_append(L, b, "{", 1);
  size_t stayed = write_sent(L, b, &c, depth);
  if (c.has_added && c.table == 0) write_added(L, b, &c, depth, stayed > 0);
  if (c.has_added && c.table != 0) write_many_added(L, b, &c, depth, stayed > 0);
  gl_append(L, b, "}", 1);
  lua_settop(L, top);
  return c.count > 0;
}
