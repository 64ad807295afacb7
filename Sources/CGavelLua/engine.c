// Engines: made, loaded, entered and freed.
#include "coverage.h"
#include "engine.h"
#include "json.h"
#include "kept.h"
#include "modules.h"
#include "rates.h"
#include "report.h"
#include "schemas.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_KEY = 128, FEW_KEYS = 16, SMALL_SCRATCH = 512, KEPT_BYTES = 4096 };

// Empties the buffer, and gives its memory back where that is more than `kept` bytes.
static void empty(gl_buffer *b, size_t kept) {
  b->length = 0;
  if (b->capacity > kept) gl_trim(b);
}

static void intern_names(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  const struct {
    const char *text, **place;
  } names[] = {
      {"id", &e->names.id},           {"name", &e->names.name},       {"data", &e->names.data},
      {"key", &e->names.key},         {"state", &e->names.state},     {"params", &e->names.params},
      {"msg_id", &e->names.msg_id},   {"clients", &e->names.clients}, {"type", &e->names.type},
      {"ref", &e->names.ref},         {"connected", &e->names.connected},
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    *names[i].place = lua_pushstring(L, names[i].text);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_KEYS);
}

static int set_up(lua_State *L) {
  intern_names(L);
  gl_open_sandbox(L);
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCGEN, 0, 0);
  return 0;
}

gl_engine *gl_new(const gl_limits *limits, const uint8_t *room_key, size_t room_key_length, const uint64_t seed[4]) {
  if (room_key_length > MOST_KEY) room_key_length = MOST_KEY;
  if (!gl_know_stock()) return NULL;
  gl_engine *e = calloc(1, sizeof *e + room_key_length);
  if (e == NULL) return NULL;
  e->limits = *limits;
  e->next_timer = INT64_MAX;
  e->room_key_length = room_key_length;
  if (room_key_length > 0) memcpy(e->room_key, room_key, room_key_length);
  memcpy(e->random, seed, sizeof e->random);
  if ((e->random[0] | e->random[1] | e->random[2] | e->random[3]) == 0) e->random[0] = 1;
  lua_State *L = lua_newstate(gl_allocate, e);
  if (L == NULL) {
    gl_free(e);
    return NULL;
  }
  *(gl_engine **)lua_getextraspace(L) = e;
  e->L = L;
  lua_pushcfunction(L, set_up);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    gl_free(e);
    return NULL;
  }
  e->phase = GL_PHASE_IDLE;
  return e;
}

static void free_functions(gl_functions *functions) {
  for (size_t i = 0; i < functions->count; i++) free(functions->list[i].name);
  free(functions->list);
}

// Gives back what only a call uses, where it is more than a few bytes: most rooms wait most of the time.
void gl_end(gl_engine *e) {
  e->key_count = 0;
  if (e->key_capacity > FEW_KEYS) {
    free(e->keys);
    e->keys = NULL;
    e->key_capacity = 0;
  }
  empty(&e->scratch, SMALL_SCRATCH);
  if (e->record.written_capacity > FEW_KEYS) {
    free(e->record.written);
    e->record.written = NULL;
    e->record.written_capacity = 0;
  }
}

void gl_free(gl_engine *e) {
  if (e == NULL) return;
  e->phase = GL_PHASE_SETUP;
  if (e->L != NULL) lua_close(e->L);
  for (size_t i = 0; i < e->type_count; i++) {
    free(e->types[i].name);
    free(e->types[i].key);
  }
  free(e->types);
  free_functions(&e->timers);
  free_functions(&e->signals);
  free(e->files);
  free(e->places);
  gl_free_schemas(e->schemas);
  gl_free_rates(e->rates);
  free(e->clients);
  free(e->marks);
  free(e->effects);
  free(e->recipients);
  free(e->keys);
  free(e->out.bytes);
  free(e->logs);
  free(e->log_text.bytes);
  free(e->failure);
  free(e->scratch.bytes);
  gl_free_coverage(e->coverage);
  free(e->stranded.bytes);
  free(e->record.bytes.bytes);
  free(e->record.written);
  free(e);
}

// Forgets the call before, and gives the next one its budget.
void gl_begin(gl_engine *e, gl_context context) {
  gl_forget_changes(e);
  e->context = context;
  e->outcome = (gl_outcome){.verdict = GL_FAILED};
  empty(&e->out, KEPT_BYTES);
  empty(&e->log_text, KEPT_BYTES);
  if (e->failure != NULL) {
    free(e->failure);
    e->failure = NULL;
  }
  e->effect_count = 0;
  e->recipient_count = 0;
  e->log_count = 0;
  e->payload_start = 0;
  e->payload_length = 0;
  e->serial++;
  e->is_join = false;
  e->is_filter = false;
  e->is_read_only = false;
  e->may_reject = false;
  e->client = 0;
  e->reason = NULL;
  e->moved = NULL;
  e->sorting = NULL;
  e->function = 0;
  e->schema = 0;
  e->hook_group = NULL;
  e->hook_name = "";
  e->missing.function_line = 0;
  e->missing.count = 0;
  e->snapshots = 0;
  e->stopped_in_snapshot = false;
  e->stopped = (gl_stop_point){0};
  e->ids_before = e->ids;
  e->told.has_happened = false;
  memcpy(e->random_before, e->random, sizeof e->random);
  gl_budget_begin(e);
}

