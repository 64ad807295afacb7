// room:after, every, cancel, time_left, and the timer that is due. Timers are data of the room: they stand in its
// state, under GL_ROOT_TIMERS, so that they are undone with a hook as everything else is. One entry per name and key:
// the name, a zero byte, and the key with a letter for its type; its fields are the times in milliseconds of the
// host's uptime, and the data.
#include "reading.h"

#include <stdio.h>
#include <string.h>

enum { MOST_TIMERS = 1000, SHORTEST_PERIOD_MS = 10 };

// The fields of an entry.
enum { AT = 1, PERIOD = 2, DATA = 3 };

// A timer that failed waits for better rules.
#define PARKED INT64_MAX

static const int64_t longest_ms = INT64_C(366) * 24 * 3600 * 1000;

// Reads "30s", "1.5s", "50ms", "10m" at the stack index.
static int64_t checked_delay(lua_State *L, int index) {
  size_t length;
  if (lua_type(L, index) == LUA_TNUMBER) {
    const char *number = lua_tostring(L, index);
    luaL_error(L, "the delay %s has no unit. Write \"%ss\" or \"%sms\".", number, number, number);
  }
  if (lua_type(L, index) != LUA_TSTRING) luaL_error(L, "the delay is a text: \"30s\", \"500ms\" or \"10m\".");
  const char *text = lua_tolstring(L, index, &length), *p = text;
  double value = 0, scale = 0.1;
  while (*p >= '0' && *p <= '9' && p - text < 12) value = value * 10 + (*p++ - '0');
  bool has_digits = p > text;
  if (has_digits && *p == '.') {
    for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10) value += (*p - '0') * scale;
    has_digits = p[-1] != '.';
  }
  double unit = strcmp(p, "ms") == 0 ? 1 : strcmp(p, "s") == 0 ? 1000 : strcmp(p, "m") == 0 ? 60000
                : strcmp(p, "h") == 0 ? 3600000 : 0;
  if (has_digits && unit == 0 && *p == 0) {
    luaL_error(L, "the delay \"%s\" has no unit. Write \"%ss\" or \"%sms\".", text, text, text);
  }
  if (!has_digits || unit == 0 || strlen(text) != length) {
    luaL_error(L, "\"%s\" is no delay. Write \"30s\", \"1.5s\", \"500ms\", \"10m\" or \"2h\".", text);
  }
  double ms = value * unit;
  if (ms > (double)longest_ms) luaL_error(L, "the delay \"%s\" is longer than a year.", text);
  return (int64_t)(ms + 0.5);
}

// Raises unless the rules have a function for the name at the stack index.
static void check_name(lua_State *L, int index) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) {
    luaL_error(L, "a timer has a name: room:after(\"3s\", \"too_slow\") runs rules.timers.too_slow(room).");
  }
  const char *name = lua_tolstring(L, index, &length);
  const gl_functions *timers = &gl_engine_of(L)->timers;
  if (gl_find_function(timers, name, length) != NULL) return;
  const char *meant = gl_nearest_function(timers, name, length);
  if (meant != NULL) luaL_error(L, "no rules.timers.%s. Did you mean %s?", name, meant);
  luaL_error(L, "no rules.timers.%s. Write function rules.timers.%s(room, data) … end.", name, name);
}

// Pushes the id of the timer with the name and the key at the stack indices; the key may be nil.
static void push_id(lua_State *L, int name, int key) {
  int type = lua_type(L, key);
  if (type != LUA_TNIL && type != LUA_TNONE && type != LUA_TSTRING && !lua_isinteger(L, key)) {
    luaL_error(L, "the key of a timer is a text or an integer, such as client.id.");
  }
  luaL_checkstack(L, 6, NULL);
  lua_pushvalue(L, name);
  lua_pushlstring(L, type == LUA_TSTRING ? "\0s" : lua_isinteger(L, key) ? "\0i" : "\0", type > LUA_TNIL ? 2 : 1);
  if (type > LUA_TNIL) {
    lua_pushvalue(L, key);
    lua_tostring(L, -1);
    lua_concat(L, 3);
  } else {
    lua_concat(L, 2);
  }
  gl_charge(L, 4);
}

