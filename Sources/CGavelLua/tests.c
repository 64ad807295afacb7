// Files of tests, run: each call of a test goes to the host, and what that answers comes back as a value or an error.
#include "json.h"
#include "modules.h"
#include "report.h"
#include "seal.h"
#include "tests.h"

#include <stdio.h>
#include <string.h>

enum { CALL_UNITS = 400 };  // so that a test without end is found soon

enum {
  SLOT_FUNCTIONS = GL_SLOT_HOOKS,  // the tests' functions, in order
  SLOT_METATABLES,                 // + GL_OF_FILE ...: of the objects
};

struct gl_tests {
  gl_test_host host;
  void *context;
  int32_t wanted, count;
};

static const gl_member *const none[] = {NULL};

static const gl_member *const *members_of(int32_t of) {
  switch (of) {
    case GL_OF_GAVEL: return gl_test_gavel_members;
    case GL_OF_TEST: return gl_test_members;
    case GL_OF_CLIENT: return gl_test_client_members;
    case GL_OF_ROOM: return gl_test_room_members;
    default: return none;
  }
}

// What a designer calls the thing.
static const char *word_of(int32_t of) {
  static const char *const words[] = {"gavel", "what gavel.test returned", "t", "a client", "a room"};
  return words[of];
}

static const gl_member *find(int32_t of, const char *name) {
  for (const gl_member *const *list = members_of(of); *list != NULL; list++) {
    for (const gl_member *m = *list; m->name != NULL; m++) {
      if (strcmp(m->name, name) == 0) return m;
    }
  }
  return NULL;
}

static void push_object(lua_State *L, int32_t of, int64_t number) {
  gl_test_object *object = lua_newuserdatauv(L, sizeof *object, 0);
  *object = (gl_test_object){.is = GL_IS_TEST, .of = of, .number = number};
  lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_METATABLES + of);
  lua_setmetatable(L, -2);
}

// Ends the test, whatever it catches: an expectation that is not met is no error that a test may get over.
static int fail(lua_State *L, const uint8_t *text, size_t length) {
  gl_engine *e = gl_engine_of(L);
  gl_stop(e, GL_STOP_TEST);
  gl_error *error = &gl_failure_of(e)->error;
  gl_copy_text(error->message, sizeof error->message, (const char *)text, length);
  return gl_raise(L);
}

// Asks the host, and pushes what it answers. The arguments stand from the stack index on.
static int ask(lua_State *L, gl_test_call *call, int first) {
  gl_engine *e = gl_engine_of(L);
  size_t base = e->scratch.length;
  gl_charge(L, CALL_UNITS);
  gl_encode_arguments(L, first, call);
  if (!gl_find_place(L, call->file, sizeof call->file, &call->line)) call->line = 0;
  gl_test_answer answer = {0};
  e->tests->host(e->tests->context, call, &answer);
  e->scratch.length = base;
  switch (answer.kind) {
    case GL_ANSWER_FAILURE: return fail(L, answer.bytes, answer.length);
    case GL_ANSWER_JSON:
      if (gl_push_json(L, answer.bytes, answer.length) < 0) lua_pushnil(L);
      return 1;
    case GL_ANSWER_OBJECT:
      push_object(L, answer.of, answer.number);
      return 1;
    case GL_ANSWER_STATE:
      gl_push_kept(L, answer.engine, answer.client);
      return 1;
    default: return 0;
  }
}

// upvalues: the name and what has it.
static int call_method(lua_State *L) {
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  int32_t of = (int32_t)lua_tointeger(L, lua_upvalueindex(2));
  const gl_test_object *self = gl_to(L, 1, GL_IS_TEST);
  if (self == NULL || self->of != of) {
    return luaL_error(L, "%s needs %s in front. Write %s:%s(…) with a colon.", name, word_of(of),
                      of == GL_OF_TEST ? "t" : "ada", name);
  }
  return ask(L, &(gl_test_call){.of = of, .number = self->number, .name = name}, 2);
}

static int refuse_name(lua_State *L, int32_t of, const char *name) {
  gl_search search = {.word = name};
  gl_consider_members(&search, members_of(of));
  const char *before = of == GL_OF_GAVEL ? "gavel." : "";
  if (search.best != NULL) {
    return luaL_error(L, "%s has no %s%s. Did you mean %s%s?", word_of(of), before, name, before, search.best);
  }
  return luaL_error(L, "%s has no %s. It has %s.", word_of(of), name, gl_push_names(L, members_of(of)));
}

// upvalue: the functions that were asked for before.
static int read_member(lua_State *L) {
  const gl_test_object *self = gl_to(L, 1, GL_IS_TEST);
  if (self == NULL || lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "there is no such name here.");
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  const char *name = lua_tostring(L, 2);
  const gl_member *member = find(self->of, name);
  if (member == NULL) return refuse_name(L, self->of, name);
  if (*member->type != '(') {
    return ask(L, &(gl_test_call){.of = self->of, .number = self->number, .name = name, .is_field = true}, 3);
  }
  lua_pushvalue(L, 2);
  lua_pushinteger(L, self->of);
  lua_pushcclosure(L, call_method, 2);
  gl_keep_member(L, lua_upvalueindex(1), name);
  return 1;
}

static int write_member(lua_State *L) {
  return luaL_error(L, "what a test plays with is not written into: it is a copy, or belongs to the rules. Have a "
                       "client send a message.");
}

static int begin_file(lua_State *L) { return ask(L, &(gl_test_call){.of = GL_OF_GAVEL, .name = "test"}, 1); }

