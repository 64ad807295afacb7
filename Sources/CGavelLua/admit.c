// What is asked of a message before any Lua runs: that its sender has not sent too many, and that its schema is met.
#include "rates.h"
#include "schemas.h"

#include <stdlib.h>

enum { SENTENCE_BYTES = 400 };

static void refuse(gl_engine *e, const gl_check *c) {
  static const char name[] = "\"message\":";
  char sentence[SENTENCE_BYTES];
  size_t length = gl_explain(c, "", sentence, sizeof sentence);
  e->outcome.verdict = GL_INVALID;
  // Without memory for a payload the sender gets a sentence of the relay's.
  uint8_t *out = gl_try_reserve(&e->out, sizeof name - 1 + 6 * length + 2);
  if (out == NULL) return;
  memcpy(out, name, sizeof name - 1);
  length = gj_write_string((const uint8_t *)sentence, length, out + sizeof name - 1);
  e->outcome.payload = out;
  e->outcome.payload_length = sizeof name - 1 + length;
}

static bool is_met(gl_engine *e, uint32_t schema, const gl_message *message, bool is_join) {
  gl_check c = {
      .schemas = e->schemas,
      .text = message->text,
      .tape = message->tape,
      .envelope = message->envelope,
      .is_join = is_join,
  };
  if (!gl_message_meets(&c, schema - 1)) {
    refuse(e, &c);
    return false;
  }
  e->schema = schema;
  return true;
}

bool gl_admits(gl_engine *e, const gl_type *type, uint64_t client, const gl_message *message) {
  if (type->rate != 0) {
    uint64_t wait = gl_take_rate(e->rates, type->rate - 1, client, e->context.uptime_ms);
    if (wait > 0) {
      e->outcome.verdict = GL_LIMITED;
      e->outcome.retry_after_ms = wait;
      return false;
    }
  }
  e->schema_type = type->name;
  return is_met(e, type->schema, message, false);
}

bool gl_admits_join(gl_engine *e, const gl_message *message) {
  e->schema_type = "join";
  return is_met(e, e->join_schema, message, true);
}

void gl_free_schemas(gl_schemas *s) {
  if (s == NULL) return;
  free(s->nodes);
  free(s->fields);
  free(s->words);
  free(s->pool);
  free(s->slots);
  free(s);
}
