#include "invariants.h"

#include <errno.h>
#include <string.h>

uint8_t *exact_copy(const uint8_t *bytes, size_t length) {
  uint8_t *copy = malloc(length);
  if (copy == NULL) copy = malloc(1);
  HOLDS(copy != NULL);
  if (length != 0) memcpy(copy, bytes, length);
  return copy;
}

// Checks the value at index and what is in it; returns the index after it.
static uint32_t check_value(const scanned *s, uint32_t index) {
  HOLDS(index < s->tokens);
  const gj_token *token = &s->tape[index];
  HOLDS(token->start < token->end && token->end <= s->length);
  HOLDS(token->kind >= GJ_OBJECT && token->kind <= GJ_NULL);
  const uint8_t first = s->text[token->start], last = s->text[token->end - 1];
  const size_t length = token->end - token->start;
  switch (token->kind) {
    case GJ_STRING: HOLDS(first == '"' && last == '"' && length >= 2); break;
    case GJ_NUMBER: HOLDS(first == '-' || (first >= '0' && first <= '9')); break;
    case GJ_TRUE: HOLDS(length == 4 && memcmp(s->text + token->start, "true", 4) == 0); break;
    case GJ_FALSE: HOLDS(length == 5 && memcmp(s->text + token->start, "false", 5) == 0); break;
    case GJ_NULL: HOLDS(length == 4 && memcmp(s->text + token->start, "null", 4) == 0); break;
    case GJ_ARRAY: HOLDS(first == '[' && last == ']'); break;
    default: HOLDS(first == '{' && last == '}'); break;
  }
  if (token->kind > GJ_ARRAY) {
    HOLDS(token->count == 0 && token->next == index + 1);
    return index + 1;
  }
  uint32_t members = 0, reached = token->start + 1;
  uint32_t inner = index + 1;
  while (inner < token->next) {
    HOLDS(s->tape[inner].start >= reached);
    uint32_t member = inner;
    if (token->kind == GJ_OBJECT) {
      HOLDS(s->tape[inner].kind == GJ_KEY && s->tape[inner].count == 0);
      HOLDS(s->tape[inner + 1].start >= s->tape[inner].end);
      inner++;
    }
    uint32_t after = check_value(s, inner);
    if (token->kind == GJ_OBJECT) HOLDS(s->tape[member].next == after);
    reached = s->tape[inner].end;
    HOLDS(reached < token->end);
    inner = after;
    members++;
  }
  HOLDS(inner == token->next);
  HOLDS(token->count == (members < 65535 ? members : 65535));
  return inner;
}

void check_tape(const scanned *s) { HOLDS(check_value(s, 0) == s->tokens); }

// Whether a key's name, resolved the long way, is this one.
static bool is_named(const scanned *s, uint32_t key, const char *name) {
  const size_t room = s->tape[key].end - s->tape[key].start;
  uint8_t *bytes = malloc(room);
  HOLDS(bytes != NULL);
  const size_t length = gj_unescape(s->text, &s->tape[key], bytes, room);
  const bool same = length == strlen(name) && memcmp(bytes, name, length) == 0;
  HOLDS(gj_equals(s->text, &s->tape[key], name, strlen(name)) == same);
  free(bytes);
  return same;
}

static bool is_stamp(const scanned *s, uint32_t key) {
  return is_named(s, key, "client_id") || is_named(s, key, "msg_id");
}

void check_envelope(const scanned *s, const gj_envelope *envelope) {
  static const char *const names[] = {"type", "room", "ref", "token", "resume", "name", "history"};
  const uint32_t noticed[] = {envelope->type,   envelope->room, envelope->ref,    envelope->token,
                              envelope->resume, envelope->name, envelope->history};
  uint32_t found[7] = {0};
  bool stamped = false, repeated = false;
  for (uint32_t key = 1; key < s->tokens; key = s->tape[key].next) {
    stamped |= is_stamp(s, key);
    for (int i = 0; i < 7; i++) {
      if (!is_named(s, key, names[i])) continue;
      if (found[i] == 0) found[i] = key + 1;
      else if (i < 5) repeated = true;
    }
  }
  for (int i = 0; i < 7; i++) HOLDS(noticed[i] == found[i]);
  HOLDS(envelope->stamped == stamped && envelope->repeated == repeated);
  HOLDS(envelope->empty == (s->tokens == 1));
  HOLDS(s->text[envelope->close] == '}' && envelope->close == s->tape[0].end - 1);
}

// Scans an object that must be good.
static scanned scan_again(const uint8_t *text, size_t length, gj_envelope *envelope) {
  const size_t capacity = gj_tape_capacity(length);
  gj_token *tape = malloc(capacity * sizeof *tape);
  HOLDS(tape != NULL);
  const int32_t tokens = gj_scan(text, length, tape, capacity, UINT32_MAX, envelope, NULL);
  HOLDS(tokens > 0);
  return (scanned){text, length, tape, (uint32_t)tokens};
}

