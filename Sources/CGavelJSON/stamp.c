#include "envelope.h"

size_t gj_strip_stamp(const uint8_t *text, const gj_token *tape, const gj_envelope *envelope, uint8_t *out,
                      bool *empty) {
  if (!envelope->stamped) {
    memcpy(out, text, envelope->close);
    *empty = envelope->empty;
    return envelope->close;
  }
  // A member's piece of the text reaches from past the brace or comma before it to the comma or brace after it.
  const uint8_t *const close = text + envelope->close;
  const uint8_t *piece = text + tape[0].start + 1;
  size_t length = (size_t)(piece - text);
  bool first = true;
  memcpy(out, text, length);
  for (uint32_t key = 1; key != tape[0].next; key = tape[key].next) {
    const uint8_t *piece_end = gj_skip_space(text + tape[key + 1].end, close);
    uint8_t storage[GJ_LONGEST_NAME];
    if (!gj_is_stamp(gj_member_name(text, &tape[key], storage))) {
      if (!first) out[length++] = ',';
      first = false;
      memcpy(out + length, piece, (size_t)(piece_end - piece));
      length += (size_t)(piece_end - piece);
    }
    piece = piece_end + 1;
  }
  *empty = first;
  return length;
}
