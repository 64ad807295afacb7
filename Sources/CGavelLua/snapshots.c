// What one client may see of the room. A hook notes whom it is to be shown to; once the hook has ended well, the
// rules' snapshot function is asked for each, and the state is read only while it answers.
#include "engine.h"
#include "json.h"
#include "report.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SNAPSHOTS = 4096 };

static bool has_snapshot(const gl_engine *e) { return e->events[GL_ON_SNAPSHOT] != 0; }

static int sync(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  gl_check_self(L, "sync");
  if (!has_snapshot(e)) return luaL_error(L, "there is no rules.snapshot(room, client) to sync with.");
  size_t recipients = e->recipient_count;
  if (lua_isnoneornil(L, 2)) {
    for (size_t i = 0; i < e->client_count; i++) gl_add_recipient(L, e->clients[i]);
  } else {
    gl_add_recipients(L, 2, "sync");
  }
  if (e->recipient_count > recipients) gl_add_effect(L, GL_SYNC, e->out.length, recipients);
  return 0;
}

const gl_member gl_snapshot_functions[] = {
    {"sync", sync, "(to?: Client|integer|(Client|integer)[])",
     "Shows a client, a list of them, or everyone, what rules.snapshot says once this hook has ended."},
    {0},
};

void gl_sync_newcomer(lua_State *L, uint64_t client) {
  gl_engine *e = gl_engine_of(L);
  if (!has_snapshot(e)) return;
  gl_add_recipient(L, client);
  gl_add_effect(L, GL_SYNC, e->out.length, e->recipient_count - 1);
}

static int run_sync(lua_State *L) {
  gl_sync_newcomer(L, gl_engine_of(L)->client);
  return 0;
}

void gl_show_returner(gl_engine *e, uint64_t client) {
  if (!has_snapshot(e) || e->is_broken) return;
  e->out.length = 0;
  e->recipient_count = 0;
  e->client = client;
  gl_budget_begin(e);
  e->phase = GL_PHASE_HOOK;
  if (gl_run(e, run_sync)) gl_take_snapshots(e);
  e->phase = GL_PHASE_IDLE;
  gl_end(e);
  lua_settop(e->L, 0);
  e->outcome.effect_count = e->effect_count;
  e->outcome.log_count = e->log_count;
}

// Asks for one snapshot; the client is e->client.
static int run_snapshot(lua_State *L) {
  static const char *const reserved[] = {"type", "client_id", "msg_id", "as_of", NULL};
  gl_engine *e = gl_engine_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  if (!gl_push_client(L, e->client)) return 0;
  lua_call(L, 2, 1);
  gl_unwrap(L, -1);
  if (!lua_istable(L, -1)) {
    return luaL_error(L, "snapshot returned a %s. Return a table of what this client may see.", luaL_typename(L, -1));
  }
  size_t start = e->out.length;
  gl_encode_members(L, &e->out, lua_gettop(L), 1, &(gl_where){.name = "the snapshot"}, reserved, NULL);
  if (e->out.length - start > e->limits.block_bytes) return luaL_error(L, "the snapshot is too large");
  if (e->out.length > e->limits.output_bytes) {
    return luaL_error(L, "the hook sends and shows more than %I KiB together. Show less at a time.",
                      (LUAI_UACINT)(e->limits.output_bytes >> 10));
  }
  return 0;
}

// Puts in the snapshots of one sync, each an effect of its own. False: the budget or the output, which is that of all
// of them together, is spent.
static bool expand(gl_engine *e, gl_effect_record sync, gl_effect_record *list, uint32_t *count) {
  for (size_t i = 0; i < sync.recipient_count; i++) {
    e->client = e->recipients[sync.recipient_start + i];
    size_t start = e->out.length;
    bool is_told = gl_ends_as_told(e, true);
    e->snapshots++;
    if (!is_told && gl_run(e, run_snapshot)) {
      list[(*count)++] = (gl_effect_record){.kind = GL_SNAPSHOT, .start = start, .length = e->out.length - start,
                                            .recipient_start = sync.recipient_start + i, .recipient_count = 1};
      continue;
    }
    bool is_spent = e->stop != GL_GOING || e->out.length > e->limits.output_bytes;
    e->stopped_in_snapshot = e->stop != GL_GOING;
    e->out.length = start;
    e->outcome.snapshot_failed = true;
    if (is_spent) return false;
  }
  return true;
}

// What the hook did besides still happens.
static void leave_out_syncs(gl_engine *e, size_t snapshots) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < e->effect_count; i++) {
    if (e->effects[i].kind != GL_SYNC) e->effects[kept++] = e->effects[i];
  }
  e->effect_count = kept;
  e->outcome.snapshot_failed = true;
  gl_error *error = &gl_failure_of(e)->error;
  if (snapshots <= MOST_SNAPSHOTS) {
    *error = (gl_error){.kind = GL_ERROR_MEMORY, .message = "room:sync: not enough memory."};
    return;
  }
  *error = (gl_error){.kind = GL_ERROR_SCRIPT};
  snprintf(error->message, sizeof error->message, "room:sync: the hook asks for %zu snapshots, and %d are the most. Sync "
           "once, at its end.", snapshots, MOST_SNAPSHOTS);
}

void gl_take_snapshots(gl_engine *e) {
  size_t snapshots = 0, capacity = 0;
  for (uint32_t i = 0; i < e->effect_count; i++) {
    bool is_sync = e->effects[i].kind == GL_SYNC;
    snapshots += is_sync ? e->effects[i].recipient_count : 0;
    capacity += is_sync ? e->effects[i].recipient_count : 1;
  }
  if (snapshots == 0) return;
  gl_effect_record *list = snapshots > MOST_SNAPSHOTS ? NULL : malloc(capacity * sizeof *list);
  if (list == NULL) {
    leave_out_syncs(e, snapshots);
    return;
  }
  uint32_t count = 0;
  const char *group = e->hook_group, *name = e->hook_name;
  int function = e->function, verdict = e->outcome.verdict;
  uint64_t client = e->client;
  bool may_reject = e->may_reject, goes_on = true;
  uint64_t random[4];
  memcpy(random, e->random, sizeof random);
  gl_budget_begin(e);
  e->is_read_only = true;
  e->may_reject = false;
  e->hook_group = "snapshot";
  e->hook_name = "";
  e->function = e->events[GL_ON_SNAPSHOT];
  for (uint32_t i = 0; i < e->effect_count; i++) {
    if (e->effects[i].kind != GL_SYNC) {
      list[count++] = e->effects[i];
    } else if (goes_on) {
      goes_on = expand(e, e->effects[i], list, &count);
    }
  }
  free(e->effects);
  e->effects = list;
  e->effect_count = count;
  e->effect_capacity = (uint32_t)capacity;
  memcpy(e->random, random, sizeof random);
  e->is_read_only = false;
  e->stop = GL_GOING;
  if (!e->outcome.snapshot_failed) {
    e->hook_group = group;
    e->hook_name = name;
  }
  e->function = function;
  e->client = client;
  e->may_reject = may_reject;
  e->outcome.verdict = verdict;
}