// Pushes the table of the timers and, below it, the node over it. Returns the table's stack index.
static int push_timers(lua_State *L) {
  gl_push_root(L, GL_ROOT_TIMERS);
  lua_pushvalue(L, -1);
  gl_unwrap(L, -1);
  return lua_gettop(L);
}

static void set_timer(lua_State *L, bool repeats) {
  gl_engine *e = gl_engine_of(L);
  gl_check_self(L, repeats ? "every" : "after");
  lua_settop(L, 5);
  int64_t delay = checked_delay(L, 2);
  if (repeats && delay < SHORTEST_PERIOD_MS) {
    luaL_error(L, "room:every takes %d ms and more; this is \"%s\".", SHORTEST_PERIOD_MS, lua_tostring(L, 2));
  }
  check_name(L, 3);
  int table = push_timers(L), node = table - 1;
  push_id(L, 3, 5);
  int id = lua_gettop(L);
  lua_pushvalue(L, id);
  bool is_new = lua_rawget(L, table) == LUA_TNIL;
  lua_pop(L, 1);
  if (is_new) {
    uint32_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
      lua_pop(L, 1);
      count++;
    }
    gl_charge(L, 1 + count / 4);
    if (count >= MOST_TIMERS) luaL_error(L, "a room has at most %d timers.", MOST_TIMERS);
  }
  lua_createtable(L, 3, 0);
  lua_pushinteger(L, e->context.uptime_ms + delay);
  lua_rawseti(L, -2, AT);
  lua_pushinteger(L, repeats ? delay : 0);
  lua_rawseti(L, -2, PERIOD);
  lua_pushvalue(L, 4);
  lua_rawseti(L, -2, DATA);
  e->timers_touched = true;
  gl_state_set(L, node, table, id);
}

static int after(lua_State *L) {
  set_timer(L, false);
  return 0;
}

static int every(lua_State *L) {
  set_timer(L, true);
  return 0;
}

static int cancel(lua_State *L) {
  gl_check_self(L, "cancel");
  lua_settop(L, 3);
  check_name(L, 2);
  int table = push_timers(L), node = table - 1;
  push_id(L, 2, 3);
  int id = lua_gettop(L);
  lua_pushvalue(L, id);
  bool is_set = lua_rawget(L, table) != LUA_TNIL;
  if (!is_set) return 0;
  gl_engine_of(L)->timers_touched = true;
  lua_pushnil(L);
  gl_state_set(L, node, table, id);
  return 0;
}

static int time_left(lua_State *L) {
  gl_check_self(L, "time_left");
  lua_settop(L, 3);
  check_name(L, 2);
  int table = push_timers(L);
  push_id(L, 2, 3);
  lua_rawget(L, table);
  if (!gl_unwrap(L, -1)) return 0;
  lua_rawgeti(L, -1, AT);
  if (lua_tointeger(L, -1) == PARKED) return 0;
  lua_Integer left = lua_tointeger(L, -1) - gl_engine_of(L)->context.uptime_ms;
  lua_pushinteger(L, left > 0 ? left : 0);
  return 1;
}

const gl_member gl_timer_functions[] = {
    {"after", after, "(delay: string, name: string, data?: any, key?: string|integer)",
     "Runs rules.timers[name](room, data) once, after a delay such as \"500ms\", \"1.5s\" or \"10m\". One timer per "
     "name and key: this replaces the one that was set."},
    {"every", every, "(period: string, name: string, data?: any, key?: string|integer)",
     "Runs rules.timers[name](room, data) again and again, 10 ms apart at least."},
    {"cancel", cancel, "(name: string, key?: string|integer)", "Stops a timer, where it is set."},
    {"time_left", time_left, "(name: string, key?: string|integer): integer?",
     "Milliseconds until the timer runs; nil: it is not set."},
    {0},
};

// The time at which the entry on top of the stack is due.
static int64_t due_time(lua_State *L) {
  lua_getiuservalue(L, -1, 1);
  lua_rawgeti(L, -1, AT);
  int64_t at = lua_tointeger(L, -1);
  lua_pop(L, 2);
  return at;
}

