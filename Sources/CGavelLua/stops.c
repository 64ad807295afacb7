// Budgets that were spent, as inputs: a recording notes where a hook was stopped, and a replay stops it there again,
// whatever the clocks say.
#include "engine.h"
#include "report.h"

// Of what failed last, and with the ids of what ran last.
static gl_stop_point point_now(const gl_engine *e) {
  int32_t kind = e->failure == NULL ? 0 : e->failure->error.kind;
  if (kind < GL_ERROR_STEPS || kind > GL_ERROR_EFFECTS) return (gl_stop_point){0};
  return (gl_stop_point){.kind = kind, .ids = e->ids - e->ids_before};
}

void gl_note_stop(gl_engine *e) { e->stopped = point_now(e); }

bool gl_last_stop(const gl_engine *e, gl_stop_point *point) {
  *point = e->stopped;
  if (point->kind != 0) return true;
  if (!e->stopped_in_snapshot) return false;
  *point = point_now(e);
  point->is_snapshot = true;
  point->snapshots = e->snapshots - 1;
  return point->kind != 0;
}

void gl_stop_next(gl_engine *e, gl_stop_point point) {
  e->told.point = point;
  e->told.serial = e->serial + 1;
}

bool gl_stopped_as_told(const gl_engine *e) { return e->told.has_happened; }

bool gl_ends_as_told(gl_engine *e, bool is_snapshot) {
  static const int stops[] = {[GL_ERROR_STEPS] = GL_STOP_STEPS, [GL_ERROR_TIME] = GL_STOP_TIME,
                              [GL_ERROR_MEMORY] = GL_STOP_MEMORY, [GL_ERROR_EFFECTS] = GL_STOP_EFFECTS};
  const gl_stop_point *point = &e->told.point;
  if (e->told.serial != e->serial || e->told.has_happened || point->is_snapshot != is_snapshot) return false;
  if (is_snapshot && point->snapshots != e->snapshots) return false;
  if (point->kind < GL_ERROR_STEPS || point->kind > GL_ERROR_EFFECTS) return false;
  e->told.has_happened = true;
  e->stop = stops[point->kind];
  e->ids_before = e->ids;
  e->ids += point->ids;
  gl_failure_of(e)->error = (gl_error){.kind = point->kind};
  return true;
}
