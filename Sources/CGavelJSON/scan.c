#include "envelope.h"
#include "lexemes.h"

// A container that is still open links to the one around it by `next`, so that nesting needs no stack but the tape.
//
// A valid text of n bytes has at most (n + 1) / 2 tokens: a scalar takes a byte, a container two, and each further
// element a comma. A text that runs out of gj_tape_capacity(n) is thus bad, whatever follows.
static inline __attribute__((always_inline)) int32_t gj_scan_text(const uint8_t *text, size_t length, gj_token *tape,
                                                                  size_t capacity, uint32_t max_depth,
                                                                  gj_envelope *envelope, uint32_t *error_offset) {
  if (length == 0 || length >= UINT32_MAX - 15) {
    if (error_offset != NULL) *error_offset = 0;
    return GJ_BAD_JSON;
  }
  const uint8_t *p = text;
  const uint8_t *const end = text + length;
  const size_t enough = gj_tape_capacity(length);
  const uint32_t limit = (uint32_t)(capacity < enough ? capacity : enough);
  int32_t failure = GJ_BAD_JSON;
  uint32_t used = 0;       // tokens written
  uint32_t current = 0;    // the innermost open container, if depth > 0
  uint32_t depth = 0;      // open containers
  uint32_t count = 0;      // members or elements of current that are complete
  bool in_object = false;  // what current is
  uint8_t kind;
  gj_lexeme lexeme;
  gj_finder finder = gj_finder_of(text, length);

value:
  p = gj_skip_space(p, end);
  if (GJ_UNLIKELY(p == end)) goto fail;
  if (GJ_UNLIKELY(used == limit)) goto full;
  switch (*p) {
    case '"':
      kind = GJ_STRING;
      lexeme = gj_string(&finder, p + 1, end);
      break;
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      kind = GJ_NUMBER;
      lexeme = gj_number(text, p, end);
      break;
    case 't':
      kind = GJ_TRUE;
      lexeme = gj_literal(p, end, "true", 4);
      break;
    case 'f':
      kind = GJ_FALSE;
      lexeme = gj_literal(p, end, "false", 5);
      break;
    case 'n':
      kind = GJ_NULL;
      lexeme = gj_literal(p, end, "null", 4);
      break;
    case '{':
    case '[':
      goto open;
    default:
      goto fail;
  }
  if (GJ_UNLIKELY(!lexeme.good)) goto bad_lexeme;
  tape[used] = (gj_token){(uint32_t)(p - text), (uint32_t)(lexeme.at - text), used + 1, kind, lexeme.flags, 0};
  used++;
  p = lexeme.at;
  if (GJ_UNLIKELY(depth == 0)) goto done;

after_value:
  count++;
  p = gj_skip_space(p, end);
  if (GJ_UNLIKELY(p == end)) goto fail;
  if (!in_object) {
    if (*p == ',') {
      p++;
      goto value;
    }
    if (GJ_LIKELY(*p == ']')) goto close;
    goto fail;
  }
  if (*p == '}') goto close;
  if (GJ_UNLIKELY(*p != ',')) goto fail;
  p = gj_skip_space(p + 1, end);

key:
  if (GJ_UNLIKELY(p == end || *p != '"')) goto fail;
  if (GJ_UNLIKELY(used == limit)) goto full;
  lexeme = gj_string(&finder, p + 1, end);
  if (GJ_UNLIKELY(!lexeme.good)) goto bad_lexeme;
  tape[used] = (gj_token){(uint32_t)(p - text), (uint32_t)(lexeme.at - text), used + 2, GJ_KEY, lexeme.flags, 0};
  used++;
  if (envelope != NULL && current == 0) {
    uint8_t storage[GJ_LONGEST_NAME];
    gj_note_member(envelope, gj_member_name(text, &tape[used - 1], storage), used);
  }
  p = gj_skip_space(lexeme.at, end);
  if (GJ_UNLIKELY(p == end || *p != ':')) goto fail;
  p++;
  goto value;

open:
  if (GJ_UNLIKELY(depth == max_depth)) goto too_deep;
  if (depth != 0) tape[current].count = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
  in_object = *p == '{';
  tape[used] = (gj_token){(uint32_t)(p - text), 0, current, in_object ? GJ_OBJECT : GJ_ARRAY, 0, 0};
  current = used;
  used++;
  depth++;
  count = 0;
  p = gj_skip_space(p + 1, end);
  if (GJ_UNLIKELY(p == end)) goto fail;
  if (in_object) {
    if (*p != '}') goto key;
  } else if (*p != ']') {
    goto value;
  }

close: {
  gj_token *closed = &tape[current];
  p++;
  current = closed->next;
  closed->end = (uint32_t)(p - text);
  closed->next = used;
  closed->count = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
  depth--;
  if (depth == 0) goto done;
  count = tape[current].count;
  in_object = tape[current].kind == GJ_OBJECT;
  if (in_object) closed[-1].next = used;
  goto after_value;
}

done:
  p = gj_skip_space(p, end);
  if (GJ_UNLIKELY(p != end)) goto fail;
  if (envelope != NULL) {
    if (GJ_UNLIKELY(tape[0].kind != GJ_OBJECT)) {
      p = text + tape[0].start;
      failure = GJ_NOT_OBJECT;
      goto fail;
    }
    envelope->close = tape[0].end - 1;
    envelope->empty = tape[0].count == 0;
  }
  return (int32_t)used;

bad_lexeme:
  p = lexeme.at;
  goto fail;
too_deep:
  failure = GJ_TOO_DEEP;
  goto fail;
full:
  if (capacity < enough) failure = GJ_TAPE_FULL;
fail:
  if (error_offset != NULL) *error_offset = (uint32_t)(p - text);
  return failure;
}

int32_t gj_scan(const uint8_t *text, size_t length, gj_token *tape, size_t capacity, uint32_t max_depth,
                gj_envelope *envelope, uint32_t *error_offset) {
  *envelope = (gj_envelope){0};
  return gj_scan_text(text, length, tape, capacity, max_depth, envelope, error_offset);
}

int32_t gj_scan_value(const uint8_t *text, size_t length, gj_token *tape, size_t capacity, uint32_t max_depth,
                      uint32_t *error_offset) {
  return gj_scan_text(text, length, tape, capacity, max_depth, NULL, error_offset);
}