// Pushes the id of the timer that is due first, of several the first in byte order; or nil. Neither allocates nor
// raises: it runs outside of a protected call too.
static int64_t push_first(lua_State *L, int table) {
  int64_t first = PARKED;
  lua_pushnil(L);
  int best = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int64_t at = due_time(L);
    lua_pop(L, 1);
    if (at == PARKED || at > first) continue;
    if (at == first && !lua_isnil(L, best)) {
      size_t a_length, b_length;
      const char *a = lua_tolstring(L, -1, &a_length), *b = lua_tolstring(L, best, &b_length);
      int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
      if (order > 0 || (order == 0 && a_length > b_length)) continue;
    }
    first = at;
    lua_copy(L, -1, best);
  }
  return first;
}

void gl_find_next_timer(gl_engine *e) {
  e->timers_touched = false;
  int table = push_timers(e->L);
  e->next_timer = push_first(e->L, table);
  lua_settop(e->L, 0);
}

int64_t gl_next_timer(const gl_engine *e) { return e->next_timer; }

// Takes the timer that is due, or sets it anew where it repeats, and runs its function.
static int run_timer(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  int table = push_timers(L), node = table - 1;
  int64_t at = push_first(L, table);
  int id = lua_gettop(L);
  if (lua_isnil(L, id) || at > e->context.uptime_ms) return 0;
  size_t length = strlen(lua_tostring(L, id));
  const gl_type *timer = gl_find_function(&e->timers, lua_tostring(L, id), length);
  e->timers_touched = true;
  e->function = timer->command;
  e->hook_name = timer->name;
  lua_pushvalue(L, id);
  lua_rawget(L, table);
  int entry_node = lua_gettop(L);
  lua_pushvalue(L, entry_node);
  gl_unwrap(L, -1);
  int entry = lua_gettop(L);
  lua_rawgeti(L, entry, PERIOD);
  int64_t period = lua_tointeger(L, -1);
  if (period > 0) {
    // A relay that was held up does not make up for every period it missed.
    int64_t late = e->context.uptime_ms - at;
    lua_pushinteger(L, AT);
    lua_pushinteger(L, at + (late / period + 1) * period);
    gl_state_set(L, entry_node, entry, lua_gettop(L) - 1);
  } else {
    lua_pushnil(L);
    gl_state_set(L, node, table, id);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, timer->command);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_ROOM);
  lua_rawgeti(L, entry, DATA);
  lua_call(L, 2, 0);
  e->outcome.verdict = GL_HANDLED;
  return 0;
}

// After a failure, with the timer in its place again: it is not run a second time. Writes existing fields only.
static void park(gl_engine *e) {
  lua_State *L = e->L;
  int table = push_timers(L);
  int64_t at = push_first(L, table);
  if (at <= e->context.uptime_ms) {
    lua_rawget(L, table);
    uint64_t number = ((const gl_state_node *)lua_touserdata(L, -1))->number;
    gl_unwrap(L, -1);
    lua_pushinteger(L, PARKED);
    lua_rawseti(L, -2, AT);
    gl_record_integer(e, number, AT, PARKED);
  }
  lua_settop(L, 0);
  gl_find_next_timer(e);
}

gl_outcome gl_timer(gl_engine *e, gl_context context) {
  gl_begin(e, context);
  e->hook_group = "timers";
  gl_outcome outcome = gl_run_hook(e, run_timer);
  if (outcome.verdict == GL_FAILED) park(e);
  return outcome;
}

// Timers that another engine set.

// Pushes the entry on top of the stack, a node, as a table above it. False: it is none, and nothing is pushed.
static bool open_entry(lua_State *L) {
  if (!gl_is_state(L, -1)) return false;
  lua_getiuservalue(L, -1, 1);
  return true;
}

void gl_move_timers(lua_State *L, gl_reader *r, int64_t ms) {
  int table = push_timers(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int entry = lua_gettop(L) + 1;
    lua_Integer at;
    if (open_entry(L) && lua_rawgeti(L, entry, AT) == LUA_TNUMBER && lua_tointeger(L, -1) != PARKED) {
      if (__builtin_add_overflow(lua_tointeger(L, -1), ms, &at)) gl_refuse_bytes(L, r, "a timer has no time");
      lua_pushinteger(L, at);
      lua_rawseti(L, entry, AT);
    }
    lua_settop(L, table + 1);
  }
  lua_settop(L, table - 2);
}

