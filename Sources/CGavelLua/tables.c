// table: our own functions. They read and write tables themselves, never through metamethods, so that no call of
// theirs goes on without end, and charge for what they touch.
#include "engine.h"
#include "seal.h"
#include "state.h"

#include <string.h>

// Of the table at index 1.
static lua_Integer length_of(lua_State *L, bool is_state) {
  return is_state ? gl_length(L, 1) : (lua_Integer)lua_rawlen(L, 1);
}

// Replaces a node of the state at the index by its table, for reading.
static lua_Integer checked_length(lua_State *L) {
  bool is_state = gl_unwrap(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  return length_of(L, is_state);
}

// Replaces a node of the state at the index by its table, and pushes the node. Returns where it is, or 0 for a table
// of the script's own; writes go through put and set.
static int open_list(lua_State *L, int index) {
  luaL_checkstack(L, 8, NULL);
  if (!gl_is_state(L, index)) {
    luaL_checktype(L, index, LUA_TTABLE);
    gl_check_open(L, index);
    return 0;
  }
  lua_pushvalue(L, index);
  gl_unwrap(L, index);
  return lua_gettop(L);
}

typedef void (*state_write)(lua_State *L, int node, int table, int key);

static void store(lua_State *L, int list, int node, lua_Integer at, state_write write) {
  if (node == 0) {
    lua_rawseti(L, list, at);
    return;
  }
  lua_pushinteger(L, at);
  lua_insert(L, -2);
  write(L, node, list, lua_gettop(L) - 1);
  lua_pop(L, 1);
}

// Puts the value on top of the stack at a position of the list; one of the same list.
static void put(lua_State *L, int list, int node, lua_Integer at) { store(L, list, node, at, gl_state_put); }

// As put, of any value: what goes into a state is copied.
static void set(lua_State *L, int list, int node, lua_Integer at) { store(L, list, node, at, gl_state_set); }

static int insert(lua_State *L) {
  int arguments = lua_gettop(L);
  if (arguments != 2 && arguments != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
  int node = open_list(L, 1);
  lua_Integer n = length_of(L, node != 0), at = n + 1;
  if (arguments == 3) {
    at = luaL_checkinteger(L, 2);
    luaL_argcheck(L, at >= 1 && at <= n + 1, 2, "position out of bounds");
  }
  lua_pushinteger(L, at);
  lua_pushvalue(L, arguments);
  int value = lua_gettop(L);
  // Before anything is moved: not every value can be put into a state.
  if (node != 0) gl_state_copy(L, node, 1, value - 1);
  if (arguments == 3) {
    gl_charge(L, 1 + (uint64_t)(n + 1 - at) / 2);
    for (lua_Integer i = n + 1; i > at; i--) {
      lua_rawgeti(L, 1, i - 1);
      put(L, 1, node, i);
    }
  }
  lua_pushvalue(L, value);
  put(L, 1, node, at);
  return 0;
}

static int remove_at(lua_State *L) {
  int arguments = lua_gettop(L), node = open_list(L, 1);
  lua_Integer n = length_of(L, node != 0), at = arguments > 1 ? luaL_optinteger(L, 2, n) : n;
  bool is_inside = (at >= 1 && at <= n + 1) || (n == 0 && at == 0);
  if (arguments > 1) luaL_argcheck(L, is_inside, 2, "position out of bounds");
  lua_rawgeti(L, 1, at);
  int removed = lua_gettop(L);
  if (at >= 1 && at <= n) {
    gl_charge(L, 1 + (uint64_t)(n - at) / 2);
    for (; at < n; at++) {
      lua_rawgeti(L, 1, at + 1);
      put(L, 1, node, at);
    }
    lua_pushnil(L);
    put(L, 1, node, at);
  } else if (node == 0) {
    lua_pushnil(L);
    lua_rawseti(L, 1, at);
  }
  lua_pushvalue(L, removed);
  return 1;
}

// The number of elements from first to last; raises where it is above what a table can hold.
static uint64_t checked_count(lua_State *L, lua_Integer first, lua_Integer last) {
  if (first > last) return 0;
  uint64_t count = (uint64_t)last - (uint64_t)first + 1;
  if (count == 0 || count > 1u << 24) luaL_error(L, "too many elements");
  return count;
}

static int move(lua_State *L) {
  lua_settop(L, 5);
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
  bool is_other = !lua_isnil(L, 5);
  if (!is_other) lua_pushvalue(L, 1), lua_replace(L, 5);
  bool is_same = lua_rawequal(L, 1, 5);
  lua_pushvalue(L, 5);
  int node = open_list(L, 5);
  if (!gl_unwrap(L, 1)) luaL_checktype(L, 1, LUA_TTABLE);
  uint64_t count = checked_count(L, first, last);
  if (count > 0) luaL_argcheck(L, to <= LUA_MAXINTEGER - (lua_Integer)count + 1, 4, "destination wrap around");
  bool upward = to > last || to <= first || !is_same;
  for (uint64_t i = 0; i < count; i++) {
    if ((i & 63) == 0) gl_charge(L, 64);
    lua_Integer offset = (lua_Integer)(upward ? i : count - 1 - i);
    lua_rawgeti(L, 1, first + offset);
    set(L, 5, node, to + offset);
  }
  lua_pushvalue(L, 6);
  return 1;
}

static int concat(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_Integer n = checked_length(L);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, n);
  uint64_t count = checked_count(L, first, last);
  size_t base = e->scratch.length;
  for (uint64_t i = 0; i < count; i++) {
    size_t length;
    int type = lua_rawgeti(L, 1, first + (lua_Integer)i);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)(first + (lua_Integer)i));
    }
    const char *text = lua_tolstring(L, -1, &length);
    gl_charge(L, gl_bytes_cost(length + separator_length));
    if (i > 0) gl_append(L, &e->scratch, separator, separator_length);
    gl_append(L, &e->scratch, text, length);
    lua_pop(L, 1);
  }
  lua_pushlstring(L, (const char *)e->scratch.bytes + (count > 0 ? base : 0), count > 0 ? e->scratch.length - base : 0);
  e->scratch.length = base;
  return 1;
}

