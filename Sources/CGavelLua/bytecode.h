// Functions as lua_dump writes them: the format of Lua 5.4 (ldump.c, lopcodes.h), written by the same library a moment
// ago. Lua's API does not tell what a function assigns.
#ifndef GAVEL_LUA_BYTECODE_H
#define GAVEL_LUA_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  void *context;
  // A string among the constants of the function or of one nested in it. May raise.
  void (*on_text)(void *context, const char *text, size_t length);
  // An assignment to a variable outside of the function, in it or in one nested in it. upvalue: counted from 1, of the
  // function itself. May raise.
  void (*on_assignment)(void *context, int upvalue, int32_t line);
  // A global that it or one nested in it reads or sets; is_nested: not in it itself. May raise.
  void (*on_global)(void *context, const char *name, size_t length, bool is_set, bool is_nested, int32_t line);
  // The line of an instruction, but for those that begin and end every function, in it or in one nested in it.
  void (*on_line)(void *context, int32_t line);
  int32_t most_fields;  // 0: any number
  int32_t chain_line;   // of an expression that goes through more
} gl_function_visitor;

// False: it is not what was expected, and perhaps only a part was visited.
bool gl_visit_function(const uint8_t *dump, size_t length, gl_function_visitor *visitor);
// The line of an expression that goes through more than `most` fields one after the other, in the dumped function or
// in one nested in it; 0: there is none.
int32_t gl_line_of_chain(const uint8_t *dump, size_t length, int32_t most);
// The line on which a local of that name, of the dumped function itself, is declared: the last up to `before`. 0: none.
int32_t gl_line_of_local(const uint8_t *dump, size_t length, const char *name, int32_t before);

#endif