// Of an entry that is a table: whether its times are some.
static bool has_times(lua_State *L, int entry) {
  int64_t now = gl_engine_of(L)->context.uptime_ms, left;
  bool are_integers = lua_rawgeti(L, entry, AT) == LUA_TNUMBER && lua_isinteger(L, -1);
  int64_t at = lua_tointeger(L, -1);
  are_integers = are_integers && lua_rawgeti(L, entry, PERIOD) == LUA_TNUMBER && lua_isinteger(L, -1);
  int64_t period = lua_tointeger(L, -1);
  lua_settop(L, entry);
  if (!are_integers || period > longest_ms || (period != 0 && period < SHORTEST_PERIOD_MS)) return false;
  return at == PARKED || (!__builtin_sub_overflow(at, now, &left) && left <= longest_ms && left >= -longest_ms);
}

void gl_check_timers(lua_State *L, gl_reader *r, gl_writer *w) {
  gl_engine *e = gl_engine_of(L);
  int table = push_timers(L), count = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int entry = lua_gettop(L) + 1;
    bool is_sound = lua_type(L, entry - 2) == LUA_TSTRING && ++count <= MOST_TIMERS && open_entry(L);
    if (!is_sound || !has_times(L, entry)) gl_refuse_bytes(L, r, "a timer is none");
    const char *name = lua_tostring(L, entry - 2);
    lua_rawgeti(L, entry, AT);
    if (gl_find_function(&e->timers, name, strlen(name)) == NULL && lua_tointeger(L, -1) != PARKED) {
      gl_append(L, &e->stranded, name, strlen(name) + 1);
      lua_pushinteger(L, PARKED);
      gl_write_target(w, ((const gl_state_node *)lua_touserdata(L, entry - 1))->number);
      gl_write_byte(w, GL_TAG_SMALL + AT);
      gl_write_plain(L, w, entry + 2);
      lua_rawseti(L, entry, AT);
    }
    lua_settop(L, table + 1);
  }
  lua_settop(L, table - 2);
}

gl_bytes gl_stranded_timers(const gl_engine *e) { return (gl_bytes){e->stranded.bytes, e->stranded.length}; }

void gl_release_timers(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  int table = push_timers(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    int node = table + 2, entry = table + 3;
    const char *name = lua_tostring(L, table + 1);
    gl_charge(L, 2);
    lua_getiuservalue(L, node, 1);
    lua_rawgeti(L, entry, AT);
    if (lua_tointeger(L, -1) == PARKED && gl_find_function(&e->timers, name, strlen(name)) != NULL) {
      e->timers_touched = true;
      lua_pushinteger(L, AT);
      lua_pushinteger(L, e->context.uptime_ms);
      gl_state_set(L, node, entry, lua_gettop(L) - 1);
    }
    lua_settop(L, table + 1);
  }
  lua_settop(L, table - 2);
}

size_t gl_read_timers(gl_engine *e, gl_timer_view *views, size_t most) {
  lua_State *L = e->L;
  int table = push_timers(L);
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) && count < most) {
    size_t length;
    const char *id = lua_tolstring(L, table + 1, &length);
    size_t name = strlen(id);
    gl_timer_view *view = &views[count++];
    *view = (gl_timer_view){.name = id, .name_length = name};
    // Behind the zero stands the letter of the key's type, where there is a key.
    if (length > name + 1) {
      view->key = id + name + 2;
      view->key_length = length - name - 2;
    }
    lua_getiuservalue(L, table + 2, 1);
    lua_rawgeti(L, table + 3, AT);
    lua_rawgeti(L, table + 3, PERIOD);
    view->at_ms = lua_tointeger(L, table + 4);
    view->period_ms = lua_tointeger(L, table + 5);
    lua_settop(L, table + 1);
  }
  lua_settop(L, 0);
  return count;
}
