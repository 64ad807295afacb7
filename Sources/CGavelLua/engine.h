// What the parts of the engine share. Not for other targets.
#ifndef GAVEL_LUA_ENGINE_H
#define GAVEL_LUA_ENGINE_H

#include "api.h"
#include "buffer.h"
#include "keys.h"

#include <CGavelLua.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <string.h>

// Why a hook must end, whatever it catches. Errors of the script itself are none.
enum { GL_GOING = 0, GL_STOP_REJECT, GL_STOP_STEPS, GL_STOP_TIME, GL_STOP_MEMORY, GL_STOP_EFFECTS, GL_STOP_MODULE,
       GL_STOP_TEST };

// Slots of the registry, which holds what must not be collected. The hooks' functions follow GL_SLOT_HOOKS.
enum {
  GL_SLOT_ROOM = 8,
  GL_SLOT_ROOT,           // the states: room.state under GL_ROOT_STATE, client.data under the client's id
  GL_SLOT_JOURNAL,        // table, key and old value of each write of the hook
  GL_SLOT_NODE_META,
  GL_SLOT_PARAMS,         // while the file is loaded; then under GL_ROOT_PARAMS
  GL_SLOT_CLIENTS,        // client id -> client
  GL_SLOT_OVERLAY,        // fields of the current message that were written, or decoded to tables
  GL_SLOT_CLIENT_META,
  GL_SLOT_MESSAGE_META,
  GL_SLOT_OBJECT_META,    // marks a table that is a JSON object even when empty
  GL_SLOT_SCHEMA_META,
  GL_SLOT_RULES,
  GL_SLOT_PLACES,         // "commands.move" -> "file:line"
  GL_SLOT_KEYS,           // anchors gl_keys
  GL_SLOT_MODULES,        // name of the file -> what it returned
  GL_SLOT_COMPLAINT,      // the first about a schema, with its place
  GL_SLOT_GLOBALS,        // what a file has as its globals
  GL_SLOT_LIBRARY,        // the tables string, utf8, math, table
  GL_SLOT_COLLECTION = GL_SLOT_LIBRARY + 4,  // + GL_MESSAGES ...: what rules.messages ... hold
  GL_SLOT_HANDLE = GL_SLOT_COLLECTION + 6,  // + GL_MESSAGES ...: rules.messages ... themselves
  GL_SLOT_HOOKS = GL_SLOT_HANDLE + 6,
};

enum { GL_MESSAGES = 0, GL_OPTIONS, GL_COMMANDS, GL_FILTERS, GL_TIMERS, GL_SIGNALS, GL_COLLECTIONS };

enum { GL_ON_CREATE = 0, GL_ON_DROP, GL_ON_RETURN, GL_ON_LEAVE, GL_ON_CLOSE, GL_ON_RELOAD, GL_ON_SNAPSHOT, GL_EVENTS };

// How deep files can require each other.
enum { GL_NESTED_FILES = 24 };

// What Lua keeps of a file's name, with the zero at its end.
enum { GL_NAME_BYTES = LUA_IDSIZE };

// Bytes of a state above which it is collected step by step.
enum { GL_LARGE_STATE = 1024 * 1024 };

enum { GL_PHASE_SETUP = 0, GL_PHASE_LOAD, GL_PHASE_HOOK, GL_PHASE_UNDO, GL_PHASE_RECORD, GL_PHASE_IDLE };

// What a userdata is. Every one that a script can reach begins with it, and scripts can make none themselves.
typedef enum { GL_IS_ROOM = 1, GL_IS_CLIENT, GL_IS_MESSAGE, GL_IS_SCHEMA, GL_IS_RULES, GL_IS_STATE,
               GL_IS_TEST } gl_kind;

typedef struct {
  int32_t kind;
  uint32_t key_length, name_length;  // of another room's key and a signal's name, which stand before the rest
  size_t start, length;
  size_t recipient_start, recipient_count;
} gl_effect_record;

// The kind of a record besides those of the header: whom the snapshots are for, each of which is put in its place.
enum { GL_SYNC = GL_SIGNAL + 1, GL_EFFECT_KINDS };

typedef struct {
  size_t start, length;
  size_t fields_start, fields_length;
} gl_log_record;

