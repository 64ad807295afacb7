// Names: which belong to the relay, and which was probably meant.
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

const char *gl_nearest(const char *word, const char *const *known) {
  const char *best = NULL;
  size_t length = strlen(word);
  int least = LONGEST;
  for (; *known != NULL; known++) {
    size_t known_length = strlen(*known);
    int distance = gl_distance(word, length, *known, known_length);
    // "minimum" for "min"
    if (known_length >= 3 && length > known_length && strncmp(word, *known, known_length) == 0) distance = 1;
    if (distance < least && gl_is_near(distance, length)) {
      least = distance;
      best = *known;
    }
  }
  return best;
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
