// What went wrong in a script, in buffers of the engine's own: nothing here allocates, runs script code or raises.
#include "engine.h"
#include "report.h"
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACEBACK_LEVELS = 64 };

gl_failure *gl_failure_of(gl_engine *e) {
  static _Thread_local gl_failure spare;
  if (e->failure == NULL) e->failure = calloc(1, sizeof *e->failure);
  return e->failure == NULL ? &spare : e->failure;
}

void gl_copy_text(char *out, size_t capacity, const char *text, size_t length) {
  if (length >= capacity) {
    length = capacity - 1;
    while (length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80) length--;
  }
  memcpy(out, text, length);
  out[length] = 0;
}

bool gl_split_place(gl_error *error, const char *name) {
  size_t prefix = strlen(name);
  const char *m = error->message;
  if (prefix == 0 || strncmp(m, name, prefix) != 0 || m[prefix] != ':') return false;
  const char *digits = m + prefix + 1, *p = digits;
  int32_t line = 0;
  while (*p >= '0' && *p <= '9' && p - digits < 8) line = line * 10 + (*p++ - '0');
  if (p == digits || p[0] != ':' || p[1] != ' ') return false;
  gl_copy_text(error->file, sizeof error->file, name, prefix);
  error->line = line;
  memmove(error->message, p + 2, strlen(p + 2) + 1);
  return true;
}

bool gl_find_place(lua_State *L, char *file, size_t capacity, int32_t *line) {
  lua_Debug ar;
  for (int level = 0; level < 8 && lua_getstack(L, level, &ar); level++) {
    if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0) continue;
    gl_copy_text(file, capacity, ar.short_src, strlen(ar.short_src));
    *line = ar.currentline;
    return true;
  }
  return false;
}

// Not with "n", which is quadratic in the length of a function, and not by luaL_traceback, which needs more stack
// than Lua 5.4.4 promises.
void gl_record_place(gl_engine *e, lua_State *L) {
  gl_error *error = &gl_failure_of(e)->error;
  error->line = 0;
  error->file[0] = 0;
  error->frame_count = 0;
  error->has_more_frames = false;
  lua_Debug ar;
  for (int level = 0; level < TRACEBACK_LEVELS && lua_getstack(L, level, &ar); level++) {
    if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0) continue;
    if (error->frame_count == GL_FRAMES) {
      error->has_more_frames = true;
      break;
    }
    gl_frame *frame = &error->frames[error->frame_count++];
    gl_copy_text(frame->file, sizeof frame->file, ar.short_src, strlen(ar.short_src));
    frame->line = ar.currentline;
    frame->function_line = *ar.what == 'm' ? 0 : ar.linedefined;
  }
  if (error->frame_count == 0) return;
  error->line = error->frames[0].line;
  memcpy(error->file, error->frames[0].file, sizeof error->file);
}

// Whether what Lua says of the variable, after "attempt to index a nil value", means what room:client answered: it has
// no name on the line of the call, or it is the local that was set by it.
static bool is_missing_client(lua_State *L, const gl_engine *e, const char *variable, int32_t line) {
  static const char local[] = " (local '";
  lua_Debug ar;
  if (*variable == 0) return line == e->missing.line;
  if (strncmp(variable, local, sizeof local - 1) != 0 || !lua_getstack(L, 1, &ar)) return false;
  const char *name = lua_getlocal(L, &ar, e->missing.local);
  if (name == NULL) return false;
  bool is_nil = lua_isnil(L, -1);
  lua_pop(L, 1);
  size_t length = strlen(name);
  const char *said = variable + sizeof local - 1;
  return is_nil && strncmp(said, name, length) == 0 && said[length] == '\'';
}

