// File-level locals that a function assigns: they would be lost on a reload and not undone with a hook. Lua's API does
// not tell of them, so the chunk that lua_dump wrote is read: the format of Lua 5.4 (ldump.c, lopcodes.h), as written
// by the same library a moment ago.
#include "engine.h"

#include <stdio.h>
#include <string.h>

enum { DEEPEST = 100, MOST_UPVALUES = 256, OPCODE_SETUPVAL = 10 };

// Where the chunk is read; bad: it is not what was expected, and nothing is said of it.
typedef struct {
  const uint8_t *p, *end;
  bool bad;
} reader;

// A function on the way down. level 0 is the file's own.
typedef struct function {
  const struct function *up;
  int level;
  int32_t line;
  // Of each upvalue: the register of the file's local that it is, or -1.
  int locals[MOST_UPVALUES];
} function;

// The first assignment found, and where its names are to be looked up.
typedef struct {
  int local;          // register in the file's function; -1: none was found
  int32_t line, function_line;
} finding;

static uint8_t read_byte(reader *r) {
  if (r->p >= r->end) {
    r->bad = true;
    return 0;
  }
  return *r->p++;
}

static size_t read_size(reader *r) {
  size_t value = 0;
  uint8_t byte;
  do {
    byte = read_byte(r);
    value = value << 7 | (byte & 0x7F);
  } while (!(byte & 0x80) && !r->bad);
  return value;
}

static const uint8_t *skip(reader *r, size_t n) {
  const uint8_t *start = r->p;
  if (n > (size_t)(r->end - r->p)) {
    r->bad = true;
    return start;
  }
  r->p += n;
  return start;
}

static const uint8_t *read_string(reader *r, size_t *length) {
  size_t size = read_size(r);
  *length = size > 0 ? size - 1 : 0;
  return skip(r, *length);
}

static void skip_constants(reader *r) {
  size_t n = read_size(r), length;
  for (size_t i = 0; i < n && !r->bad; i++) {
    switch (read_byte(r)) {
      case LUA_TNUMBER | 0 << 4:
      case LUA_TNUMBER | 1 << 4:
        skip(r, 8);
        break;
      case LUA_TSTRING | 0 << 4:
      case LUA_TSTRING | 1 << 4:
        read_string(r, &length);
        break;
      default:
        break;
    }
  }
}

// What stands behind the nested functions: the lines of the instructions, and names.
typedef struct {
  const uint8_t *line_deltas, *absolute;
  size_t line_count, absolute_count;
  int32_t first_line;
} line_table;

static int32_t line_of(const line_table *lines, size_t instruction) {
  // The table holds differences; -128 stands for a line in the absolute list, which is then asked.
  int32_t line = lines->first_line;
  reader r = {lines->absolute, lines->absolute + lines->absolute_count, false};
  for (size_t i = 0; i <= instruction && i < lines->line_count; i++) {
    int8_t delta = (int8_t)lines->line_deltas[i];
    if (delta != -128) {
      line += delta;
      continue;
    }
    read_size(&r);
    line = (int32_t)read_size(&r);
  }
  return line;
}

static void read_debug(reader *r, line_table *lines) {
  lines->line_count = read_size(r);
  lines->line_deltas = skip(r, lines->line_count);
  size_t absolutes = read_size(r);
  lines->absolute = r->p;
  for (size_t i = 0; i < 2 * absolutes && !r->bad; i++) read_size(r);
  lines->absolute_count = (size_t)(r->p - lines->absolute);
}

// The name of the file's local in the register, and the line before which it begins to be one. Locals are listed in
// the order in which they become active, and take registers as a stack: at an instruction where all of them are
// counted, the n-th active one has register n.
static void find_local(reader *r, const line_table *lines, int local, size_t at, char *name, size_t capacity,
                       int32_t *line) {
  size_t n = read_size(r);
  int active = -1;
  for (size_t i = 0; i < n && !r->bad; i++) {
    size_t length;
    const uint8_t *text = read_string(r, &length);
    size_t start = read_size(r), end = read_size(r);
    if (start > at || end <= at || ++active != local) continue;
    gl_copy_text(name, capacity, (const char *)text, length);
    *line = start > 0 ? line_of(lines, start - 1) : lines->first_line;
  }
}