// Runs `body` under the one lua_pcall. Pushing C functions neither allocates nor raises.
bool gl_run(gl_engine *e, lua_CFunction body) {
  lua_State *L = e->L;
  e->ids_before = e->ids;
  lua_settop(L, 0);
  lua_pushcfunction(L, gl_on_error);
  lua_pushcfunction(L, body);
  int status = lua_pcall(L, 0, 0, 1);
  // The allocator may have stopped a hook in its last step.
  if (status == LUA_OK && e->stop == GL_GOING) return true;
  if (e->stop != GL_STOP_REJECT) gl_report(e, status);
  return false;
}

// Hooks leave short-lived tables behind, which the generational collector frees for half of what the incremental one
// takes. But now and then it looks at everything at once, which is too long a pause for a large state.
void gl_choose_collector(gl_engine *e) {
  bool is_large = e->used > (e->is_incremental ? GL_LARGE_STATE / 2 : GL_LARGE_STATE);
  if (is_large == e->is_incremental) return;
  e->is_incremental = is_large;
  if (is_large) {
    lua_gc(e->L, LUA_GCINC, 0, 0, 0);
  } else {
    lua_gc(e->L, LUA_GCGEN, 0, 0);
  }
}

void gl_forget_client(gl_engine *e, uint64_t client) {
  lua_settop(e->L, 0);
  gl_remove_client(e->L, client);
  gl_root_close(e->L, (lua_Integer)client);
  lua_settop(e->L, 0);
}

static int load_file(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->load_params_length > 0) {
    if (e->load_params_length > GL_PARAMS_BYTES) {
      return luaL_error(L, "the params have %d bytes as JSON; rules can be given %d.", (int)e->load_params_length,
                        GL_PARAMS_BYTES);
    }
    int32_t result = gl_push_json(L, e->load_params, e->load_params_length);
    if (result == GJ_TOO_DEEP) {
      return luaL_error(L, "the params are nested deeper than %d levels. Flatten them.", GL_JSON_DEPTH - 1);
    }
    if (result < 0) return luaL_error(L, "the params are not JSON");
    if (!lua_istable(L, -1)) return luaL_error(L, "the params are no object");
    lua_rawseti(L, LUA_REGISTRYINDEX, GL_SLOT_PARAMS);
  }
  gl_run_file(L, 0);
  gl_check_rules(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_PARAMS);
  gl_root_fix(L, GL_ROOT_PARAMS);
  gl_close_rules(L);
  return 0;
}

bool gl_take_files(gl_engine *e, const gl_source *sources, size_t count) {
  e->files = calloc(count, sizeof *e->files);
  if (e->files == NULL) return false;
  e->file_count = (int32_t)count;
  for (size_t i = 0; i < count; i++) {
    gl_copy_text(e->files[i].name, sizeof e->files[i].name, sources[i].name, strlen(sources[i].name));
    e->files[i].last_line = sources[i].chunk.last_line;
  }
  return true;
}

bool gl_load(gl_engine *e, const gl_source *sources, size_t count, const uint8_t *params, size_t params_length) {
  gl_begin(e, (gl_context){0});
  bool has_files = gl_take_files(e, sources, count);
  if (!has_files || (e->coverage != NULL && !gl_open_coverage(e, sources, count))) {
    gl_failure_of(e)->error = (gl_error){.kind = GL_ERROR_MEMORY, .message = "loading the file: not enough memory."};
    return false;
  }
  e->load_sources = sources;
  e->load_params = params;
  e->load_params_length = params_length;
  e->phase = GL_PHASE_LOAD;
  bool loaded = gl_run(e, load_file);
  e->phase = GL_PHASE_IDLE;
  e->record.since = e->serial;
  memcpy(e->record.random, e->random, sizeof e->random);
  e->load_sources = NULL;
  e->load_params = NULL;
  lua_settop(e->L, 0);
  lua_gc(e->L, LUA_GCCOLLECT);
  gl_end(e);
  return loaded;
}

gl_effect gl_effect_at(const gl_engine *e, uint32_t index) {
  const gl_effect_record *record = &e->effects[index];
  const uint8_t *room = record->length > 0 ? e->out.bytes + record->start : NULL;
  const uint8_t *name = room + record->key_length;
  return (gl_effect){
      .kind = record->kind,
      .room = room,
      .room_length = record->key_length,
      .name = name,
      .name_length = record->name_length,
      .message = name + record->name_length,
      .message_length = record->length - record->key_length - record->name_length,
      .recipients = record->recipient_count > 0 ? e->recipients + record->recipient_start : NULL,
      .recipient_count = record->recipient_count,
  };
}

gl_log_line gl_log_at(const gl_engine *e, uint32_t index) {
  const gl_log_record *record = &e->logs[index];
  return (gl_log_line){
      .text = record->length > 0 ? e->log_text.bytes + record->start : NULL,
      .text_length = record->length,
      .fields = record->fields_length > 0 ? e->log_text.bytes + record->fields_start : NULL,
      .fields_length = record->fields_length,
  };
}

uint32_t gl_log_count(const gl_engine *e) { return e->log_count; }

const gl_error *gl_last_error(gl_engine *e) { return &gl_failure_of(e)->error; }

const char *gl_last_hook(gl_engine *e) { return gl_hook_text(e); }

bool gl_last_place(const gl_engine *e, const char **file, int32_t *line) {
  if (e->function == 0) return false;
  gl_place place = e->places[e->function - GL_SLOT_HOOKS];
  *file = e->files[place.file].name;
  *line = place.line;
  return true;
}

const char *gl_needed_file(const gl_engine *e) { return e->needed; }

size_t gl_memory_used(const gl_engine *e) { return e->used; }
