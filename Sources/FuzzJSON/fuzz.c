// The libFuzzer entry for CGavelJSON: texts of any bytes, judged against a second reader and a list of invariants.
#include <string.h>

#include "invariants.h"
#include "oracle.h"

// A tape that gives up one token early says so, and says nothing else.
static void check_capacity(const uint8_t *text, size_t length, uint32_t max_depth, uint32_t tokens) {
  gj_token *tape = malloc(tokens * sizeof *tape);
  HOLDS(tape != NULL);
  HOLDS(gj_scan_value(text, length, tape, tokens, max_depth, NULL) == (int32_t)tokens);
  gj_token *shorter = realloc(tape, (tokens - 1) * sizeof *tape + 1);
  HOLDS(shorter != NULL);
  HOLDS(gj_scan_value(text, length, shorter, tokens - 1, max_depth, NULL) == GJ_TAPE_FULL);
  free(shorter);
}

static void check_text(const uint8_t *bytes, size_t length, uint32_t max_depth) {
  uint8_t *text = exact_copy(bytes, length);
  const size_t capacity = gj_tape_capacity(length);
  gj_token *tape = malloc(capacity * sizeof *tape);
  gj_token *value_tape = malloc(capacity * sizeof *tape);
  HOLDS(tape != NULL && value_tape != NULL);

  gj_envelope envelope;
  uint32_t object_error = UINT32_MAX, value_error = UINT32_MAX;
  const int32_t code = gj_scan(text, length, tape, capacity, max_depth, &envelope, &object_error);
  const int32_t value_code = gj_scan_value(text, length, value_tape, capacity, max_depth, &value_error);
  const oracle_verdict verdict = oracle_judge(text, length, max_depth);

  if (verdict.code != 0) {
    HOLDS(value_code == code);
    // Nested deeper than its bytes could close, a text is bad before it is too deep.
    if (code != verdict.code) {
      HOLDS(code == GJ_BAD_JSON && oracle_judge(text, length, UINT32_MAX).code == GJ_BAD_JSON);
    }
    HOLDS(object_error <= length && value_error == object_error);
  } else {
    HOLDS(value_code == (int32_t)verdict.tokens);
    const scanned value = {text, length, value_tape, verdict.tokens};
    check_tape(&value);
    check_strings(&value);
    check_integers(&value);
    check_capacity(text, length, max_depth, verdict.tokens);
    if (verdict.first == '{') {
      HOLDS(code == value_code);
      HOLDS(memcmp(tape, value_tape, verdict.tokens * sizeof *tape) == 0);
      const scanned object = {text, length, tape, verdict.tokens};
      check_envelope(&object, &envelope);
      check_strip(&object, &envelope);
    } else {
      HOLDS(code == GJ_NOT_OBJECT && text[object_error] == verdict.first);
    }
  }
  free(value_tape);
  free(tape);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  check_text(data + 1, size - 1, data[0]);
  return 0;
}
