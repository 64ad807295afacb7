// What scripts may use: each name stands in one table, with the function behind it and what an editor shows of it.
// The tables register the names, find the nearest right one for a misspelt one, and fill the editor's stub.
#ifndef GAVEL_LUA_API_H
#define GAVEL_LUA_API_H

#include <lua5.4/lauxlib.h>
#include <stdbool.h>

typedef struct {
  const char *name;
  lua_CFunction function;  // NULL: a field, or a function that the caller places
  // As the Lua language server writes it: of a field "integer", of a function "(name: string, key?: string): integer?",
  // perhaps with type parameters in front: "<T>(list: T[])".
  const char *type;
  const char *text;
} gl_member;

// Each list of members ends with one without a name; each list of lists with NULL.
extern const gl_member *const gl_room_members[], *const gl_client_members[], *const gl_gavel_members[],
    *const gl_json_members[], *const gl_rules_members[], *const gl_option_members[], *const gl_base_members[];

// The functions of the room that other files define; rules.messages ... in the order of GL_MESSAGES ..., the hooks in
// that of GL_ON_CREATE ...
extern const gl_member gl_collections[], gl_events[];
extern const gl_member gl_effect_functions[], gl_timer_functions[], gl_snapshot_functions[], gl_moving_functions[],
    gl_signal_functions[], gl_make_rules[];

// What stock Lua has and rules have not: "load", "string.dump". text: why, or what there is instead.
typedef struct {
  const char *library;  // NULL: a global
  const char *name, *text;
} gl_removal;

extern const gl_removal gl_removals[];

// Of Lua's libraries: functions that charge and then call Lua's, and our own in their place.
extern const gl_member gl_base_wrapped[], gl_base_own[], gl_string_wrapped[], gl_string_own[], gl_utf8_wrapped[],
    gl_math_own[], gl_table_own[];

// libraries.c: what Lua's libraries hold, looked up once for the process. False: there is no memory for it.
bool gl_know_stock(void);
// Pushes the global, which is there from now on; false: there is none, and nothing is pushed.
bool gl_push_global(lua_State *L, const char *name);
// Fills the table at the stack index with all that it has, where it is a library's.
void gl_complete(lua_State *L, int index);
void gl_complete_libraries(lua_State *L);

// Pushes the function of that name, which has the upvalues on top of the stack, and puts it into the table at the stack
// index; false: there is none. For tables that are filled when a name is first asked for.
bool gl_add_member(lua_State *L, const gl_member *const *lists, int table, const char *name, int upvalues);

// Puts the value on top of the stack, which stays there, into the table at the stack index.
void gl_keep_member(lua_State *L, int table, const char *name);

// As luaL_setfuncs, of the members with a function.
void gl_set_members(lua_State *L, const gl_member *list, int upvalues);

// The known word that was probably meant. Begin with the word alone; best is NULL while there is none.
typedef struct {
  const char *word, *best;
  int least;
} gl_search;

void gl_consider(gl_search *search, const char *known);
void gl_consider_members(gl_search *search, const gl_member *const *lists);
// Pushes the names, with commas between.
const char *gl_push_names(lua_State *L, const gl_member *const *lists);
const char *gl_nearest_member(const char *word, const gl_member *const *lists);

#endif
