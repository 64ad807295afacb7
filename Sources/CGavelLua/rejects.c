// What a reject undid: for those who write rules, who may have meant to keep it.
#include "engine.h"
#include "report.h"
#include "state.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NAMES = 3, LOOKED_AT = 200 };

static void add(lua_State *L, const char *text, int separate) {
  if (separate) lua_pushstring(L, separate == 1 ? ", " : " and ");
  lua_pushstring(L, text);
  lua_concat(L, separate ? 3 : 2);
}

// Pushes "2 changes (room.state.muted, client.data.strikes)"; the number of changes is its result.
static int push_changes(lua_State *L) {
  const gl_engine *e = gl_engine_of(L);
  uint32_t entries = e->journal_count < LOOKED_AT ? e->journal_count : LOOKED_AT;
  lua_newtable(L);
  int seen = lua_gettop(L), changes = 0;
  lua_pushliteral(L, "");
  int names = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, GL_SLOT_JOURNAL);
  int journal = lua_gettop(L);
  for (uint32_t i = 0; i < entries; i++) {
    lua_rawgeti(L, journal, 3 * (lua_Integer)i + 1);
    lua_rawgeti(L, journal, 3 * (lua_Integer)i + 2);
    gl_push_path(L, journal + 1, &(gl_key_chain){.key = journal + 2});
    lua_pushvalue(L, -1);
    if (lua_rawget(L, seen) == LUA_TNIL) {
      if (changes++ < MOST_NAMES) {
        lua_pushvalue(L, names);
        add(L, lua_tostring(L, journal + 3), changes > 1);
        lua_replace(L, names);
      }
      lua_pushvalue(L, journal + 3);
      lua_pushboolean(L, 1);
      lua_rawset(L, seen);
    }
    lua_settop(L, journal);
  }
  const char *more = changes > MOST_NAMES ? ", …" : "";
  lua_pushfstring(L, changes == 1 ? "%d change (%s%s)" : "%d changes (%s%s)", changes, lua_tostring(L, names), more);
  lua_replace(L, seen);
  lua_settop(L, seen);
  return changes;
}

// One and several of a kind.
static const char *const effect_names[GL_EFFECT_KINDS][2] = {
    [GL_BROADCAST] = {"broadcast", "broadcasts"}, [GL_SEND] = {"send", "sends"},
    [GL_KICK] = {"kick", "kicks"},                [GL_SYNC] = {"sync", "syncs"},
    [GL_LOCK] = {"lock", "locks"},                [GL_UNLOCK] = {"unlock", "unlocks"},
    [GL_CLOSE] = {"close", "closes"},             [GL_MOVE] = {"move", "moves"},
    [GL_SIGNAL] = {"signal", "signals"},
};

// What a newcomer is shown is the relay's doing, and stands first.
static uint32_t first_effect(const gl_engine *e) {
  return e->is_join && e->effect_count > 0 && e->effects[0].kind == GL_SYNC ? 1 : 0;
}

static int explain(lua_State *L) {
  gl_engine *e = gl_engine_of(L);
  lua_settop(L, 0);
  if (push_changes(L) == 0) {
    lua_pushliteral(L, "");
    lua_replace(L, 1);
  }
  uint32_t counts[GL_EFFECT_KINDS] = {0};
  for (uint32_t i = first_effect(e); i < e->effect_count; i++) counts[e->effects[i].kind]++;
  for (int kind = 0; kind < GL_EFFECT_KINDS; kind++) {
    if (counts[kind] == 0) continue;
    bool is_last = true;
    for (int other = kind + 1; other < GL_EFFECT_KINDS; other++) is_last = is_last && counts[other] == 0;
    char text[40];
    snprintf(text, sizeof text, "%u %s", counts[kind], effect_names[kind][counts[kind] > 1]);
    add(L, text, lua_rawlen(L, 1) == 0 ? 0 : is_last ? 2 : 1);
  }
  const char *instead = e->is_join     ? "A join that is refused leaves nothing behind."
                        : e->is_filter ? "To keep them, send a message and return gavel.drop."
                                       : "To keep them, send a message and return.";
  gl_error *error = &gl_failure_of(e)->error;
  snprintf(error->message, sizeof error->message, "this gavel.reject undid %s. %s", lua_tostring(L, 1), instead);
  return 0;
}

bool gl_explain_reject(gl_engine *e) {
  if (!e->explains_rejects || (e->journal_count == 0 && e->effect_count == first_effect(e))) return false;
  int phase = e->phase;
  // Charges nothing, and ends without an answer where there is no memory for one.
  e->phase = GL_PHASE_SETUP;
  lua_pushcfunction(e->L, explain);
  bool is_explained = lua_pcall(e->L, 0, 0, 0) == LUA_OK;
  lua_settop(e->L, 0);
  e->phase = phase;
  e->scratch.length = 0;
  gl_failure_of(e)->error.kind = GL_ERROR_SCRIPT;
  return is_explained;
}

void gl_explain_rejects(gl_engine *e) { e->explains_rejects = true; }
