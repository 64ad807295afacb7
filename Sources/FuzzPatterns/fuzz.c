// The libFuzzer entry for the pattern matcher of CGavelLua: what find, match, gmatch and gsub answer must be what those
// of stock Lua do.
#include <CGavelLua.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum { MOST_PATTERN = 40, MOST_SUBJECT = 60, MOST_REPLACEMENT = 12, MESSAGE_BYTES = 1024 };

// A case, its texts in hexadecimal digits.
typedef struct {
  const char *name;
  char subject[2 * MOST_SUBJECT + 1], pattern[2 * MOST_PATTERN + 1], replacement[2 * MOST_REPLACEMENT + 2];
  int init, most;
} fuzz_case;

static gl_engine *engine;
static lua_State *stock;

static void fail(const char *what, const char *text) {
  fprintf(stderr, "%s: %s\n", what, text);
  abort();
}

static gl_outcome call(const char *text, bool joins) {
  gj_token tape[64];
  gj_envelope envelope;
  size_t length = strlen(text);
  int32_t count = gj_scan((const uint8_t *)text, length, tape, 64, 8, &envelope, NULL);
  if (count < 0) fail("no message", text);
  gl_message message = {(const uint8_t *)text, length, tape, &envelope};
  gl_context context = {.now_ms = 1};
  return joins ? gl_join(engine, 1, NULL, 0, &message, NULL, 0, context) : gl_receive(engine, 1, &message, context);
}

static void open_engine(void) {
  static char source[sizeof driver + 512];
  snprintf(source, sizeof source,
           "%slocal rules = gavel.rules()\n"
           "rules.messages.run, rules.options.run = {}, { strict = false }\n"
           "function rules.commands.run(room, client, m)\n"
           "  return { r = run(m.name, m.subject, m.pattern, m.init, m.replacement, m.most) }\n"
           "end\n"
           "return rules\n",
           driver);
  gl_chunk chunk;
  gl_error error;
  if (!gl_compile("fuzz.lua", (const uint8_t *)source, strlen(source), &chunk, &error)) fail("compile", error.message);
  const gl_limits limits = {.instructions = 400000, .time_ns = 1000000000, .memory_bytes = 4 << 20,
                            .block_bytes = 1 << 20, .effects = 1, .output_bytes = 1 << 20};
  const uint64_t seed[4] = {1, 2, 3, 4};
  engine = gl_new(&limits, (const uint8_t *)"r", 1, seed);
  const gl_source file = {.name = "fuzz.lua", .chunk = chunk};
  if (engine == NULL || !gl_load(engine, &file, 1, NULL, 0)) fail("load", "no engine");
  free(chunk.bytes);
  call("{\"type\":\"join\"}", true);
}

static void open_stock(void) {
  static char source[sizeof driver + 32];
  snprintf(source, sizeof source, "%sreturn run\n", driver);
  stock = luaL_newstate();
  if (stock == NULL) fail("stock", "no memory");
  luaL_openlibs(stock);
  if (luaL_dostring(stock, source)) fail("stock", lua_tostring(stock, -1));
}

// Takes up to `most` of the bytes, as many as their first one says.
static void take(const uint8_t **data, size_t *size, size_t most, char *out) {
  size_t length = 0;
  if (*size > 0) {
    length = **data % (most + 1);
    (*data)++;
    (*size)--;
  }
  if (length > *size) length = *size;
  for (size_t i = 0; i < length; i++) snprintf(out + 2 * i, 3, "%02x", (*data)[i]);
  out[2 * length] = 0;
  *data += length;
  *size -= length;
}

static void compare(const fuzz_case *c) {
  char message[MESSAGE_BYTES];
  snprintf(message, sizeof message,
           "{\"type\":\"run\",\"name\":\"%s\",\"subject\":\"%s\",\"pattern\":\"%s\",\"init\":%d,"
           "\"replacement\":\"%s\",\"most\":%d}",
           c->name, c->subject, c->pattern, c->init, c->replacement, c->most);
  gl_outcome outcome = call(message, false);
  // Our own ran out of steps: stock Lua might not end at all.
  if (outcome.verdict == GL_FAILED && gl_last_error(engine)->kind != GL_ERROR_SCRIPT) return;
  if (outcome.verdict != GL_HANDLED) fail(message, gl_last_error(engine)->message);
  lua_settop(stock, 1);
  lua_pushvalue(stock, 1);
  lua_pushstring(stock, c->name);
  lua_pushstring(stock, c->subject);
  lua_pushstring(stock, c->pattern);
  lua_pushinteger(stock, c->init);
  lua_pushstring(stock, c->replacement);
  lua_pushinteger(stock, c->most);
  if (lua_pcall(stock, 6, 1, 0) != LUA_OK) fail(message, lua_tostring(stock, -1));
  size_t length;
  const char *expected = lua_tolstring(stock, -1, &length);
  // "r":"…"
  bool is_same = outcome.payload_length == length + 6 && memcmp(outcome.payload + 5, expected, length) == 0;
  if (is_same) return;
  fprintf(stderr, "%s\nstock: %s\nours:  %.*s\n", message, expected, (int)outcome.payload_length,
          (const char *)outcome.payload);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"find", "match", "gmatch", "gsub"};
  if (engine == NULL) open_engine();
  if (stock == NULL) open_stock();
  if (size < 3) return 0;
  fuzz_case c = {.name = names[data[0] & 3], .init = (int8_t)data[1] / 2, .most = (int8_t)data[2] / 4};
  const char kind = "stfs"[data[0] >> 2 & 3];
  data += 3;
  size -= 3;
  take(&data, &size, MOST_PATTERN, c.pattern);
  c.replacement[0] = kind;
  take(&data, &size, MOST_REPLACEMENT, c.replacement + 1);
  size_t rest = size < MOST_SUBJECT ? size : MOST_SUBJECT;
  for (size_t i = 0; i < rest; i++) snprintf(c.subject + 2 * i, 3, "%02x", data[i]);
  compare(&c);
  return 0;
}
