// Which lines of the rules ran, and which can, for tests: counted by a line hook that is set only where it was asked
// for before the files were loaded.
#include "bytecode.h"
#include "coverage.h"
#include "modules.h"

#include <stdlib.h>

struct gl_coverage {
  gl_line_counts *files;  // one for each of the engine's
  int32_t count;
  const char *source;     // of the last line, and which of the files it is
  int32_t file;
};

bool gl_count_lines(gl_engine *e) {
  e->coverage = calloc(1, sizeof *e->coverage);
  return e->coverage != NULL;
}

void gl_free_coverage(gl_coverage *c) {
  if (c == NULL) return;
  for (int32_t i = 0; i < c->count; i++) free(c->files[i].counts);
  free(c->files);
  free(c);
}

static void add_line(void *context, int32_t line) {
  gl_line_counts *file = context;
  if (line > 0 && line <= file->last_line) file->counts[line - 1] = 0;
}

bool gl_open_coverage(gl_engine *e, const gl_source *sources, size_t count) {
  gl_coverage *c = e->coverage;
  c->files = calloc(count, sizeof *c->files);
  if (c->files == NULL) return false;
  c->count = (int32_t)count;
  for (size_t i = 0; i < count; i++) {
    gl_line_counts *file = &c->files[i];
    file->last_line = sources[i].chunk.last_line;
    file->counts = malloc(((size_t)file->last_line + 1) * sizeof *file->counts);
    if (file->counts == NULL) return false;
    for (int32_t line = 0; line < file->last_line; line++) file->counts[line] = -1;
    gl_function_visitor visitor = {.context = file, .on_line = add_line};
    gl_visit_function(sources[i].chunk.bytes, sources[i].chunk.length, &visitor);
  }
  return true;
}

void gl_cover(lua_State *L, lua_Debug *ar) {
  gl_engine *e = gl_engine_of(L);
  gl_coverage *c = e->coverage;
  if (!lua_getinfo(L, "S", ar)) return;
  if (ar->source != c->source) {
    c->source = ar->source;
    c->file = gl_find_file(e, ar->short_src);
  }
  if (c->file < 0 || c->file >= c->count) return;
  gl_line_counts *file = &c->files[c->file];
  if (ar->currentline < 1 || ar->currentline > file->last_line) return;
  int64_t *counted = &file->counts[ar->currentline - 1];
  if (*counted >= 0) ++*counted;
}

gl_line_counts gl_counted_lines(const gl_engine *e, size_t file) {
  const gl_coverage *c = e->coverage;
  return c == NULL || file >= (size_t)c->count ? (gl_line_counts){0} : c->files[file];
}