// Says of an index of nil that it is what room:client answered in the same function.
static void explain_nil(lua_State *L, gl_engine *e) {
  static const char unnamed[] = "attempt to index a nil value";
  gl_error *error = &gl_failure_of(e)->error;
  const char *found = strstr(error->message, unnamed);
  if (found == NULL || e->missing.function_line == 0 || error->frame_count == 0) return;
  const gl_frame *frame = &error->frames[0];
  if (frame->function_line != e->missing.function_line || strcmp(frame->file, e->missing.file) != 0) return;
  if (!is_missing_client(L, e, found + sizeof unnamed - 1, frame->line)) return;
  char *out = error->message + (found - error->message);
  size_t capacity = sizeof error->message - (size_t)(found - error->message);
  if (e->missing.has_id) {
    long long id = (long long)e->missing.id;
    snprintf(out, capacity, "attempt to index nil: room:client(%lld) is nil, client %lld is not in the room. Test it "
                            "first.", id, id);
  } else {
    snprintf(out, capacity, "attempt to index nil: room:client was given nil, and found nobody. Test it first.");
  }
}

// The message handler of every call. The error's own __tostring is never run: it may never end.
int gl_on_error(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  if (e->stop != GL_GOING) return 1;
  gl_record_place(e, L);
  e->error_placed = true;
  gl_error *error = &gl_failure_of(e)->error;
  switch (lua_type(L, 1)) {
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, 1, &length);
      gl_copy_text(error->message, sizeof error->message, text, length);
      explain_nil(L, e);
      break;
    }
    case LUA_TNUMBER:
      if (lua_isinteger(L, 1)) {
        snprintf(error->message, sizeof error->message, "%lld", (long long)lua_tointeger(L, 1));
      } else {
        snprintf(error->message, sizeof error->message, "%.14g", lua_tonumber(L, 1));
      }
      break;
    default:
      snprintf(error->message, sizeof error->message, "the error is a %s. Raise a text: error(\"…\").",
               lua_typename(L, lua_type(L, 1)));
  }
  return 1;
}

// 1000000 as 1,000,000.
static const char *write_count(char *end, uint64_t n) {
  *--end = 0;
  for (int digits = 0; digits == 0 || n > 0; digits++, n /= 10) {
    if (digits > 0 && digits % 3 == 0) *--end = ',';
    *--end = (char)('0' + n % 10);
  }
  return end;
}

// Completes e->error after a call that failed with status.
void gl_report(gl_engine *e, int status) {
  gl_error *error = &gl_failure_of(e)->error;
  if (!e->error_placed) {
    error->line = 0;
    error->file[0] = 0;
    error->frame_count = 0;
  }
  const char *doing = e->phase == GL_PHASE_LOAD ? "loading the file" : gl_hook_text(e);
  char *out = error->message, count[32];
  size_t capacity = sizeof error->message;
  switch (e->stop) {
    case GL_STOP_STEPS:
      error->kind = GL_ERROR_STEPS;
      snprintf(out, capacity, "%s spent its budget (%s steps)", doing,
               write_count(count + sizeof count, e->limits.instructions));
      return;
    case GL_STOP_TIME:
      error->kind = GL_ERROR_TIME;
      snprintf(out, capacity, "%s spent its budget (%.3g ms)", doing,
               (double)e->limits.time_ns / 1e6);
      return;
    case GL_STOP_MEMORY:
      error->kind = GL_ERROR_MEMORY;
      snprintf(out, capacity, "%s spent the room's memory (%zu KiB in all, %zu KiB for one string or table).", doing,
               e->limits.memory_bytes >> 10, e->limits.block_bytes >> 10);
      return;
    case GL_STOP_EFFECTS:
      error->kind = GL_ERROR_EFFECTS;
      snprintf(out, capacity, "%s did more than %u effects (sends, moves and the like), and was undone. Do less at a "
               "time, or raise rules.effects.", doing, e->limits.effects);
      return;
    case GL_STOP_MODULE:
      error->kind = GL_ERROR_MODULE;
      snprintf(out, capacity, "requires %s only sometimes; put every require at the top of the file, outside of any if.",
               e->needed);
      return;
    case GL_STOP_TEST:
      error->kind = GL_ERROR_TEST;
      return;
    default:
      break;
  }
  error->kind = GL_ERROR_SCRIPT;
  if (status == LUA_ERRMEM) {
    error->kind = GL_ERROR_MEMORY;
    snprintf(out, capacity, "%s: not enough memory.", doing);
  } else if (status == LUA_ERRERR) {
    snprintf(out, capacity, "%s: an error in the handling of an error.", doing);
  } else {
    for (int32_t i = 0; i < e->file_count && !gl_split_place(error, e->files[i].name); i++) continue;
  }
}
