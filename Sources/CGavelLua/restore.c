// A new engine goes on with what another one kept of the room: a copy, the changes since, and the clients of now.
#include "json.h"
#include "reading.h"
#include "report.h"

#include <stdio.h>

enum { SWEPT_AFTER = 4096, ROOMIER = 2 };

typedef struct {
  const gl_restored_client *clients;
  size_t client_count;
  const gl_bytes *copy, *changes;
  size_t change_count;
  gl_context context;
} gl_restoring;

static void open(gl_reader *r, const char *what, size_t index, gl_bytes bytes) {
  r->what = what;
  r->index = index;
  r->bytes = r->next = bytes.bytes;
  r->end = bytes.bytes + bytes.length;
}

static void read_uptime(lua_State *L, gl_reader *r) {
  r->uptime_ms = gl_take_signed(L, r);
  r->has_uptime = true;
}

static void read_copy(lua_State *L, gl_reader *r) {
  gl_engine *e = gl_engine_of(L);
  if (gl_take_byte(L, r) != GL_KEPT_COPY) gl_refuse_bytes(L, r, "it is none that this relay can read");
  read_uptime(L, r);
  gl_take_chance(L, r, GL_CHANGES_RANDOM | GL_CHANGES_IDS | GL_CHANGES_SECRET);
  lua_newtable(L);
  lua_replace(L, r->tables);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  uint64_t count = gl_take_number(L, r);
  lua_Integer last = GL_ROOT_TIMERS - 1;
  if (count < 2) gl_refuse_bytes(L, r, "a state is missing");
  for (uint64_t i = 0; i < count; i++) {
    lua_Integer key = gl_take_signed(L, r);
    bool is_expected = i > 1 || key == (i == 0 ? GL_ROOT_TIMERS : GL_ROOT_STATE);
    if (!is_expected || key <= last) gl_refuse_bytes(L, r, "this is no state of a room");
    last = key;
    gl_take_value(L, r, 1, true);
    if (!gl_is_state(L, -1)) gl_refuse_bytes(L, r, "a state is no table");
    lua_rawseti(L, root, key);
  }
  lua_settop(L, root - 1);
  e->record.next_number = gl_take_number(L, r);
  if (r->next != r->end) gl_refuse_bytes(L, r, "more follows than belongs to it");
}

// All numbers of a copy's tables are below that of the next one.
static void check_numbers(lua_State *L, const gl_reader *r) {
  uint64_t next = gl_engine_of(L)->record.next_number;
  lua_pushnil(L);
  while (lua_next(L, r->tables)) {
    int block = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, block)) {
      const gl_state_node *node = lua_touserdata(L, -1);
      if (node->number >= next || next >= (uint64_t)LUA_MAXINTEGER / 2) {
        gl_refuse_bytes(L, r, "the number of a table is too large");
      }
      lua_pop(L, 1);
    }
    lua_settop(L, block - 1);
  }
}

static void write_root(lua_State *L, gl_reader *r) {
  gl_take_key(L, r);
  if (!lua_isinteger(L, -1)) gl_refuse_bytes(L, r, "this is no state of a room");
  lua_Integer key = lua_tointeger(L, -1);
  if (key < GL_ROOT_STATE) gl_refuse_bytes(L, r, "this is no state of a room");
  bool is_gone = key != GL_ROOT_STATE && r->next < r->end && *r->next == GL_TAG_NOTHING;
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  if (is_gone) {
    gl_take_byte(L, r);
    lua_pushnil(L);
  } else {
    gl_take_value(L, r, 1, false);
    if (!gl_is_state(L, -1)) gl_refuse_bytes(L, r, "a state is no table");
  }
  lua_rawseti(L, -2, key);
  lua_pop(L, 2);
}

