#include "bytecode.h"
#include "engine.h"

#include <lua5.4/lua.h>
#include <string.h>

enum { DEEPEST = 100, MOST_UPVALUES = 256, REGISTERS = 256 };

// Of lopcodes.h.
enum {
  OP_MOVE = 0,
  OP_SETUPVAL = 10,
  OP_GETTABUP = 11,
  OP_GETTABLE = 12,
  OP_GETFIELD = 14,
  OP_SETTABUP = 15,
  OP_VARARGPREP = 81,
};

typedef struct {
  const uint8_t *p, *end;
  bool is_bad;
} reader;

// A function on the way down.
typedef struct function {
  const struct function *up;
  int depth;
  int32_t first_line;
  const uint8_t *code;
  size_t code_count;
  reader constants;
  size_t upvalue_count;
  int upvalues[MOST_UPVALUES];  // of the outermost function, counted from 1; 0: a local of one in between
} function;

// Of each instruction, the difference of its line to that before it; -128: its line is in the absolute list.
typedef struct {
  const uint8_t *deltas, *absolute, *absolute_end;
  size_t count;
  int32_t first_line;
} line_table;

static uint8_t read_byte(reader *r) {
  if (r->p >= r->end) {
    r->is_bad = true;
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
  } while (!(byte & 0x80) && !r->is_bad);
  return value;
}

