// CGavelJSON: the one JSON scanner of the relay.
//
// It validates a text (RFC 8259, and stricter: no lone surrogates in escapes) in a single pass and leaves a tape
// of tokens with byte offsets, from which the envelope is read, the stamp is spliced, and, later, schemas are
// checked and Lua values are made: the bytes of a message are scanned once. The text must be valid UTF-8 already.
// No function here allocates, keeps a pointer, or reads or writes outside the ranges it is given.
#ifndef CGAVELJSON_H
#define CGAVELJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a token is. A key is followed by its value's tokens.
enum {
  GJ_OBJECT = 1,
  GJ_ARRAY = 2,
  GJ_STRING = 3,
  GJ_NUMBER = 4,
  GJ_TRUE = 5,
  GJ_FALSE = 6,
  GJ_NULL = 7,
  GJ_KEY = 8,
};

// Token flags.
enum {
  GJ_ESCAPED = 1,  // a string or key with at least one backslash
  GJ_INTEGER = 2,  // a number without fraction and exponent
};

// One value or key. 16 bytes; offsets count from the first byte of the text.
typedef struct {
  uint32_t start;  // first byte; of a string or key: its opening quote
  uint32_t end;    // one past the last byte; of a string or key: past its closing quote
  uint32_t next;   // index of the token after this value and all inside it; of a key: after its value
  uint8_t kind;    // GJ_OBJECT ... GJ_KEY
  uint8_t flags;   // GJ_ESCAPED, GJ_INTEGER
  uint16_t count;  // members of an object, elements of an array, 65535 for that many or more
} gj_token;

// Results of gj_scan below zero.
enum {
  GJ_BAD_JSON = -1,    // not one JSON value
  GJ_TOO_DEEP = -2,    // nested deeper than max_depth
  GJ_NOT_OBJECT = -3,  // valid JSON, but not an object
  GJ_TAPE_FULL = -4,   // more tokens than capacity; cannot happen with gj_tape_capacity(length)
};

// What the scan noticed among the members of the top-level object. Names are compared after their escapes are
// resolved. An index is that of the member's VALUE on the tape, of the first such member, 0 where there is none.
typedef struct {
  uint32_t type;
  uint32_t room;
  uint32_t ref;
  uint32_t token;
  uint32_t resume;
  uint32_t name;
  uint32_t history;
  uint32_t close;      // offset of the top-level closing brace
  bool stamped;        // has a top-level client_id or msg_id
  bool repeated;       // type, room, ref, token or resume stands there twice
  bool empty;          // {}
} gj_envelope;

// The tokens that a text of length bytes can need at most.
static inline size_t gj_tape_capacity(size_t length) { return length / 2 + 2; }

// Scans length bytes (below 2^32 - 16). Returns the number of tokens written (at least 1; token 0 is the object)
// or a code below zero, and then in *error_offset, unless it is NULL, where.
// max_depth counts containers: 1 admits only a flat object. Time: one pass.
int32_t gj_scan(const uint8_t *text, size_t length, gj_token *tape, size_t capacity, uint32_t max_depth,
                gj_envelope *envelope, uint32_t *error_offset);

// As gj_scan for any value, not just objects; fills no envelope.
int32_t gj_scan_value(const uint8_t *text, size_t length, gj_token *tape, size_t capacity, uint32_t max_depth,
                      uint32_t *error_offset);

// Whether a string or key token, its escapes resolved, is exactly these bytes.
bool gj_equals(const uint8_t *text, const gj_token *token, const char *bytes, size_t length);

// Resolves the escapes of a string or key token into out. Returns the length, never more than
// token->end - token->start - 2; writes at most capacity bytes and returns SIZE_MAX where that is too few.
size_t gj_unescape(const uint8_t *text, const gj_token *token, uint8_t *out, size_t capacity);

// The value of a number token with GJ_INTEGER. False where it does not fit 64 bits.
bool gj_integer(const uint8_t *text, const gj_token *token, int64_t *value);

// Copies the object (tape[0], envelope.stamped) without its top-level client_id and msg_id members, and without
// its closing brace, to out, which has room for envelope->close bytes. Bytes before and between other members are
// kept as they are, but for the commas that go with the members taken out.
// Returns the length; *empty says whether no member is left.
size_t gj_strip_stamp(const uint8_t *text, const gj_token *tape, const gj_envelope *envelope, uint8_t *out,
                      bool *empty);

// Writes length bytes of UTF-8 as a JSON string with its quotes: at most 6 * length + 2 bytes. Escapes only what
// RFC 8259 section 7 demands. Returns the length written.
size_t gj_write_string(const uint8_t *bytes, size_t length, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
