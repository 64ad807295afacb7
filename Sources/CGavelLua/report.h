// What went wrong, and where.
#ifndef GAVEL_LUA_REPORT_H
#define GAVEL_LUA_REPORT_H

#include "engine.h"

// Where what fails is written down. Without memory for it, somewhere that all engines of the thread share.
gl_failure *gl_failure_of(gl_engine *e);
void gl_record_place(gl_engine *e, lua_State *L);
int gl_on_error(lua_State *L);
void gl_report(gl_engine *e, int status);
void gl_copy_text(char *out, size_t capacity, const char *text, size_t length);
// Splits "file:line: text" where it begins so.
bool gl_split_place(gl_error *error, const char *name);
// Where the script is that runs. False: it is in none of its functions.
bool gl_find_place(lua_State *L, char *file, size_t capacity, int32_t *line);

// rejects.c: puts into e->error what the reject undoes. False: it undoes nothing, or nobody is to be told.
bool gl_explain_reject(gl_engine *e);

#endif