static const uint8_t *skip(reader *r, size_t n) {
  const uint8_t *start = r->p;
  if (n > (size_t)(r->end - r->p)) {
    r->is_bad = true;
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

static void skip_strings(reader *r, size_t n, int numbers_behind) {
  for (size_t i = 0; i < n && !r->is_bad; i++) {
    size_t length;
    read_string(r, &length);
    for (int number = 0; number < numbers_behind; number++) read_size(r);
  }
}

static void read_constants(reader *r, const gl_function_visitor *visitor) {
  size_t n = read_size(r), length;
  for (size_t i = 0; i < n && !r->is_bad; i++) {
    switch (read_byte(r)) {
      case LUA_TNUMBER | 0 << 4:
      case LUA_TNUMBER | 1 << 4:
        skip(r, 8);
        break;
      case LUA_TSTRING | 0 << 4:
      case LUA_TSTRING | 1 << 4: {
        const uint8_t *text = read_string(r, &length);
        if (!r->is_bad && visitor != NULL && visitor->on_text != NULL) visitor->on_text(visitor->context, (const char *)text, length);
        break;
      }
      default:
        break;
    }
  }
}

static int32_t line_of(const line_table *lines, size_t instruction) {
  int32_t line = lines->first_line;
  reader absolute = {lines->absolute, lines->absolute_end, false};
  for (size_t i = 0; i <= instruction && i < lines->count; i++) {
    int8_t delta = (int8_t)lines->deltas[i];
    if (delta != -128) {
      line += delta;
    } else {
      read_size(&absolute);
      line = (int32_t)read_size(&absolute);
    }
  }
  return line;
}

static line_table read_lines(reader *r, int32_t first_line) {
  line_table lines = {.first_line = first_line, .count = read_size(r)};
  lines.deltas = skip(r, lines.count);
  size_t absolutes = read_size(r);
  lines.absolute = r->p;
  for (size_t i = 0; i < 2 * absolutes && !r->is_bad; i++) read_size(r);
  lines.absolute_end = r->p;
  return lines;
}

static uint32_t instruction_at(const function *f, size_t i) {
  uint32_t instruction;
  memcpy(&instruction, f->code + 4 * i, 4);
  return instruction;
}

// Through how many fields each register's value came.
static void look_for_chain(const function *f, const line_table *lines, gl_function_visitor *visitor) {
  int32_t fields[REGISTERS] = {0};
  for (size_t i = 0; i < f->code_count; i++) {
    uint32_t instruction = instruction_at(f, i), a = instruction >> 7 & 0xFF, b = instruction >> 16 & 0xFF;
    switch (instruction & 0x7F) {
      case OP_MOVE: fields[a] = fields[b]; break;
      case OP_GETTABLE:
      case OP_GETFIELD: fields[a] = fields[b] + 1; break;
      default: fields[a] = 0;
    }
    if (fields[a] <= visitor->most_fields) continue;
    visitor->chain_line = line_of(lines, i);
    return;
  }
}

static void tell_assignments(const function *f, const line_table *lines, const gl_function_visitor *visitor) {
  if (visitor->on_assignment == NULL) return;
  for (size_t i = 0; i < f->code_count; i++) {
    uint32_t instruction = instruction_at(f, i);
    size_t upvalue = instruction >> 16 & 0xFF;
    if ((instruction & 0x7F) != OP_SETUPVAL || upvalue >= f->upvalue_count || f->upvalues[upvalue] == 0) continue;
    visitor->on_assignment(visitor->context, f->upvalues[upvalue], line_of(lines, i));
  }
}

// The constant of that index where it is a string, or NULL.
static const char *text_at(const function *f, size_t index, size_t *length) {
  reader r = f->constants;
  size_t n = read_size(&r);
  for (size_t i = 0; i < n && !r.is_bad; i++) {
    switch (read_byte(&r)) {
      case LUA_TNUMBER | 0 << 4:
      case LUA_TNUMBER | 1 << 4:
        skip(&r, 8);
        break;
      case LUA_TSTRING | 0 << 4:
      case LUA_TSTRING | 1 << 4: {
        const uint8_t *text = read_string(&r, length);
        if (i == index && !r.is_bad) return (const char *)text;
        break;
      }
      default:
        break;
    }
  }
  return NULL;
}

// Globals are fields of the file's own first upvalue.
static void tell_globals(const function *f, const line_table *lines, const gl_function_visitor *visitor) {
  if (visitor->on_global == NULL) return;
  for (size_t i = 0; i < f->code_count; i++) {
    uint32_t instruction = instruction_at(f, i), code = instruction & 0x7F;
    if (code != OP_GETTABUP && code != OP_SETTABUP) continue;
    bool is_set = code == OP_SETTABUP;
    size_t upvalue = is_set ? instruction >> 7 & 0xFF : instruction >> 16 & 0xFF, length;
    if (upvalue >= f->upvalue_count || f->upvalues[upvalue] != 1) continue;
    const char *name = text_at(f, is_set ? instruction >> 16 & 0xFF : instruction >> 24, &length);
    if (name != NULL) visitor->on_global(visitor->context, name, length, is_set, f->up != NULL, line_of(lines, i));
  }
}

static void tell_lines(const function *f, const line_table *lines, const gl_function_visitor *visitor) {
  if (visitor->on_line == NULL) return;
  int32_t line = lines->first_line;
  reader absolute = {lines->absolute, lines->absolute_end, false};
  for (size_t i = 0; i < lines->count && i + 1 < f->code_count; i++) {
    int8_t delta = (int8_t)lines->deltas[i];
    if (delta != -128) {
      line += delta;
    } else {
      read_size(&absolute);
      line = (int32_t)read_size(&absolute);
    }
    if ((instruction_at(f, i) & 0x7F) != OP_VARARGPREP) visitor->on_line(visitor->context, line);
  }
}

static void read_upvalues(reader *r, function *f) {
  f->upvalue_count = read_size(r);
  if (f->upvalue_count > MOST_UPVALUES) r->is_bad = true;
  for (size_t i = 0; i < f->upvalue_count && !r->is_bad; i++) {
    bool is_local_above = read_byte(r) != 0;
    uint8_t index = read_byte(r);
    read_byte(r);
    if (f->up == NULL) {
      f->upvalues[i] = (int)i + 1;
    } else {
      f->upvalues[i] = is_local_above || index >= f->up->upvalue_count ? 0 : f->up->upvalues[index];
    }
  }
}

// Reads up to the locals of the function.
static line_table read_function(reader *r, const function *up, gl_function_visitor *visitor) {
  size_t length;
  function f = {.up = up, .depth = up == NULL ? 0 : up->depth + 1};
  if (f.depth > DEEPEST) r->is_bad = true;
  read_string(r, &length);
  f.first_line = (int32_t)read_size(r);
  read_size(r);
  skip(r, 3);
  f.code_count = read_size(r);
  f.code = skip(r, f.code_count * 4);
  if (r->is_bad) f.code_count = 0;
  f.constants = *r;
  read_constants(r, visitor);
  read_upvalues(r, &f);
  size_t nested = read_size(r);
  for (size_t i = 0; i < nested && !r->is_bad; i++) {
    read_function(r, &f, visitor);
    skip_strings(r, read_size(r), 2);
    skip_strings(r, read_size(r), 0);
  }
  line_table lines = read_lines(r, f.first_line);
  if (r->is_bad || visitor == NULL) return lines;
  tell_assignments(&f, &lines, visitor);
  tell_globals(&f, &lines, visitor);
  tell_lines(&f, &lines, visitor);
  if (visitor->most_fields > 0 && visitor->chain_line == 0) look_for_chain(&f, &lines, visitor);
  return lines;
}

static bool begin(reader *r, const uint8_t *dump, size_t length) {
  enum { HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8 };
  *r = (reader){dump, dump + length, false};
  const uint8_t *header = skip(r, HEADER);
  if (r->is_bad || header[4] != 0x54) return false;
  read_byte(r);
  return true;
}

bool gl_visit_function(const uint8_t *dump, size_t length, gl_function_visitor *visitor) {
  reader r;
  if (!begin(&r, dump, length)) return false;
  read_function(&r, NULL, visitor);
  return !r.is_bad;
}

bool gl_visit_globals(const gl_chunk *chunk, gl_global_visitor visit, void *context) {
  gl_function_visitor visitor = {.context = context, .on_global = visit};
  return gl_visit_function(chunk->bytes, chunk->length, &visitor);
}

int32_t gl_line_of_chain(const uint8_t *dump, size_t length, int32_t most) {
  gl_function_visitor visitor = {.most_fields = most};
  gl_visit_function(dump, length, &visitor);
  return visitor.chain_line;
}

int32_t gl_line_of_local(const uint8_t *dump, size_t length, const char *name, int32_t before) {
  reader r;
  if (!begin(&r, dump, length)) return 0;
  line_table lines = read_function(&r, NULL, NULL);
  int32_t found = 0;
  size_t n = read_size(&r), name_length = strlen(name);
  for (size_t i = 0; i < n && !r.is_bad; i++) {
    size_t text_length;
    const uint8_t *text = read_string(&r, &text_length);
    size_t start = read_size(&r);
    read_size(&r);
    if (r.is_bad || text_length != name_length || memcmp(text, name, text_length) != 0) continue;
    // A local is active behind the instruction that sets it.
    int32_t line = start > 0 ? line_of(&lines, start - 1) : lines.first_line;
    if (line <= before && line > found) found = line;
  }
  return found;
}
