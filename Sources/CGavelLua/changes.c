// What calls change of what the room keeps, noted as they end, and whole copies of it. Nothing is written where a call
// changes nothing; what a call writes takes as many bytes as it wrote, however large the state is.
#include "kept.h"
#include "state.h"

#include <stdlib.h>

enum { KEPT_BYTES = 512, LOOKED_BACK = 16 };

// From here on only a copy helps.
static void lose(gl_engine *e) {
  e->record.is_lost = true;
  gl_trim(&e->record.bytes);
}

gl_writer gl_begin_change(gl_engine *e, uint32_t flags, int64_t moved_ms) {
  gl_forget_changes(e);
  gl_writer w = {.engine = e, .bytes = &e->record.bytes};
  gl_write_byte(&w, GL_KEPT_CHANGE);
  gl_write_byte(&w, (uint8_t)flags);
  gl_write_signed(&w, e->context.uptime_ms);
  gl_write_number(&w, e->record.next_number);
  gl_write_chance(&w, flags);
  if (flags & GL_CHANGES_RANDOM) memcpy(e->record.random, e->random, sizeof e->random);
  if (flags & GL_CHANGES_IDS) e->record.ids = e->ids;
  if (flags & GL_MOVES_TIMERS) gl_write_signed(&w, moved_ms);
  return w;
}

void gl_write_target(gl_writer *w, uint64_t number) { gl_write_number(w, number + 1); }

void gl_end_change(gl_writer *w) {
  gl_write_number(w, 0);
  if (w->has_failed || w->bytes->length > w->engine->limits.memory_bytes) lose(w->engine);
}

void gl_note_written(lua_State *L, uint64_t number) {
  gl_engine *e = gl_engine_of(L);
  e->record.written = gl_grow_list(L, e->record.written, sizeof number, e->journal_count, &e->record.written_capacity);
  e->record.written[e->journal_count] = number;
}

// Whether one of the journal's entries before this one, whose key is at the stack index, is of the same place.
static bool is_repeated(lua_State *L, const gl_engine *e, uint32_t entry, int key) {
  uint32_t first = entry > LOOKED_BACK ? entry - LOOKED_BACK : 0;
  for (uint32_t i = entry; i > first; i--) {
    if (e->record.written[i - 1] != e->record.written[entry]) continue;
    lua_rawgeti(L, key - 2, 3 * (lua_Integer)(i - 1) + 2);
    bool is_same = lua_rawequal(L, -1, key);
    lua_pop(L, 1);
    if (is_same) return true;
  }
  return false;
}

typedef struct {
  gl_writer writer;
  uint32_t entry;   // of the journal, the next to be written
  uint64_t opened;  // a client that came in
} hook_change;

// Writes what stands now where the journal has entries. Without `any` up to the first new table, and raises nothing.
static void write_entries(lua_State *L, hook_change *c, bool any) {
  const gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  int journal = lua_gettop(L), table = journal + 1, key = journal + 2, value = journal + 3;
  for (; c->entry < e->journal_count; c->entry++, lua_settop(L, journal)) {
    uint64_t number = e->record.written[c->entry];
    if (number == GL_NO_NUMBER) continue;
    lua_rawgeti(L, journal, 3 * (lua_Integer)c->entry + 1);
    lua_rawgeti(L, journal, 3 * (lua_Integer)c->entry + 2);
    if (c->entry > 0 && is_repeated(L, e, c->entry, key)) continue;
    lua_pushvalue(L, key);
    lua_rawget(L, table);
    const gl_state_node *node = lua_touserdata(L, value);
    bool is_new = lua_type(L, value) == LUA_TUSERDATA && node->number == 0;
    if (is_new && !any) break;
    gl_write_target(&c->writer, number);
    gl_write_plain(L, &c->writer, key);
    if (is_new) {
      gl_write_value(L, &c->writer, value);
    } else {
      gl_write_plain(L, &c->writer, value);
    }
  }
  lua_settop(L, journal - 1);
}

static int write_tables(lua_State *L) {
  hook_change *c = lua_touserdata(L, 1);
  lua_settop(L, 0);
  if (c->opened != 0) {
    gl_write_target(&c->writer, 0);
    lua_pushinteger(L, (lua_Integer)c->opened);
    gl_write_plain(L, &c->writer, 1);
    gl_push_root(L, (lua_Integer)c->opened);
    gl_write_value(L, &c->writer, 2);
    lua_settop(L, 0);
  }
  if (c->entry < gl_engine_of(L)->journal_count) write_entries(L, c, true);
  return 0;
}

