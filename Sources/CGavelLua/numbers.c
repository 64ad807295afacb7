// math, with random numbers whose state is the engine's: seeded by the host, and undone with a hook that fails.
#include "engine.h"

#include <string.h>

static uint64_t rotate(uint64_t x, int n) { return (x << n) | (x >> (64 - n)); }

// xoshiro256** (Blackman and Vigna).
static uint64_t next_random(uint64_t s[4]) {
  uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

static int random_number(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_Integer low = 1, high;
  switch (lua_gettop(L)) {
    case 0:
      lua_pushnumber(L, (lua_Number)(next_random(e->random) >> 11) * 0x1p-53);
      return 1;
    case 1:
      high = luaL_checkinteger(L, 1);
      if (high == 0) {
        lua_pushinteger(L, (lua_Integer)next_random(e->random));
        return 1;
      }
      break;
    case 2:
      low = luaL_checkinteger(L, 1);
      high = luaL_checkinteger(L, 2);
      break;
    default:
      return luaL_error(L, "wrong number of arguments");
  }
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  uint64_t range = (uint64_t)high - (uint64_t)low, mask = range, value;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  do {
    value = next_random(e->random) & mask;
  } while (value > range);
  lua_pushinteger(L, (lua_Integer)((uint64_t)low + value));
  return 1;
}

const gl_member gl_math_own[] = {{.name = "random", .function = random_number}, {0}};