// What is written into a table that is no longer there is read, and goes nowhere: rules may have held on to it.
static void write_table(lua_State *L, gl_reader *r, uint64_t number) {
  if (number >= gl_engine_of(L)->record.next_number) gl_refuse_bytes(L, r, "there is no such table yet");
  int top = lua_gettop(L);
  bool is_there = gl_push_numbered(L, r, number);
  if (!is_there) lua_pushnil(L);
  uint32_t depth = is_there ? ((const gl_state_node *)lua_touserdata(L, -1))->depth : 0;
  if (is_there) {
    lua_getiuservalue(L, -1, 1);
  } else {
    lua_newtable(L);
  }
  gl_take_key(L, r);
  uint8_t tag = r->next < r->end ? *r->next : GL_TAG_NOTHING;
  if (tag == GL_TAG_NOTHING || (tag == GL_TAG_MOVED && !is_there)) {
    gl_take_byte(L, r);
    if (tag == GL_TAG_MOVED) gl_take_number(L, r);
    lua_pushnil(L);
  } else {
    gl_take_value(L, r, depth + 1, false);
  }
  lua_rawset(L, top + 2);
  lua_settop(L, top);
}

static void read_change(lua_State *L, gl_reader *r) {
  if (gl_take_byte(L, r) != GL_KEPT_CHANGE) gl_refuse_bytes(L, r, "it is none that this relay can read");
  uint8_t flags = gl_take_byte(L, r);
  if (flags > (GL_CHANGES_RANDOM | GL_CHANGES_IDS | GL_CHANGES_SECRET | GL_MOVES_TIMERS)) {
    gl_refuse_bytes(L, r, "it says what this relay does not know");
  }
  read_uptime(L, r);
  if (gl_take_number(L, r) != gl_engine_of(L)->record.next_number) {
    gl_refuse_bytes(L, r, "it does not follow on what stands before it");
  }
  gl_take_chance(L, r, flags);
  if (flags & GL_MOVES_TIMERS) gl_move_timers(L, r, gl_take_signed(L, r));
  for (uint64_t target = gl_take_number(L, r); target != 0; target = gl_take_number(L, r)) {
    if (target == 1) {
      write_root(L, r);
    } else {
      write_table(L, r, target - 1);
    }
  }
  // So often that what changes replaced takes no more than what they left.
  if (r->made > r->alive + SWEPT_AFTER) gl_sweep_tables(L, r);
}

// The clients of now: who has no data is given some, and data of others goes. The change says so.
static void take_clients(lua_State *L, const gl_restoring *from, gl_reader *r, gl_writer *w) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOT);
  int root = lua_gettop(L);
  for (size_t i = 0; i < from->client_count; i++) {
    const gl_restored_client *client = &from->clients[i];
    bool is_sound = client->id > 0 && client->id <= (uint64_t)LUA_MAXINTEGER;
    if (!is_sound || (i > 0 && client->id <= from->clients[i - 1].id)) gl_refuse_bytes(L, r, "the clients are none");
    if (lua_rawgeti(L, root, (lua_Integer)client->id) == LUA_TNIL) {
      gl_root_open(L, (lua_Integer)client->id);
      gl_write_target(w, 0);
      lua_pushinteger(L, (lua_Integer)client->id);
      gl_write_plain(L, w, -1);
      gl_push_root(L, (lua_Integer)client->id);
      gl_write_value(L, w, lua_gettop(L));
    }
    gl_add_client(L, client->id, client->name.bytes, client->name.length);
    gl_set_connected(L, client->id, client->is_connected);
    lua_settop(L, root);
  }
  lua_pushnil(L);
  while (lua_next(L, root)) {
    lua_pop(L, 1);
    lua_Integer key = lua_tointeger(L, -1);
    if (key <= 0 || gl_has_client(gl_engine_of(L), (uint64_t)key)) continue;
    gl_write_target(w, 0);
    gl_write_plain(L, w, -1);
    gl_write_byte(w, GL_TAG_NOTHING);
    lua_pushnil(L);
    lua_rawseti(L, root, key);
  }
  lua_settop(L, root - 1);
}

