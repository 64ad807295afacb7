// CGavelLua: the rules engine of one room; the only code that knows a lua_State.
//
// An engine runs one hook at a time, inside its budget, and never calls back: what a hook may ask of the room is
// mirrored into the engine before the call, what it does to the outside is recorded and read after the call. Every
// Lua call that can raise stands under one lua_pcall in here, so no frame of the caller is ever jumped over.
// An engine belongs to one thread at a time. Pointers that it hands out are valid until its next call.
#ifndef CGAVELLUA_H
#define CGAVELLUA_H

#include <CGavelJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gl_engine gl_engine;

// What one hook may spend, and one room's rules in all.
typedef struct {
  uint64_t instructions;  // units: a step of the Lua machine, or a share of a long library call
  uint64_t time_ns;       // wall-clock time, confirmed by the thread's CPU clock
  size_t memory_bytes;    // of the Lua state
  size_t block_bytes;     // largest single block, and largest message
  uint32_t effects;       // of one hook: see gl_effect
  size_t output_bytes;    // of all that these hold together
} gl_limits;

// Why a file did not load or a hook failed.
enum {
  GL_ERROR_SCRIPT = 1,
  GL_ERROR_STEPS = 2,
  GL_ERROR_TIME = 3,
  GL_ERROR_MEMORY = 4,
  GL_ERROR_EFFECTS = 5,
  GL_ERROR_MODULE = 6,  // while loading: gl_needed_file is not among the sources
};

// Where a function of the rules was when it failed.
typedef struct {
  char file[64];
  int32_t line;
  int32_t function_line;  // where the function begins; 0: it is the file's own
} gl_frame;

enum { GL_FRAMES = 12 };

// Texts are UTF-8 where the script's are, cut to fit, and end with a zero.
typedef struct {
  int32_t kind;          // GL_ERROR_SCRIPT ...
  int32_t line;          // 0: not known
  char file[64];
  char message[640];     // without file and line
  int32_t frame_count;
  bool has_more_frames;
  gl_frame frames[GL_FRAMES];  // functions of the rules only, the innermost first
} gl_error;

// What a hook decided; the order is that of GavelCore's HookOutcome.Verdict.
enum {
  GL_RELAY = 0,
  GL_CHANGED = 1,
  GL_HANDLED = 2,
  GL_DROPPED = 3,
  GL_REJECTED = 4,
  GL_FAILED = 5,
  GL_UNKNOWN_TYPE = 6,
  GL_INVALID = 7,  // not as its schema says; payload: "message": and what is wrong, without braces
  GL_LIMITED = 8,  // sent too often; see retry_after_ms
};

typedef struct {
  int32_t verdict;
  bool has_reply;
  uint32_t effect_count;
  uint32_t log_count;     // also of a hook that failed
  bool reject_explained;  // GL_REJECTED: gl_last_error says what was undone
  bool snapshot_failed;   // the hook ended well, what it asked to show did not: gl_last_error says why
  const uint8_t *payload;
  size_t payload_length;
  uint64_t retry_after_ms;
  bool is_latest;               // the message, which is relayed, is of class latest
  bool echoes;                  // its sender gets it too
  uint32_t type;                // which of the rules' types it has; the same in every version of them
  const uint8_t *latest_value;  // what it is the newest of; NULL: its sender decides
  size_t latest_value_length;
} gl_outcome;

// What an effect is; the order is that of GavelCore's RoomEffect.Kind.
// GL_SNAPSHOT: `message` is the snapshot's members without braces, for the one recipient.
// GL_CLOSE: `message` is the reason. GL_MOVE: an object for the rules of `room`. GL_SIGNAL: JSON or nothing, for `name`
// of the rules of `room`.
enum {
  GL_BROADCAST = 0,
  GL_SEND = 1,
  GL_KICK = 2,
  GL_SNAPSHOT = 3,
  GL_LOCK = 4,
  GL_UNLOCK = 5,
  GL_CLOSE = 6,
  GL_MOVE = 7,
  GL_SIGNAL = 8,
};