// A type that the rules declare, and the slots of its functions (0: none).
typedef struct {
  char *name;
  size_t length;
  int filter, command;
  uint32_t schema, rate;  // counted from 1
  bool is_latest, echoes;
  uint32_t latest_id;     // of class latest: what tells it from the others, in every version of the rules
  char *key;              // of class latest: the field that decides; NULL: the sender does
} gl_type;

// What is said of a hook, most of them fail never.
typedef struct {
  gl_error error;
  char hook[256];  // filled by gl_hook_text
} gl_failure;

// A file of the rules.
typedef struct {
  char name[64];
  int32_t last_line;
  bool has_rules;  // it called gavel.rules
} gl_file;

// Where a hook's function begins.
typedef struct {
  int32_t file, line;
} gl_place;

// Functions of the rules by their names; the function of each is its command.
typedef struct {
  gl_type *list;
  size_t count;
} gl_functions;

typedef struct gl_schemas gl_schemas;
typedef struct gl_rates gl_rates;
typedef struct gl_coverage gl_coverage;
typedef struct gl_tests gl_tests;

// What calls changed of what the room keeps; see kept.h.
typedef struct {
  bool is_on;
  bool is_lost;        // there was no memory for it
  bool is_taken;       // the bytes can go
  bool knows_chance;   // the changes tell all of the random numbers' and ids' state
  gl_buffer bytes;
  uint64_t since;      // the call after which changes are complete
  uint64_t next_number;
  uint64_t *written;   // numbers of the tables of the journal's entries
  uint32_t written_capacity;
  uint64_t random[4], ids;  // as changes tell them
} gl_record;

struct gl_engine {
  lua_State *L;
  gl_limits limits;
  gl_file *files;       // the main one first
  int32_t file_count;
  int phase;

  // Budget.
  int64_t units;
  int64_t clock_credit;
  int stop;
  int quantum;          // steps between two looks of the count hook
  int armed;            // what the count hook is set to
  uint64_t wall_start, wall_next, cpu_start;
  bool cpu_known;
  size_t used, allocated_since_clock;
  bool is_incremental;  // how memory is collected
  bool refused;
  uint32_t refusals;
  uint32_t fault_countdown, fault_refusals;

  // The call.
  gl_context context;
  const gl_message *message;
  uint64_t serial;       // of the call
  bool message_touched;  // the overlay is in use
  uint32_t schema;       // of the message, counted from 1; 0: it has none
  const char *schema_type;
  bool is_join, is_filter;
  bool is_read_only;     // the state cannot be written
  bool explains_rejects;
  bool is_broken;        // a hook could not be undone: nothing runs any more
  uint32_t journal_count;
  const gl_sorting *sorting;
  bool timers_touched;   // next_timer is to be found anew
  int64_t next_timer;    // of context.uptime_ms; INT64_MAX: none
  uint64_t client;
  const char *reason;
  bool recovered;        // of a return: it misses no message
  const uint8_t *moved;  // of a join: what another room sent along, JSON; NULL: it is the client's own
  size_t moved_length;
  const gl_signal_text *signal;
  const uint8_t *client_name;
  size_t client_name_length;
  int function;          // slot of the hook's function
  bool may_reject;
  const char *hook_group, *hook_name;
  gl_outcome outcome;

  // What the call leaves behind.
  gl_buffer out;
  gl_effect_record *effects;
  uint32_t effect_count, effect_capacity;
  uint64_t *recipients;
  size_t recipient_count, recipient_capacity;
  gl_buffer log_text;
  gl_log_record *logs;
  uint32_t log_count, log_capacity;
  size_t payload_start, payload_length;
  uint32_t snapshots;    // that were asked for
  bool stopped_in_snapshot;
  gl_stop_point stopped; // how the hook itself was stopped; kind 0: it was not
  gl_failure *failure;   // NULL: nothing has failed, see gl_failure_of
  bool error_placed;     // file, line and traceback are those of the stop

  // The room.
  uint64_t *clients;     // ids upward, which is the order of the joins
  size_t client_count, client_capacity;
  uint64_t *marks;       // by the place in clients: the last list that named it
  uint64_t mark;
  uint64_t random[4], random_before[4];
  gl_id_source make_id;
  uint8_t id_secret[32];
  uint64_t ids_before;   // when the function that runs began
  uint64_t ids;          // how many have been made; one that was made may be known