// Begins with an empty state, which stands for what is not told.
static int restore(lua_State *L) {
  const gl_restoring *from = lua_touserdata(L, 1);
  gl_engine *e = gl_engine_of(L);
  lua_newtable(L);
  gl_reader r = {.tables = lua_gettop(L), .walk = UINT64_C(1) << 63};
  gl_sweep_tables(L, &r);
  if (from->copy != NULL) {
    open(&r, "the copy", 0, *from->copy);
    read_copy(L, &r);
    check_numbers(L, &r);
  }
  for (size_t i = 0; i < from->change_count; i++) {
    open(&r, "change", i + 1, from->changes[i]);
    while (r.next < r.end) read_change(L, &r);
  }
  gl_sweep_tables(L, &r);
  int64_t moved_ms = 0;
  bool is_moved = r.has_uptime && !__builtin_sub_overflow(from->context.uptime_ms, r.uptime_ms, &moved_ms);
  if (r.has_uptime && !is_moved) gl_refuse_bytes(L, &r, "its uptime is none");
  if (moved_ms != 0) gl_move_timers(L, &r, moved_ms);
  // What this engine does to it is a change as well.
  size_t start = e->record.bytes.length;
  gl_writer w = gl_begin_change(e, moved_ms != 0 ? GL_MOVES_TIMERS : 0, moved_ms);
  size_t head = e->record.bytes.length;
  gl_check_timers(L, &r, &w);
  take_clients(L, from, &r, &w);
  gl_end_change(&w);
  if (moved_ms == 0 && e->record.bytes.length == head + 1) e->record.bytes.length = start;
  return 0;
}

static void fail(gl_engine *e, int status) {
  gl_error *error = &gl_failure_of(e)->error;
  *error = (gl_error){.kind = GL_ERROR_SCRIPT};
  if (status == LUA_ERRMEM || e->stop != GL_GOING || !lua_isstring(e->L, -1)) {
    error->kind = GL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "what was kept of the room does not fit into its memory.");
  } else {
    snprintf(error->message, sizeof error->message, "what was kept of the room cannot be read: %s.",
             lua_tostring(e->L, -1));
  }
}

bool gl_restore(gl_engine *e, const gl_restored_client *clients, size_t client_count, const gl_bytes *copy,
                const gl_bytes *changes, size_t change_count, gl_context context) {
  bool is_new = e->serial == e->record.since && e->client_count == 0;
  gl_begin(e, context);
  if (!is_new) {
    gl_failure_of(e)->error = (gl_error){.kind = GL_ERROR_SCRIPT, .message = "only new rules can be restored."};
    return false;
  }
  gl_restoring from = {clients, client_count, copy, changes, change_count, context};
  gl_limits limits = e->limits;
  lua_State *L = e->L;
  // Tables by number, and those that later changes replace, go again.
  if (limits.memory_bytes <= SIZE_MAX / ROOMIER) e->limits.memory_bytes *= ROOMIER;
  if (limits.block_bytes <= SIZE_MAX / ROOMIER) e->limits.block_bytes *= ROOMIER;
  e->phase = GL_PHASE_SETUP;
  lua_settop(L, 0);
  lua_pushcfunction(L, restore);
  lua_pushlightuserdata(L, &from);
  int status = lua_pcall(L, 1, 0, 0);
  bool is_restored = status == LUA_OK && e->stop == GL_GOING;
  e->limits = limits;
  if (!is_restored) fail(e, status);
  lua_settop(L, 0);
  lua_gc(L, LUA_GCCOLLECT);
  if (is_restored && e->used > limits.memory_bytes) {
    is_restored = false;
    fail(e, LUA_ERRMEM);
  }
  e->phase = GL_PHASE_IDLE;
  gl_end(e);
  if (!is_restored) {
    e->is_broken = true;
    return false;
  }
  gl_choose_collector(e);
  gl_find_next_timer(e);
  memcpy(e->record.random, e->random, sizeof e->random);
  e->record.ids = e->ids;
  e->record.since = e->serial;
  return true;
}