// test("name", function (t) … end)
static int add_test(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  const gl_test_object *self = gl_to(L, 1, GL_IS_TEST);
  if (e->tests->wanted > 0 && e->tests->count < 0) return luaL_error(L, "a test stands in the file, not in a test.");
  if (lua_type(L, 2) != LUA_TSTRING || lua_type(L, 3) != LUA_TFUNCTION) {
    return luaL_error(L, "a test is a name and a function: test(\"the first to come moves\", function(t) … end).");
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_FUNCTIONS);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, ++e->tests->count);
  lua_settop(L, 2);
  return ask(L, &(gl_test_call){.of = GL_OF_FILE, .number = self->number, .name = "add"}, 2);
}

static int read_gavel(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2);
  if (strcmp(name, "test") == 0) {
    lua_pushcfunction(L, begin_file);
  } else if (strcmp(name, "any") == 0) {
    lua_pushlightuserdata(L, &gl_anything);
  } else if (strcmp(name, "absent") == 0) {
    lua_pushlightuserdata(L, &gl_absent);
  } else if (strcmp(name, "null") == 0) {
    lua_pushlightuserdata(L, &gl_null);
  } else if (strcmp(name, "json") == 0) {
    lua_newtable(L);
    gl_set_members(L, gl_json_members[0], 0);
  } else if (strcmp(name, "rules") == 0) {
    return luaL_error(L, "this is a file of tests, not of rules. Write local test = gavel.test(\"tictactoe.lua\").");
  } else if (strcmp(name, "now") == 0) {
    return luaL_error(L, "there is no gavel.now in a test. Write t.now.");
  } else {
    return refuse_name(L, GL_OF_GAVEL, name);
  }
  gl_keep_member(L, 1, name);
  return 1;
}

static int gavel_is_fixed(lua_State *L) { return luaL_error(L, "gavel cannot be changed. Write a local."); }

static int read_global(lua_State *L) {
  static const struct {
    const char *name, *text;
  } strangers[] = {
      {"os", "there is no os here. Time passes when a test says so: t:advance(\"3s\")."},
      {"io", "there is no io here: a test reads and writes no files."},
      {"debug", "there is no debug here. To look at a value: print(value)."},
      {"wait", "there is no wait. Time passes when a test says so: t:advance(\"3s\")."},
      {"sleep", "there is no sleep. Time passes when a test says so: t:advance(\"3s\")."},
      {"room", "there is no room here. A test looks at t.state, and at t:room(\"key\").state."},
      {"test", "global \"test\" is not declared. Begin with local test = gavel.test(\"tictactoe.lua\")."},
  };
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2);
  for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
    if (strcmp(name, strangers[i].name) == 0) return luaL_error(L, "%s", strangers[i].text);
  }
  if (gl_push_global(L, name)) return 1;
  gl_search search = {.word = name};
  static const char *const libraries[] = {"gavel", "math", "string", "table", "utf8"};
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) gl_consider(&search, libraries[i]);
  gl_consider_members(&search, gl_base_members);
  if (search.best != NULL) return luaL_error(L, "global \"%s\" is not declared. Did you mean %s?", name, search.best);
  return luaL_error(L, "global \"%s\" is not declared. Write local %s.", name, name);
}

// assert counts as something that the test checks.
static int check(lua_State *L) {
  luaL_checkany(L, 1);
  ask(L, &(gl_test_call){.of = GL_OF_TEST, .name = "assert"}, lua_gettop(L) + 1);
  if (lua_toboolean(L, 1)) return lua_gettop(L);
  size_t length = 0;
  const char *text = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
  if (text == NULL) return luaL_error(L, "what is asserted is not so.");
  return luaL_error(L, "%s", text);
}

static void open_metatable(lua_State *L, int32_t of) {
  lua_createtable(L, 0, 4);
  lua_newtable(L);
  lua_pushcclosure(L, read_member, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, write_member);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, word_of(of));
  lua_setfield(L, -2, "__name");
  if (of == GL_OF_FILE) {
    lua_pushcfunction(L, add_test);
    lua_setfield(L, -2, "__call");
  }
  lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_METATABLES + of);
}

static void open_tests(lua_State *L) {
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_FUNCTIONS);
  for (int32_t of = GL_OF_FILE; of <= GL_OF_ROOM; of++) open_metatable(L, of);
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, read_gavel);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  gl_seal(L, gavel_is_fixed);
  lua_setfield(L, -2, "gavel");
  lua_pushcfunction(L, check);
  lua_setfield(L, -2, "assert");
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, read_global);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_settop(L, 0);
}

static int run(lua_State *L) {
  struct gl_tests *tests = gl_engine_of(L)->tests;
  open_tests(L);
  gl_run_file(L, 0);
  lua_settop(L, 0);
  if (tests->wanted == 0) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_FUNCTIONS);
  if (lua_rawgeti(L, 1, tests->wanted) == LUA_TNIL) return luaL_error(L, "the file has other tests each time it runs.");
  tests->count = -1;
  push_object(L, GL_OF_TEST, tests->wanted);
  lua_call(L, 1, 0);
  return 0;
}

bool gl_run_tests(gl_engine *e, const gl_source *sources, size_t count, int32_t test, gl_test_host host,
                  void *context) {
  struct gl_tests tests = {.host = host, .context = context, .wanted = test};
  gl_begin(e, (gl_context){0});
  if (!gl_take_files(e, sources, count)) {
    gl_failure_of(e)->error = (gl_error){.kind = GL_ERROR_MEMORY, .message = "not enough memory."};
    return false;
  }
  e->tests = &tests;
  e->load_sources = sources;
  e->phase = GL_PHASE_LOAD;
  bool ran = gl_run(e, run);
  e->phase = GL_PHASE_IDLE;
  e->load_sources = NULL;
  e->tests = NULL;
  lua_settop(e->L, 0);
  return ran;
}