static void read_function(reader *r, const function *up, finding *found, size_t *closures, char *name,
                          size_t capacity, int32_t *name_line) {
  size_t length;
  function f = {.up = up, .level = up == NULL ? 0 : up->level + 1};
  if (f.level > DEEPEST) r->bad = true;
  read_string(r, &length);
  f.line = (int32_t)read_size(r);
  read_size(r);
  skip(r, 3);
  size_t code_count = read_size(r);
  const uint8_t *code = skip(r, code_count * 4);
  skip_constants(r);
  size_t upvalues = read_size(r);
  for (size_t i = 0; i < upvalues && !r->bad; i++) {
    bool is_in_stack = read_byte(r) != 0;
    uint8_t index = read_byte(r);
    read_byte(r);
    int local = -1;
    if (f.level == 1 && is_in_stack) local = index;
    if (f.level > 1 && !is_in_stack) local = up->locals[index];
    if (i < MOST_UPVALUES) f.locals[i] = local;
  }
  size_t nested = read_size(r);
  for (size_t i = 0; i < nested && !r->bad; i++) {
    bool had = found->local >= 0;
    read_function(r, &f, found, closures, name, capacity, name_line);
    if (f.level == 0 && !had && found->local >= 0) *closures = i;
  }
  line_table lines = {.first_line = f.line};
  read_debug(r, &lines);
  if (f.level > 0 && found->local < 0) {
    for (size_t i = 0; i < code_count && !r->bad; i++) {
      uint32_t instruction;
      memcpy(&instruction, code + 4 * i, 4);
      size_t upvalue = instruction >> 16 & 0xFF;
      if ((instruction & 0x7F) != OPCODE_SETUPVAL || upvalue >= upvalues || f.locals[upvalue] < 0) continue;
      *found = (finding){.local = f.locals[upvalue], .line = line_of(&lines, i), .function_line = f.line};
      break;
    }
  }
  if (f.level == 0 && found->local >= 0 && !r->bad) {
    // The closure that assigns it is made where the local is active.
    size_t at = 0;
    for (size_t i = 0; i < code_count; i++) {
      uint32_t instruction;
      memcpy(&instruction, code + 4 * i, 4);
      if ((instruction & 0x7F) == 79 && instruction >> 15 == *closures) at = i;
    }
    find_local(r, &lines, found->local, at, name, capacity, name_line);
  } else {
    size_t n = read_size(r);
    for (size_t i = 0; i < n && !r->bad; i++) {
      read_string(r, &length);
      read_size(r);
      read_size(r);
    }
  }
  size_t n = read_size(r);
  for (size_t i = 0; i < n && !r->bad; i++) read_string(r, &length);
}

bool gl_check_locals(const gl_chunk *chunk, gl_error *error) {
  enum { HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8 };
  reader r = {chunk->bytes, chunk->bytes + chunk->length, false};
  const uint8_t *header = skip(&r, HEADER);
  if (r.bad || header[4] != 0x54) return true;
  read_byte(&r);
  finding found = {.local = -1};
  size_t closure = 0;
  char name[128] = "";
  int32_t line = 0;
  read_function(&r, NULL, &found, &closure, name, sizeof name, &line);
  if (r.bad || found.local < 0 || *name == 0) return true;
  error->line = found.line;
  snprintf(error->message, sizeof error->message,
           "\"%s\" is a local of the file (line %d), changed in the function of line %d. It would be lost on reload and "
           "not undone on an error: keep it in room.state.%s.", name, line, found.function_line, name);
  return false;
}
