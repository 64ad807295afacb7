// Keys of tables and their order. Not for other targets.
#ifndef GAVEL_LUA_KEYS_H
#define GAVEL_LUA_KEYS_H

#include <CGavelLua.h>
#include <lua5.4/lua.h>

// A list of a state that is being sorted, and those around it.
typedef struct gl_sorting {
  const void *table;
  const struct gl_sorting *up;
} gl_sorting;

// A key on its way through a sort.
typedef struct {
  const char *text;   // of a string
  size_t length;
  lua_Integer integer;
  lua_Number number;
  uint32_t order;     // where it stood before
  int value;          // stack index of what it stands for, 0: look it up
  uint8_t class_;     // gl_key_class
  bool is_float;
} gl_key;

enum gl_key_class { GL_KEY_NUMBER = 0, GL_KEY_STRING, GL_KEY_BOOLEAN, GL_KEY_MARK, GL_KEY_CLIENT, GL_KEY_OTHER };

// order.c
void gl_keys_of(lua_State *L, int table);
void gl_sort_keys(lua_State *L);
bool gl_key_before(const gl_key *a, const gl_key *b);
gl_key *gl_push_key(lua_State *L, gl_engine *e);
int gl_next(lua_State *L);
int gl_pairs(lua_State *L);

#endif