static void check_stripped(const scanned *s, const uint8_t *stripped, size_t length, bool empty, const char *tail) {
  const size_t whole = length + strlen(tail);
  uint8_t *text = malloc(whole);
  HOLDS(text != NULL);
  memcpy(text, stripped, length);
  memcpy(text + length, tail, strlen(tail));
  gj_envelope envelope;
  const scanned again = scan_again(text, whole, &envelope);
  HOLDS(envelope.stamped == (strlen(tail) > 1));
  HOLDS(memcmp(s->text, text, s->tape[0].start + 1) == 0);
  uint32_t other = 1;
  for (uint32_t key = 1; key < s->tokens; key = s->tape[key].next) {
    if (is_stamp(s, key)) continue;
    HOLDS(other < again.tokens);
    const gj_token *a = &s->tape[key], *b = &again.tape[other];
    const size_t span = s->tape[key + 1].end - a->start;
    HOLDS(span == again.tape[other + 1].end - b->start);
    HOLDS(memcmp(s->text + a->start, text + b->start, span) == 0);
    other = b->next;
  }
  HOLDS(empty == (other == 1));
  if (strlen(tail) == 1) HOLDS(other == again.tokens && envelope.empty == empty);
  free((void *)again.tape);
  free(text);
}

void check_strip(const scanned *s, const gj_envelope *envelope) {
  uint8_t *out = malloc(envelope->close);
  if (out == NULL) out = malloc(1);
  HOLDS(out != NULL);
  bool empty;
  const size_t length = gj_strip_stamp(s->text, s->tape, envelope, out, &empty);
  HOLDS(length <= envelope->close);
  if (!envelope->stamped) HOLDS(length == envelope->close && memcmp(out, s->text, length) == 0);
  check_stripped(s, out, length, empty, "}");
  check_stripped(s, out, length, empty, &",\"client_id\":1,\"msg_id\":2}"[empty]);
  free(out);
}

// Writes resolved bytes as a string, scans that and resolves it again.
static void check_round_trip(const uint8_t *bytes, size_t length) {
  uint8_t *wide = malloc(6 * length + 2);
  HOLDS(wide != NULL);
  const size_t written = gj_write_string(bytes, length, wide);
  HOLDS(written >= length + 2 && written <= 6 * length + 2);
  uint8_t *text = exact_copy(wide, written);
  uint8_t *room = malloc(written);
  HOLDS(room != NULL);
  HOLDS(gj_write_string(bytes, length, room) == written && memcmp(room, text, written) == 0);
  gj_token token;
  HOLDS(gj_scan_value(text, written, &token, 1, 0, NULL) == 1);
  HOLDS(token.kind == GJ_STRING && token.start == 0 && token.end == written);
  HOLDS(((token.flags & GJ_ESCAPED) != 0) == (written > length + 2));
  HOLDS(gj_unescape(text, &token, room, written - 2) == length && memcmp(room, bytes, length) == 0);
  free(room);
  free(text);
  free(wide);
}

void check_strings(const scanned *s) {
  for (uint32_t i = 0; i < s->tokens; i++) {
    const gj_token *token = &s->tape[i];
    if (token->kind != GJ_STRING && token->kind != GJ_KEY) continue;
    const uint8_t *raw = s->text + token->start + 1;
    const size_t raw_length = token->end - token->start - 2;
    uint8_t *wide = malloc(raw_length + 1);
    HOLDS(wide != NULL);
    const size_t length = gj_unescape(s->text, token, wide, raw_length);
    HOLDS(length <= raw_length);
    HOLDS(((token->flags & GJ_ESCAPED) != 0) == (raw_length != 0 && memchr(raw, '\\', raw_length) != NULL));
    uint8_t *bytes = exact_copy(wide, length);
    HOLDS(gj_unescape(s->text, token, bytes, length) == length && memcmp(bytes, wide, length) == 0);
    HOLDS(gj_equals(s->text, token, (const char *)bytes, length));
    if (length != 0) {
      HOLDS(gj_unescape(s->text, token, wide, length - 1) == SIZE_MAX);
      HOLDS(!gj_equals(s->text, token, (const char *)bytes, length - 1));
      bytes[length / 2] ^= 1;
      HOLDS(!gj_equals(s->text, token, (const char *)bytes, length));
      bytes[length / 2] ^= 1;
    }
    check_round_trip(bytes, length);
    free(bytes);
    free(wide);
  }
}

void check_integers(const scanned *s) {
  for (uint32_t i = 0; i < s->tokens; i++) {
    const gj_token *token = &s->tape[i];
    if (token->kind != GJ_NUMBER) continue;
    const size_t length = token->end - token->start;
    char *digits = malloc(length + 1);
    HOLDS(digits != NULL);
    memcpy(digits, s->text + token->start, length);
    digits[length] = 0;
    HOLDS(((token->flags & GJ_INTEGER) != 0) == (strpbrk(digits, ".eE") == NULL));
    if (token->flags & GJ_INTEGER) {
      errno = 0;
      const long long expected = strtoll(digits, NULL, 10);
      int64_t value;
      const bool fits = gj_integer(s->text, token, &value);
      HOLDS(fits == (errno == 0));
      if (fits) HOLDS(value == expected);
    }
    free(digits);
  }
}