typedef struct {
  int32_t kind;
  const uint8_t *message;
  size_t message_length;
  const uint64_t *recipients;
  size_t recipient_count;
  const uint8_t *room;
  size_t room_length;
  const uint8_t *name;
  size_t name_length;
} gl_effect;

// What the rules of another room sent. data: JSON, or empty.
typedef struct {
  const uint8_t *name;
  size_t name_length;
  const uint8_t *data;
  size_t data_length;
  const uint8_t *source;  // the other room's key
  size_t source_length;
} gl_signal_text;

// Makes 16 bytes that nobody can guess who has not the secret, the same for the same serial. It is called in the midst
// of a hook, and may not call the engine.
typedef void (*gl_id_source)(const uint8_t secret[32], uint64_t serial, uint8_t id[16]);

// A line of gavel.log or print. fields: a JSON object, or empty.
typedef struct {
  const uint8_t *text;
  size_t text_length;
  const uint8_t *fields;
  size_t fields_length;
} gl_log_line;

// A scanned message: read during the call only.
typedef struct {
  const uint8_t *text;
  size_t length;
  const gj_token *tape;
  const gj_envelope *envelope;
} gl_message;

// The moment a hook runs in.
typedef struct {
  int64_t now_ms;     // since 1970 UTC
  int64_t uptime_ms;  // of a clock that never goes back
  uint64_t last_id;   // last number given in the room
} gl_context;

// A compiled file. bytes is released with free().
typedef struct {
  uint8_t *bytes;
  size_t length;
  int32_t last_line;
} gl_chunk;

// A file of rules. The name stands in errors, and is what require looks for: "lib/board.lua", at most 59 bytes.
typedef struct {
  const char *name;
  gl_chunk chunk;
} gl_source;

// Largest source of a file in bytes: Lua 5.4.4 is quadratic, and not safe, in some constructs beyond it.
#define GL_SOURCE_BYTES (100 * 1024)

// Compiles source text. name (at most 59 bytes) stands in errors. False: *error says why.
bool gl_compile(const char *name, const uint8_t *source, size_t length, gl_chunk *chunk, gl_error *error);

// Called for each place of a chunk that reads or sets a global; is_nested: in a function, not in the file's own code.
typedef void (*gl_global_visitor)(void *context, const char *name, size_t length, bool is_set, bool is_nested,
                                  int32_t line);
// False: it was seen in part.
bool gl_visit_globals(const gl_chunk *chunk, gl_global_visitor visit, void *context);

// Makes an engine without rules. NULL: no memory, or the limits are too small for an empty Lua.
gl_engine *gl_new(const gl_limits *limits, const uint8_t *room_key, size_t room_key_length, const uint64_t seed[4]);
// For gavel.id; to be called before gl_load.
void gl_set_ids(gl_engine *engine, gl_id_source source, const uint8_t secret[32]);
void gl_free(gl_engine *engine);

// Runs the first of the files, whose chunks must be gl_compile's, and checks what it declared; the others are modules.
// params: a JSON object, or empty. Called once, before any hook. False: gl_last_error says why, and the engine can
// only be freed.
bool gl_load(gl_engine *engine, const gl_source *sources, size_t count, const uint8_t *params, size_t params_length);
// The file that the last call, which failed with GL_ERROR_MODULE, needs.
const char *gl_needed_file(const gl_engine *engine);

// A variable outside of the hooks that a function which hooks may call assigns.
typedef struct {
  char name[64], file[64];
  int32_t line;           // of the assignment
  int32_t function_line;  // where that function begins
  int32_t declared_line;  // of the file's local; 0: it is a local of some other function
} gl_changed_local;

// Looks for one in an engine that has loaded these files. False: there is none.
bool gl_find_changed_local(gl_engine *engine, const gl_source *sources, size_t count, gl_changed_local *found);