void gl_record_hook(gl_engine *e, bool is_kept) {
  if (!e->record.is_on || e->record.is_lost) return;
  uint32_t entries = is_kept ? e->journal_count : 0, flags = 0;
  uint64_t opened = is_kept && e->is_join ? e->client : 0;
  if (is_kept && memcmp(e->random, e->record.random, sizeof e->random) != 0) flags |= GL_CHANGES_RANDOM;
  // An id that was made is never made again, also where the hook is undone.
  if (e->ids != e->record.ids) flags |= GL_CHANGES_IDS;
  if (entries == 0 && opened == 0 && flags == 0) return;
  hook_change c = {.opened = opened};
  c.writer = gl_begin_change(e, flags, 0);
  lua_settop(e->L, 0);
  if (entries > 0) write_entries(e->L, &c, false);
  bool needs_more = opened != 0 || c.entry < entries;
  if (needs_more && !gl_run_unbounded(e, write_tables, &c)) c.writer.has_failed = true;
  gl_end_change(&c.writer);
}

void gl_record_integer(gl_engine *e, uint64_t number, lua_Integer key, lua_Integer value) {
  if (!e->record.is_on || e->record.is_lost) return;
  gl_writer w = gl_begin_change(e, 0, 0);
  gl_write_target(&w, number);
  lua_settop(e->L, 0);
  lua_pushinteger(e->L, key);
  lua_pushinteger(e->L, value);
  gl_write_plain(e->L, &w, 1);
  gl_write_plain(e->L, &w, 2);
  lua_settop(e->L, 0);
  gl_end_change(&w);
}

void gl_record_leave(gl_engine *e, uint64_t client) {
  if (!e->record.is_on || e->record.is_lost) return;
  gl_writer w = gl_begin_change(e, 0, 0);
  gl_write_target(&w, 0);
  lua_settop(e->L, 0);
  lua_pushinteger(e->L, (lua_Integer)client);
  gl_write_plain(e->L, &w, 1);
  lua_settop(e->L, 0);
  gl_write_byte(&w, GL_TAG_NOTHING);
  gl_end_change(&w);
}

void gl_record_changes(gl_engine *e) {
  e->record.is_on = true;
  // What hooks did before was not seen.
  if (e->serial != e->record.since) lose(e);
}

void gl_forget_changes(gl_engine *e) {
  if (!e->record.is_taken) return;
  e->record.is_taken = false;
  e->record.bytes.length = 0;
  if (e->record.bytes.capacity > KEPT_BYTES) gl_trim(&e->record.bytes);
}

bool gl_take_changes(gl_engine *e, const uint8_t **bytes, size_t *length) {
  *bytes = NULL;
  *length = 0;
  if (!e->record.is_on) return true;
  gl_forget_changes(e);
  if (!e->record.knows_chance && !e->record.is_lost) {
    gl_writer w = gl_begin_change(e, GL_CHANGES_RANDOM | GL_CHANGES_IDS | GL_CHANGES_SECRET, 0);
    gl_end_change(&w);
    e->record.knows_chance = true;
  }
  if (e->record.is_lost) return false;
  e->record.is_taken = true;
  *bytes = e->record.bytes.bytes;
  *length = e->record.bytes.length;
  return true;
}

// Copies.

static int write_copy(lua_State *L) {
  gl_writer *w = lua_touserdata(L, 1);
  const gl_engine *e = gl_engine_of(L);
  gl_write_byte(w, GL_KEPT_COPY);
  gl_write_signed(w, w->uptime_ms);
  gl_write_chance(w, GL_CHANGES_RANDOM | GL_CHANGES_IDS | GL_CHANGES_SECRET);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  const lua_Integer shared[] = {GL_ROOT_TIMERS, GL_ROOT_STATE};
  gl_write_number(w, e->client_count + 2);
  for (size_t i = 0; i < e->client_count + 2; i++) {
    lua_Integer key = i < 2 ? shared[i] : (lua_Integer)e->clients[i - 2];
    gl_write_signed(w, key);
    lua_rawgeti(L, root, key);
    gl_write_value(L, w, root + 1);
    lua_settop(L, root);
  }
  gl_write_number(w, e->record.next_number);
  return 0;
}

bool gl_copy(gl_engine *e, const int64_t *uptime_ms, uint8_t **bytes, size_t *length) {
  gl_writer w = {.engine = e, .bytes = &(gl_buffer){0}, .is_copy = true};
  w.uptime_ms = uptime_ms == NULL ? e->context.uptime_ms : *uptime_ms;
  bool is_whole = !e->is_broken && gl_run_unbounded(e, write_copy, &w) && !w.has_failed;
  gl_end(e);
  if (!is_whole) {
    gl_trim(w.bytes);
    return false;
  }
  *bytes = w.bytes->bytes;
  *length = w.bytes->length;
  e->record.is_taken = false;
  e->record.is_lost = false;
  e->record.knows_chance = true;
  e->record.since = e->serial;
  gl_trim(&e->record.bytes);
  memcpy(e->record.random, e->random, sizeof e->random);
  e->record.ids = e->ids;
  return true;
}
