// The budget of a hook: steps, time and memory, and the stop that nothing in a script can catch.
#include "coverage.h"
#include "engine.h"
#include "report.h"

#include <stdlib.h>
#include <time.h>

enum {
  QUANTUM = 200,           // steps between two looks of the count hook
  QUANTUM_BIG = 16,        // once strings exist that make a single step long
  BIG_STRING = 32 * 1024,
  CLOCK_UNITS = 5000,      // units of library work between two looks at the clock
  CLOCK_BYTES = 256 * 1024,
  FULL_COLLECTIONS = 4,    // that refused allocations may cause in one call
};

static char stop_value;

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void on_count(lua_State *L, lua_Debug *ar);

static void arm(gl_engine *e, int count) {
  if (e->armed == count || e->L == NULL) return;
  e->armed = count;
  lua_sethook(e->L, on_count, e->coverage == NULL ? LUA_MASKCOUNT : LUA_MASKCOUNT | LUA_MASKLINE, count);
}

void gl_stop(gl_engine *e, int why) {
  if (e->stop != GL_GOING) return;
  e->stop = why;
  if ((why != GL_STOP_REJECT || e->explains_rejects) && e->phase != GL_PHASE_SETUP && e->phase != GL_PHASE_RECORD) {
    gl_record_place(e, e->L);
    e->error_placed = true;
  }
  arm(e, 1);
}

int gl_raise(lua_State *L) {
  lua_settop(L, 0);
  lua_pushlightuserdata(L, &stop_value);
  return lua_error(L);
}

void gl_no_memory(lua_State *L) {
  gl_stop(gl_engine_of(L), GL_STOP_MEMORY);
  gl_raise(L);
}

// Most hooks end before their first look, so the clock starts with that: they never pay for reading it. The CPU
// clock is a system call, read from an eighth of the time on; what came before counts as used.
static void look_at_clock(gl_engine *e) {
  uint64_t now = nanoseconds(CLOCK_MONOTONIC), limit = e->limits.time_ns;
  if (e->wall_start == 0) {
    e->wall_start = now;
    e->wall_next = now + limit / 8;
    return;
  }
  if (now < e->wall_next) return;
  uint64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  if (!e->cpu_known) {
    e->cpu_known = true;
    e->cpu_start = cpu - limit / 8;
    e->wall_next = e->wall_start + limit;
    if (now < e->wall_next) return;
  }
  uint64_t used = cpu - e->cpu_start;
  if (used >= limit) {
    gl_stop(e, GL_STOP_TIME);
  } else {
    e->wall_next = now + (limit - used);
  }
}

static void on_count(lua_State *L, lua_Debug *ar) {
  gl_engine *e = gl_engine_of(L);
  if (ar->event == LUA_HOOKLINE) {
    gl_cover(L, ar);
    return;
  }
  if (e->stop == GL_GOING) {
    e->units -= e->quantum;
    if (e->units < 0) {
      gl_stop(e, GL_STOP_STEPS);
    } else {
      look_at_clock(e);
    }
  }
  if (e->stop != GL_GOING) {
    lua_pushlightuserdata(L, &stop_value);
    lua_error(L);
  }
}

void gl_charge_slowly(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->phase == GL_PHASE_SETUP || e->phase == GL_PHASE_RECORD) return;
  if (e->stop == GL_GOING && e->units < 0) gl_stop(e, GL_STOP_STEPS);
  if (e->stop == GL_GOING) gl_check_clock(L);
  if (e->stop != GL_GOING) gl_raise(L);
}

void gl_check_clock(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  e->clock_credit = CLOCK_UNITS;
  look_at_clock(e);
  if (e->stop != GL_GOING) gl_raise(L);
}

void gl_budget_begin(gl_engine *e) {
  e->units = e->limits.instructions > (uint64_t)INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)e->limits.instructions;
  e->clock_credit = CLOCK_UNITS;
  e->stop = GL_GOING;
  e->wall_start = 0;
  e->cpu_known = false;
  e->refused = false;
  e->refusals = 0;
  e->error_placed = false;
  if (e->quantum == 0) e->quantum = QUANTUM;
  arm(e, e->quantum);
}

// Lua answers a refusal with a full collection and a second try. A second refusal is final, and so is one refusal
// too many: each costs a collection, and pcall would let a script ask for as many as it likes.
static void *refuse(gl_engine *e) {
  if (e->refused || ++e->refusals > FULL_COLLECTIONS) gl_stop(e, GL_STOP_MEMORY);
  e->refused = true;
  return NULL;
}

bool gl_is_fault(gl_engine *e) {
  if (e->fault_refusals == 0) return false;
  if (e->fault_countdown > 0) {
    e->fault_countdown--;
    return false;
  }
  e->fault_refusals--;
  return true;
}

static bool has_room(const gl_engine *e, size_t bytes) {
  return e->used < e->limits.memory_bytes && bytes <= e->limits.memory_bytes - e->used;
}

void *gl_allocate(void *engine, void *block, size_t old_size, size_t new_size) {
  gl_engine *e = engine;
  size_t old = block == NULL ? 0 : old_size;
  if (new_size <= old) {
    e->used -= old - new_size;
    if (new_size == 0) {
      free(block);
      return NULL;
    }
    void *shrunk = realloc(block, new_size);
    return shrunk == NULL ? block : shrunk;
  }
  // What a hook wrote is put back, and what the room keeps is written down, whatever that takes: it was there before.
  bool is_bounded = e->phase != GL_PHASE_UNDO && e->phase != GL_PHASE_RECORD;
  if (is_bounded && (new_size > e->limits.block_bytes || !has_room(e, new_size - old))) return refuse(e);
  if (e->phase != GL_PHASE_UNDO && gl_is_fault(e)) return refuse(e);
  void *grown = block == NULL ? malloc(new_size) : realloc(block, new_size);
  if (grown == NULL) return refuse(e);
  e->used += new_size - old;
  e->refused = false;
  if (block == NULL && old_size == LUA_TSTRING && new_size > BIG_STRING && e->quantum == QUANTUM) {
    e->quantum = QUANTUM_BIG;
    if (e->stop == GL_GOING) arm(e, QUANTUM_BIG);
  }
  e->allocated_since_clock += new_size;
  if (e->allocated_since_clock > CLOCK_BYTES) {
    e->allocated_since_clock = 0;
    bool has_clock = e->phase != GL_PHASE_SETUP && e->phase != GL_PHASE_RECORD;
    if (has_clock && e->stop == GL_GOING) look_at_clock(e);
  }
  return grown;
}

void gl_refuse_allocations(gl_engine *e, uint32_t countdown, uint32_t refusals) {
  e->fault_countdown = countdown;
  e->fault_refusals = refusals;
}