static int pack(lua_State *L) {
  int n = lua_gettop(L);
  gl_charge(L, 1 + (uint64_t)n / 4);
  lua_createtable(L, n, 1);
  lua_insert(L, 1);
  for (int i = n; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, n);
  lua_setfield(L, 1, "n");
  return 1;
}

static int unpack(lua_State *L) {
  lua_Integer n = checked_length(L), first = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, n);
  uint64_t count = first > last ? 0 : (uint64_t)last - (uint64_t)first;
  if (first <= last) count++;
  if (count > 4096 || (first <= last && count == 0)) return luaL_error(L, "too many results to unpack (at most 4096)");
  gl_charge(L, 1 + count / 4);
  luaL_checkstack(L, (int)count, "too many results to unpack");
  for (uint64_t i = 0; i < count; i++) lua_rawgeti(L, 1, first + (lua_Integer)i);
  return (int)count;
}

// Whether the value below the top of the stack is less. Texts by their bytes: Lua compares them by the locale, piece
// by piece between zero bytes.
static bool is_less(lua_State *L) {
  if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING) return lua_compare(L, -2, -1, LUA_OPLT);
  size_t a_length, b_length;
  const char *a = lua_tolstring(L, -2, &a_length), *b = lua_tolstring(L, -1, &b_length);
  size_t shared = a_length < b_length ? a_length : b_length;
  gl_charge(L, gl_bytes_cost(shared));
  int order = memcmp(a, b, shared);
  return order < 0 || (order == 0 && a_length < b_length);
}

// Whether element a stands before element b.
static bool is_before(lua_State *L, lua_Integer a, lua_Integer b) {
  bool has_function = !lua_isnil(L, 2);
  gl_charge(L, 2);
  if (has_function) lua_pushvalue(L, 2);
  lua_rawgeti(L, 1, a);
  lua_rawgeti(L, 1, b);
  bool result;
  if (has_function) {
    lua_call(L, 2, 1);
    result = lua_toboolean(L, -1);
    lua_pop(L, 1);
  } else {
    result = is_less(L);
    lua_pop(L, 2);
  }
  return result;
}

static void swap(lua_State *L, lua_Integer a, lua_Integer b) {
  lua_rawgeti(L, 1, a);
  lua_rawgeti(L, 1, b);
  lua_rawseti(L, 1, a);
  lua_rawseti(L, 1, b);
}

static void sift_down(lua_State *L, lua_Integer root, lua_Integer n) {
  for (;;) {
    lua_Integer child = root * 2;
    if (child > n) return;
    if (child < n && is_before(L, child, child + 1)) child++;
    if (!is_before(L, root, child)) return;
    swap(L, root, child);
    root = child;
  }
}

static int sort(lua_State *L);

// A list of the state is sorted as a copy, whose elements are then put back.
static int sort_state(lua_State *L, int node, lua_Integer n) {
  gl_charge(L, 1 + (uint64_t)n / 2);
  lua_pushcfunction(L, sort);
  lua_createtable(L, (int)(n < 1 << 20 ? n : 0), 0);
  int copy = lua_gettop(L);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    lua_rawseti(L, copy, i);
  }
  lua_pushvalue(L, copy);
  lua_insert(L, copy - 1);
  lua_pushvalue(L, 2);
  gl_engine *e = gl_engine_of(L);
  gl_sorting sorting = {.table = lua_topointer(L, 1), .up = e->sorting};
  e->sorting = &sorting;
  lua_call(L, 2, 0);
  e->sorting = sorting.up;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, copy - 1, i);
    put(L, 1, node, i);
  }
  return 0;
}

// A heap sort: its time has a bound, and an order function that contradicts itself does no harm.
static int sort(lua_State *L) {
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    luaL_argcheck(L, !lua_iscfunction(L, 2), 2, "the order must be a function of the rules");
  }
  int node = open_list(L, 1);
  lua_Integer n = length_of(L, node != 0);
  if (node != 0) return sort_state(L, node, n);
  for (lua_Integer i = n / 2; i >= 1; i--) sift_down(L, i, n);
  for (lua_Integer i = n; i > 1; i--) {
    swap(L, 1, i);
    sift_down(L, 1, i - 1);
  }
  return 0;
}

const gl_member gl_table_own[] = {
    {.name = "concat", .function = concat},
    {.name = "insert", .function = insert},
    {.name = "move", .function = move},
    {.name = "pack", .function = pack},
    {.name = "remove", .function = remove_at},
    {.name = "sort", .function = sort},
    {.name = "unpack", .function = unpack},
    {0},
};