// From now on a reject that undid something tells what.
void gl_explain_rejects(gl_engine *engine);

// The hooks. A missing hook is GL_HANDLED, but GL_RELAY for gl_join and gl_receive, and GL_FAILED for gl_signal.
gl_outcome gl_create(gl_engine *engine, gl_context context);
// moved: what another room's rules sent along, a JSON object, which stands for what a schema of the join would check;
// NULL: the client came by itself.
gl_outcome gl_join(gl_engine *engine, uint64_t client, const uint8_t *name, size_t name_length,
                   const gl_message *message, const uint8_t *moved, size_t moved_length, gl_context context);
gl_outcome gl_receive(gl_engine *engine, uint64_t client, const gl_message *message, gl_context context);
// A client's connection is gone, or there again. recovered: it gets every numbered message that it missed.
gl_outcome gl_disconnect(gl_engine *engine, uint64_t client, gl_context context);
// Its first effect is the snapshot for the client, where the rules have such a function, also where it fails.
gl_outcome gl_resume(gl_engine *engine, uint64_t client, bool recovered, gl_context context);
gl_outcome gl_leave(gl_engine *engine, uint64_t client, const char *reason, gl_context context);
// Runs the timer that is due, if one is; GL_FAILED: it stays, and is not run again.
gl_outcome gl_timer(gl_engine *engine, gl_context context);
// When the next timer is due, of context.uptime_ms; INT64_MAX: there is none.
int64_t gl_next_timer(const gl_engine *engine);
gl_outcome gl_signal(gl_engine *engine, const gl_signal_text *signal, gl_context context);
gl_outcome gl_close(gl_engine *engine, const char *reason, gl_context context);

// From now on the engine notes what calls change of what the room keeps: state, clients' data, timers, the state of
// random numbers and ids. To be called before any hook.
void gl_record_changes(gl_engine *engine);
// What was changed since this or gl_copy was last called, perhaps nothing. False: there was no memory for it, and only
// a copy helps.
bool gl_take_changes(gl_engine *engine, const uint8_t **bytes, size_t *length);
// All that the room keeps at that uptime; NULL: at that of the last call. *bytes is released with free(). False: there
// is no memory for it.
bool gl_copy(gl_engine *engine, const int64_t *uptime_ms, uint8_t **bytes, size_t *length);

typedef struct {
  const uint8_t *bytes;
  size_t length;
} gl_bytes;

typedef struct {
  uint64_t id;
  gl_bytes name;
  bool is_connected;
} gl_restored_client;

// Called instead of gl_create, once, to go on with what another engine kept. clients: by id, upward. copy: NULL: the changes are all there ever were. Timers go on as if no time had passed since the last
// change. False: gl_last_error says why, and the engine can only be freed.
bool gl_restore(gl_engine *engine, const gl_restored_client *clients, size_t client_count, const gl_bytes *copy,
                const gl_bytes *changes, size_t change_count, gl_context context);
// Names of the timers that were running and wait now, as the rules have no function for them, each with a zero behind
// it; in no order, and one for each key.
gl_bytes gl_stranded_timers(const gl_engine *engine);
// These rules, restored, took over from others of that version. Timers that waited for rules that have a function for
// them are due at once, also without the hook.
gl_outcome gl_reload(gl_engine *engine, const char *from_version, gl_context context);

// How much of their rates clients have used. *bytes is released with free(). False: there is no memory for it.
bool gl_copy_rates(gl_engine *engine, uint8_t **bytes, size_t *length);
// Goes on with them where these rules have a rate for the type and the client is in the room; what is no copy of rates
// is passed over. To be called after gl_restore, by whose clock it goes.
void gl_restore_rates(gl_engine *engine, const uint8_t *bytes, size_t length);

// How many ids gavel.id has made of the room's secret, which copies hold; those are never made again.
uint64_t gl_ids(const gl_engine *engine);
// Goes on behind so many, if it has made fewer by its own count. To be called after gl_restore.
void gl_skip_ids(gl_engine *engine, uint64_t count);

