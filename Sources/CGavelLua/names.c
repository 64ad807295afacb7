// Names: those of the API, those that belong to the relay, and which was probably meant.
#include "engine.h"

#include <string.h>

enum { LONGEST = 32 };

// Edits between two words: a letter more, less, changed, or two swapped. LONGEST + 1 where a word is longer.
int gl_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  if (a_length > LONGEST || b_length > LONGEST) return LONGEST + 1;
  int before[LONGEST + 1], last[LONGEST + 1], row[LONGEST + 1];
  for (size_t j = 0; j <= b_length; j++) {
    before[j] = 0;
    last[j] = (int)j;
  }
  for (size_t i = 1; i <= a_length; i++) {
    row[0] = (int)i;
    for (size_t j = 1; j <= b_length; j++) {
      int best = last[j - 1] + (a[i - 1] != b[j - 1]);
      if (last[j] + 1 < best) best = last[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best) {
        best = before[j - 2] + 1;
      }
      row[j] = best;
    }
    memcpy(before, last, sizeof before);
    memcpy(last, row, sizeof last);
  }
  return last[b_length];
}

bool gl_is_near(int distance, size_t length) { return distance <= (length <= 4 ? 1 : length <= 8 ? 2 : 3); }

void gl_consider(gl_search *search, const char *known) {
  size_t length = strlen(search->word), known_length = strlen(known);
  int distance = gl_distance(search->word, length, known, known_length);
  // "minimum" for "min"
  if (known_length >= 3 && length > known_length && strncmp(search->word, known, known_length) == 0) distance = 1;
  if (!gl_is_near(distance, length) || (search->best != NULL && distance >= search->least)) return;
  search->least = distance;
  search->best = known;
}

void gl_consider_members(gl_search *search, const gl_member *const *lists) {
  for (; *lists != NULL; lists++) {
    for (const gl_member *member = *lists; member->name != NULL; member++) gl_consider(search, member->name);
  }
}

const char *gl_nearest(const char *word, const char *const *known) {
  gl_search search = {.word = word};
  for (; *known != NULL; known++) gl_consider(&search, *known);
  return search.best;
}

const char *gl_nearest_member(const char *word, const gl_member *const *lists) {
  gl_search search = {.word = word};
  gl_consider_members(&search, lists);
  return search.best;
}

const char *gl_push_names(lua_State *L, const gl_member *const *lists) {
  lua_pushliteral(L, "");
  const char *comma = "";
  for (; *lists != NULL; lists++) {
    for (const gl_member *member = *lists; member->name != NULL; member++, comma = ", ") {
      lua_pushfstring(L, "%s%s", comma, member->name);
      lua_concat(L, 2);
    }
  }
  return lua_tostring(L, -1);
}

void gl_keep_member(lua_State *L, int table, const char *name) {
  lua_pushstring(L, name);
  lua_pushvalue(L, -2);
  lua_rawset(L, table);
}

bool gl_add_member(lua_State *L, const gl_member *const *lists, int table, const char *name, int upvalues) {
  for (; *lists != NULL; lists++) {
    for (const gl_member *m = *lists; m->name != NULL; m++) {
      if (m->function == NULL || strcmp(m->name, name) != 0) continue;
      lua_pushcclosure(L, m->function, upvalues);
      gl_keep_member(L, table, name);
      return true;
    }
  }
  return false;
}

void gl_set_members(lua_State *L, const gl_member *list, int upvalues) {
  for (; list->name != NULL; list++) {
    if (list->function == NULL) continue;
    for (int i = 0; i < upvalues; i++) lua_pushvalue(L, -upvalues);
    lua_pushcclosure(L, list->function, upvalues);
    lua_setfield(L, -(upvalues + 2), list->name);
  }
  lua_pop(L, upvalues);
}

typedef struct {
  const char *text;
  size_t length;
} word;

#define WORD(text) {text, sizeof text - 1}

static bool is_one_of(const char *type, size_t length, const word *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (words[i].length == length && memcmp(words[i].text, type, length) == 0) return true;
  }
  return false;
}

bool gl_is_relay_type(const char *type, size_t length) {
  static const word types[] = {WORD("joined"),        WORD("error"),       WORD("reply"), WORD("snapshot"),
                               WORD("client_joined"), WORD("client_left"), WORD("left"),  WORD("closing")};
  return is_one_of(type, length, types, sizeof types / sizeof *types)
         || (length >= 6 && memcmp(type, "gavel.", 6) == 0);
}

bool gl_is_reserved_type(const char *type, size_t length) {
  static const word types[] = {WORD("join"), WORD("leave")};
  return is_one_of(type, length, types, sizeof types / sizeof *types) || gl_is_relay_type(type, length);
}

const gl_type *gl_find_function(const gl_functions *functions, const char *name, size_t length) {
  for (size_t i = 0; i < functions->count; i++) {
    const gl_type *function = &functions->list[i];
    if (function->length == length && memcmp(function->name, name, length) == 0) return function;
  }
  return NULL;
}

const char *gl_nearest_function(const gl_functions *functions, const char *name, size_t length) {
  const char *best = NULL;
  int least = 1000;
  for (size_t i = 0; i < functions->count; i++) {
    const gl_type *function = &functions->list[i];
    int distance = gl_distance(name, length, function->name, function->length);
    bool begins = length >= 3 && strncmp(function->name, name, length) == 0;
    if (begins) distance = 1;
    if (distance < least && (begins || gl_is_near(distance, length))) {
      least = distance;
      best = function->name;
    }
  }
  return best;
}