  gl_coverage *coverage; // NULL: lines are not counted
  gl_bytes console;      // the compiled chunk that is evaluated
  struct {
    gl_stop_point point;
    uint64_t serial;     // of the call that ends so
    bool has_happened;
  } told;
  gl_buffer stranded;    // names of timers that were running and have no function here, each with a zero behind it

  gl_record record;

  // The rules.
  gl_type *types;        // by length, then bytes
  size_t type_count;
  int any_filter, join_command;
  gl_functions timers, signals;
  gl_schemas *schemas;
  gl_rates *rates;
  uint32_t join_schema;  // counted from 1
  int events[GL_EVENTS];
  int hook_count;
  gl_place *places;      // of the functions of the slots from GL_SLOT_HOOKS on

  // The last room:client that found nobody, for the error that follows; line 0: none in this call.
  struct {
    lua_Integer id;
    bool has_id;
    int32_t function_line, line;
    int local;   // the number in its function of the local that got the nil, if one did
    int count;   // of this call
    char file[64];
  } missing;

  // Scratch memory, used as a stack so that calls may nest.
  gl_buffer scratch;
  gl_key *keys;
  size_t key_count, key_capacity;

  // Interned names: equal short strings have equal addresses.
  struct {
    const char *id, *name, *data, *connected, *key, *state, *params, *msg_id, *clients, *type, *ref;
  } names;

  const uint8_t *load_params;
  size_t load_params_length;
  const gl_source *load_sources;
  gl_changed_local *changed_local;
  gl_tests *tests;      // while a file of tests runs
  int32_t loading[GL_NESTED_FILES];  // files that are being run, the innermost last
  int32_t loading_count;
  char needed[64];

  size_t room_key_length;
  uint8_t room_key[];
};

static inline gl_engine *gl_engine_of(lua_State *L) { return *(gl_engine **)lua_getextraspace(L); }

// The userdata at the index if it is of that kind, else NULL.
static inline void *gl_to(lua_State *L, int index, gl_kind kind) {
  if (lua_type(L, index) != LUA_TUSERDATA) return NULL;
  gl_kind *found = lua_touserdata(L, index);
  return *found == kind ? found : NULL;
}

// Names are short: a call of memcmp would take longer.
static inline bool gl_equal_names(const void *a, const void *b, size_t length) {
  if (length > 16) return memcmp(a, b, length) == 0;
  for (size_t i = 0; i < length; i++) {
    if (((const char *)a)[i] != ((const char *)b)[i]) return false;
  }
  return true;
}

// budget.c
void *gl_allocate(void *engine, void *block, size_t old_size, size_t new_size);
void gl_budget_begin(gl_engine *e);
void gl_stop(gl_engine *e, int why);
int gl_raise(lua_State *L);
// Ends the call for lack of memory.
void gl_no_memory(lua_State *L);
// Whether a test refuses this allocation.
bool gl_is_fault(gl_engine *e);
void gl_charge_slowly(lua_State *L);
// Looks at the clock; raises if the time is spent.
void gl_check_clock(lua_State *L);

// Takes units off the budget; raises when it is spent. n below 2^62.
static inline void gl_charge(lua_State *L, uint64_t n) {
  gl_engine *e = gl_engine_of(L);
  e->units -= (int64_t)n;
  e->clock_credit -= (int64_t)n;
  if (e->units < 0 || e->clock_credit < 0 || e->stop != GL_GOING) gl_charge_slowly(L);
}

// Units for work on so many bytes.
static inline uint64_t gl_bytes_cost(size_t bytes) { return 1 + bytes / 16; }

// names.c
// The known word that was probably meant, or NULL. known ends with NULL.
const char *gl_nearest(const char *word, const char *const *known);
int gl_distance(const char *a, size_t a_length, const char *b, size_t b_length);
// The function of that name, or NULL; the name that was probably meant, or NULL.
const gl_type *gl_find_function(const gl_functions *functions, const char *name, size_t length);
const char *gl_nearest_function(const gl_functions *functions, const char *name, size_t length);
bool gl_is_near(int distance, size_t length);
// Types that only the relay sends.
bool gl_is_relay_type(const char *type, size_t length);
// A type that no client may send as a message of the room.
bool gl_is_reserved_type(const char *type, size_t length);

