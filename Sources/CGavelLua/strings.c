// string and utf8: the stock functions behind a charge for the bytes they read and write. Those that take patterns
// are in patterns.c.
#include "engine.h"

#include <string.h>

// Charges for all string arguments.
static void charge_arguments(lua_State *L) {
  uint64_t cost = 1;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) cost += lua_type(L, i) == LUA_TSTRING ? lua_rawlen(L, i) / 16 : 0;
  gl_charge(L, cost + (uint64_t)n / 8);
}

static int by_arguments(lua_State *L) {
  charge_arguments(L);
  return gl_call_stock(L);
}

static int by_result(lua_State *L) {
  int n = gl_call_stock(L);
  uint64_t cost = (uint64_t)n;
  for (int i = 1; i <= n; i++) cost += lua_type(L, i) == LUA_TSTRING ? lua_rawlen(L, i) / 16 : 0;
  gl_charge(L, cost);
  return n;
}

// string.pack may write far more than it is given, string.unpack reads as much as its format says.
static int by_format(lua_State *L) {
  gl_charge(L, 1 + (lua_type(L, 1) == LUA_TSTRING ? lua_rawlen(L, 1) / 4 : 0));
  return by_result(L);
}

// Functions that answer a value per byte or character of a range.
static int by_range(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  lua_Integer first = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, first);
  if (first < 0) first += (lua_Integer)length + 1;
  if (last < 0) last += (lua_Integer)length + 1;
  if (last > (lua_Integer)length) last = (lua_Integer)length;
  uint64_t count = last >= first && first > 0 ? (uint64_t)(last - first) + 1 : last > 0 ? (uint64_t)last : 0;
  if (count > 4096) return luaL_error(L, "the range is too long: at most 4096 at a time");
  gl_charge(L, 1 + count / 4);
  return gl_call_stock(L);
}

static int repeat(lua_State *L) {
  size_t length, separator;
  luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator);
  if (n <= 0 || length + separator == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  size_t block = gl_engine_of(L)->limits.block_bytes;
  if ((uint64_t)n > block / (length + separator)) return luaL_error(L, "resulting string too large");
  gl_charge(L, gl_bytes_cost((size_t)n * (length + separator)) + (uint64_t)n / 8);
  return gl_call_stock(L);
}

// Puts our own text, which shows no address, in place of what %s is given, and refuses %p.
static int format(lua_State *L) {
  size_t length;
  const char *f = luaL_checklstring(L, 1, &length), *end = f + length;
  int argument = 1, n = lua_gettop(L);
  while (f < end) {
    if (*f++ != '%') continue;
    if (f < end && *f == '%') {
      f++;
      continue;
    }
    argument++;
    while (f < end && strchr("-+ #0123456789.", *f) != NULL && *f != 0) f++;
    if (f == end) break;
    if (*f == 'p') return luaL_error(L, "'%%p' shows an address, which differs from run to run");
    if (*f == 's' && argument <= n && lua_type(L, argument) != LUA_TSTRING) {
      gl_push_text(L, argument, NULL);
      lua_replace(L, argument);
    }
    f++;
  }
  gl_charge(L, 1 + length / 4);
  return by_result(L);
}

const gl_member gl_string_wrapped[] = {
    {.name = "byte", .function = by_range},
    {.name = "char", .function = by_arguments},
    {.name = "format", .function = format},
    {.name = "lower", .function = by_arguments},
    {.name = "upper", .function = by_arguments},
    {.name = "rep", .function = repeat},
    {.name = "reverse", .function = by_arguments},
    {.name = "sub", .function = by_result},
    {.name = "pack", .function = by_format},
    {.name = "unpack", .function = by_format},
    {.name = "packsize", .function = by_arguments},
    {0},
};

const gl_member gl_string_own[] = {
    {.name = "find", .function = gl_pattern_find},
    {.name = "match", .function = gl_pattern_match},
    {.name = "gmatch", .function = gl_pattern_gmatch},
    {.name = "gsub", .function = gl_pattern_gsub},
    {0},
};

const gl_member gl_utf8_wrapped[] = {
    {.name = "char", .function = by_arguments},
    {.name = "codepoint", .function = by_range},
    {.name = "len", .function = by_arguments},
    {.name = "offset", .function = by_arguments},
    {.name = "codes", .function = by_arguments},
    {0},
};
