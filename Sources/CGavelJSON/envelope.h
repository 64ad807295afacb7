// Names of top-level members that the relay knows.
#ifndef GJ_ENVELOPE_H
#define GJ_ENVELOPE_H

#include "CGavelJSON.h"
#include "bytes.h"

// The bytes of a name, its escapes resolved; NULL where no name that the relay knows is that long.
typedef struct {
  const uint8_t *bytes;
  size_t length;
} gj_name;

enum {
  GJ_LONGEST_NAME = 9,  // client_id
};

// Resolves a key's escapes into storage, if it has any.
static inline gj_name gj_member_name(const uint8_t *text, const gj_token *key, uint8_t storage[GJ_LONGEST_NAME]) {
  if (GJ_LIKELY(!(key->flags & GJ_ESCAPED))) return (gj_name){text + key->start + 1, key->end - key->start - 2};
  size_t length = gj_unescape(text, key, storage, GJ_LONGEST_NAME);
  return length == SIZE_MAX ? (gj_name){NULL, 0} : (gj_name){storage, length};
}

static inline bool gj_is_stamp(gj_name name) {
  return (name.length == 9 && memcmp(name.bytes, "client_id", 9) == 0) ||
         (name.length == 6 && memcmp(name.bytes, "msg_id", 6) == 0);
}

static inline void gj_note_once(gj_envelope *envelope, uint32_t *slot, uint32_t value) {
  if (*slot != 0) {
    envelope->repeated = true;
  } else {
    *slot = value;
  }
}

static inline void gj_note_first(uint32_t *slot, uint32_t value) {
  if (*slot == 0) *slot = value;
}

// Notes a top-level member in the envelope; value is its value's index.
static inline void gj_note_member(gj_envelope *envelope, gj_name name, uint32_t value) {
  switch (name.length) {
    case 3:
      if (memcmp(name.bytes, "ref", 3) == 0) gj_note_once(envelope, &envelope->ref, value);
      break;
    case 4:
      if (memcmp(name.bytes, "type", 4) == 0) {
        gj_note_once(envelope, &envelope->type, value);
      } else if (memcmp(name.bytes, "room", 4) == 0) {
        gj_note_once(envelope, &envelope->room, value);
      } else if (memcmp(name.bytes, "name", 4) == 0) {
        gj_note_first(&envelope->name, value);
      }
      break;
    case 5:
      if (memcmp(name.bytes, "token", 5) == 0) gj_note_once(envelope, &envelope->token, value);
      break;
    case 6:
      if (memcmp(name.bytes, "resume", 6) == 0) {
        gj_note_once(envelope, &envelope->resume, value);
      } else if (memcmp(name.bytes, "msg_id", 6) == 0) {
        envelope->stamped = true;
      }
      break;
    case 7:
      if (memcmp(name.bytes, "history", 7) == 0) gj_note_first(&envelope->history, value);
      break;
    case 9:
      if (memcmp(name.bytes, "client_id", 9) == 0) envelope->stamped = true;
      break;
    default:
      break;
  }
}

#endif