// sandbox.c, libraries.c, patterns.c, base.c
// The first two leave what they open in the globals.
void gl_open_sandbox(lua_State *L);
void gl_open_libraries(lua_State *L);
int gl_pattern_find(lua_State *L);
int gl_pattern_match(lua_State *L);
int gl_pattern_gmatch(lua_State *L);
int gl_pattern_gsub(lua_State *L);
// Pushes the text of a value, without an address; may run __tostring.
const char *gl_push_text(lua_State *L, int index, size_t *length);
// Wraps a stock function (in a closure's first upvalue as light userdata).
int gl_call_stock(lua_State *L);

// room.c, clients.c, effects.c
void gl_open_room(lua_State *L);
void gl_open_clients(lua_State *L);
// Records the clients at the stack index: a client, an id, or a list. Those that are not in the room are left out.
void gl_add_recipients(lua_State *L, int index, const char *method);
// The text at the index, a reason; empty where there is none.
const char *gl_checked_reason(lua_State *L, int index, const char *what, size_t *length);
void gl_add_recipient(lua_State *L, uint64_t id);
// Records an effect whose bytes stand in e->out and whose recipients in e->recipients from there on.
void gl_add_effect(lua_State *L, int kind, size_t start, size_t recipients);
void gl_add_client(lua_State *L, uint64_t id, const uint8_t *name, size_t length);
void gl_remove_client(lua_State *L, uint64_t id);
bool gl_has_client(const gl_engine *e, uint64_t id);
// Says whether a client of the room is there. Raises nothing.
void gl_set_connected(lua_State *L, uint64_t id, bool is_connected);
// Marks a client of the room with e->mark; false: it was.
bool gl_mark_client(gl_engine *e, uint64_t id);
bool gl_push_client(lua_State *L, uint64_t id);
// The id of the client at the index, or 0 where there is none.
uint64_t gl_client_id(lua_State *L, int index);
void gl_check_self(lua_State *L, const char *method);

// gavel.c, schema.c, rules.c, check.c, options.c, params.c
void gl_open_gavel(lua_State *L);
void gl_open_rules(lua_State *L);
// Lets go of what only the loading of the file needed.
void gl_close_rules(lua_State *L);
bool gl_is_schema(lua_State *L, int index);
// Pushes gavel.integer ...; false: there is none of that name.
bool gl_push_schema(lua_State *L, const char *name);
// Pushes the default of the schema at the index, or nil.
void gl_push_default(lua_State *L, int index);
void gl_check_rules(lua_State *L);
// Pushes "file:line" of the script that runs; of where "what.name" was set.
void gl_push_place(lua_State *L);
const char *gl_push_known_place(lua_State *L, const char *what, const char *name);
// Takes what rules.options say of the type.
void gl_read_options(lua_State *L, const char *name, gl_type *type, bool *is_strict);
// What can be said of the options only with the type's schema and functions.
void gl_check_options(lua_State *L, const gl_type *type);

void gl_place_params(lua_State *L);
void gl_add_log(lua_State *L, const char *text, size_t length, int fields);
extern char gl_null, gl_drop;

// engine.c, hooks.c
void gl_begin(gl_engine *e, gl_context context);
void gl_end(gl_engine *e);
bool gl_run(gl_engine *e, lua_CFunction body);
bool gl_take_files(gl_engine *e, const gl_source *sources, size_t count);
void gl_forget_client(gl_engine *e, uint64_t client);
void gl_choose_collector(gl_engine *e);
// stops.c: whether the function that would run now, a snapshot's or a hook's, is one that is to end as a host told.
bool gl_ends_as_told(gl_engine *e, bool is_snapshot);
// stops.c: notes how the hook that has just ended was stopped, if it was; more may run in the call.
void gl_note_stop(gl_engine *e);
// Runs a hook under its budget; gl_begin came before.
gl_outcome gl_run_hook(gl_engine *e, lua_CFunction body);
// The declared type, or NULL.
const gl_type *gl_find_type(const gl_engine *e, const char *name, size_t length);
// The hook that runs, as a designer writes it.
const char *gl_hook_text(gl_engine *e);

#endif
