#include "oracle.h"

#include <stdbool.h>
#include <string.h>

#include "CGavelJSON.h"

typedef struct {
  const uint8_t *text;
  size_t length;
  size_t at;
  uint32_t max_depth;
  uint32_t tokens;
  int32_t code;
} reader;

static int peek(const reader *r) { return r->at < r->length ? r->text[r->at] : -1; }

static bool accept(reader *r, int c) {
  if (peek(r) != c) return false;
  r->at++;
  return true;
}

static void spaces(reader *r) {
  while (peek(r) >= 0 && strchr(" \t\r\n", peek(r)) != NULL && peek(r) != 0) r->at++;
}

static bool hex(reader *r, unsigned *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    const char *digits = "0123456789abcdef";
    int c = peek(r);
    if (c >= 'A' && c <= 'F') c += 'a' - 'A';
    const char *found = c > 0 ? strchr(digits, c) : NULL;
    if (found == NULL) return false;
    *unit = *unit * 16 + (unsigned)(found - digits);
    r->at++;
  }
  return true;
}

static bool string(reader *r) {
  if (!accept(r, '"')) return false;
  for (;;) {
    int c = peek(r);
    if (c < 0x20) return false;
    r->at++;
    if (c == '"') return true;
    if (c != '\\') continue;
    c = peek(r);
    if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL) return false;
    r->at++;
    if (c != 'u') continue;
    unsigned unit;
    if (!hex(r, &unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      if (!accept(r, '\\') || !accept(r, 'u') || !hex(r, &unit)) return false;
      if (unit < 0xDC00 || unit > 0xDFFF) return false;
    }
  }
}

static bool digits(reader *r) {
  size_t before = r->at;
  while (peek(r) >= '0' && peek(r) <= '9') r->at++;
  return r->at > before;
}

static bool number(reader *r) {
  accept(r, '-');
  if (!accept(r, '0') && !digits(r)) return false;
  if (accept(r, '.') && !digits(r)) return false;
  if (accept(r, 'e') || accept(r, 'E')) {
    if (!accept(r, '+')) accept(r, '-');
    return digits(r);
  }
  return true;
}

static bool word(reader *r, const char *letters) {
  for (; *letters != 0; letters++) {
    if (!accept(r, *letters)) return false;
  }
  return true;
}

static bool value(reader *r, uint32_t depth) {
  spaces(r);
  r->tokens++;
  int c = peek(r);
  if (c == '"') return string(r);
  if (c == 't') return word(r, "true");
  if (c == 'f') return word(r, "false");
  if (c == 'n') return word(r, "null");
  if (c != '{' && c != '[') return number(r);
  if (depth == r->max_depth) {
    r->code = GJ_TOO_DEEP;
    return false;
  }
  r->at++;
  const int closer = c + 2;
  spaces(r);
  if (accept(r, closer)) return true;
  do {
    if (c == '{') {
      spaces(r);
      r->tokens++;
      if (!string(r)) return false;
      spaces(r);
      if (!accept(r, ':')) return false;
    }
    if (!value(r, depth + 1)) return false;
    spaces(r);
  } while (accept(r, ','));
  return accept(r, closer);
}

oracle_verdict oracle_judge(const uint8_t *text, size_t length, uint32_t max_depth) {
  reader r = {.text = text, .length = length, .max_depth = max_depth, .code = GJ_BAD_JSON};
  spaces(&r);
  const int first = peek(&r);
  if (!value(&r, 0)) return (oracle_verdict){.code = r.code};
  spaces(&r);
  if (r.at != length) return (oracle_verdict){.code = GJ_BAD_JSON};
  return (oracle_verdict){.tokens = r.tokens, .first = (uint8_t)first};
}