// Evaluates a chunk, an expression or statements, as a hook of its own that sees `room`, `gavel` and `client(id)`.
// GL_HANDLED: payload is what it returned, as text for people.
gl_outcome gl_evaluate(gl_engine *engine, const uint8_t *source, size_t length, gl_context context);

// A timer that is set. What it points to is valid until the next call.
typedef struct {
  const char *name;
  size_t name_length;
  const char *key;  // as text; NULL: it has none
  size_t key_length;
  int64_t at_ms;     // of uptime_ms; INT64_MAX: it failed, or has no function here, and waits for other rules
  int64_t period_ms;  // 0: it runs once
} gl_timer_view;

// The timers of the room, in no order. Returns how many there are, `most` at most.
size_t gl_read_timers(gl_engine *engine, gl_timer_view *views, size_t most);

// The state and the clients' data as JSON, for people and for comparing: about `most` bytes, what would be more is left
// out, and "…" stands for it. *bytes is released with free(). False: there is no memory for it.
bool gl_describe_state(gl_engine *engine, size_t most, uint8_t **bytes, size_t *length);

// Whether there is a type of class latest of that number, as outcomes have it. *field: whose value decides what a
// message is the newest of; NULL: its sender does.
bool gl_find_latest(const gl_engine *engine, uint32_t type, const char **field);

// How a call ended whose budget was spent.
typedef struct {
  int32_t kind;        // GL_ERROR_STEPS ... GL_ERROR_EFFECTS
  uint64_t ids;        // how many the function made that was stopped
  bool is_snapshot;    // the hook ended well, a snapshot was stopped
  uint32_t snapshots;  // of the call, asked for before that one
} gl_stop_point;

// Of the last call. False: it spent no budget.
bool gl_last_stop(const gl_engine *engine, gl_stop_point *point);
// The next call ends so, as a recording says, without running the function: its error has the kind alone.
void gl_stop_next(gl_engine *engine, gl_stop_point point);
// Whether the last call did.
bool gl_stopped_as_told(const gl_engine *engine);

// Counts how often lines run. To be called before gl_load. False: no memory.
bool gl_count_lines(gl_engine *engine);
typedef struct {
  int32_t last_line;
  int64_t *counts;  // of the lines from 1 on; -1: nothing in it can run
} gl_line_counts;
// Of the file of that number among gl_load's, as long as the engine lives.
gl_line_counts gl_counted_lines(const gl_engine *engine, size_t file);

// What the last call recorded. index is below the outcome's effect_count, log_count.
gl_effect gl_effect_at(const gl_engine *engine, uint32_t index);
gl_log_line gl_log_at(const gl_engine *engine, uint32_t index);
// Lines of the log that the last call, gl_load among them, left.
uint32_t gl_log_count(const gl_engine *engine);

// Of the last call, where it answered GL_FAILED or false, or set reject_explained or snapshot_failed.
const gl_error *gl_last_error(gl_engine *engine);
// The hook that ran last, as a designer writes it ("filters.move"); empty for none.
const char *gl_last_hook(gl_engine *engine);

// Where the function that the last call ran begins. False: it ran none.
bool gl_last_place(const gl_engine *engine, const char **file, int32_t *line);

// Bytes of the Lua state now.
size_t gl_memory_used(const gl_engine *engine);

// What scripts may use, as a file of types for the Lua language server. Released with free(); NULL: no memory.
char *gl_types(void);

// Puts into the tables of names, which are filled when a script first asks for one, all that they can have: for tests
// that walk them. False: there is no memory.
bool gl_fill_names(gl_engine *engine);

// Fault injection: after `countdown` further allocations of Lua, the next `refusals` are refused.
void gl_refuse_allocations(gl_engine *engine, uint32_t countdown, uint32_t refusals);

#ifdef __cplusplus
}
#endif
#include "CGavelLuaTests.h"
#endif
