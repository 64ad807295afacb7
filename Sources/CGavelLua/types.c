// The editor's stub: all that scripts may use, as the Lua language server reads it. Written from the tables that
// register the names.
#include "schemas.h"
#include "tests.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

// Where the first of the characters stands outside of brackets, or the end.
static const char *find_outside(const char *p, const char *end, const char *characters) {
  int depth = 0;
  for (bool is_quoted = false; p < end; p++) {
    if (*p == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (depth == 0 && strchr(characters, *p) != NULL) return p;
    if (strchr("([{<", *p) != NULL) depth++;
    if (strchr(")]}>", *p) != NULL) depth--;
  }
  return end;
}

// The bracket that closes the one at p.
static const char *find_close(const char *p, const char *end) { return find_outside(p + 1, end, ")>"); }

static void write_span(FILE *out, const char *before, const char *from, const char *to) {
  while (from < to && *from == ' ') from++;
  fprintf(out, "%s%.*s", before, (int)(to - from), from);
}

// Each of the types, with commas between, in a line of its own.
static void write_each(FILE *out, const char *before, const char *from, const char *to) {
  while (from < to) {
    const char *comma = find_outside(from, to, ",");
    write_span(out, before, from, comma);
    fputc('\n', out);
    from = comma + 1;
  }
}

static void write_parameters(FILE *out, const char *from, const char *to) {
  while (from < to) {
    const char *comma = find_outside(from, to, ","), *colon = find_outside(from, comma, ":");
    write_span(out, "---@param ", from, colon);
    write_span(out, " ", colon + 1, comma);
    fputc('\n', out);
    from = comma + 1;
  }
}

static void write_names(FILE *out, const char *from, const char *to) {
  for (const char *before = ""; from < to; before = ", ") {
    const char *comma = find_outside(from, to, ","), *colon = find_outside(from, comma, ":");
    write_span(out, before, from, colon[-1] == '?' ? colon - 1 : colon);
    from = comma + 1;
  }
}

// prefix is "Room:", "gavel." or empty.
static void write_function(FILE *out, const char *prefix, const char *name, const char *type, const char *text) {
  const char *end = type + strlen(type), *p = type;
  fprintf(out, "\n---%s\n", text);
  if (*p == '<') {
    const char *close = find_close(p, end);
    write_span(out, "---@generic ", p + 1, close);
    fputc('\n', out);
    p = close + 1;
  }
  const char *close = find_close(p, end);
  write_parameters(out, p + 1, close);
  if (close[1] == ':') write_each(out, "---@return ", close + 2, end);
  fprintf(out, "function %s%s(", prefix, name);
  write_names(out, p + 1, close);
  fputs(") end\n", out);
}

static bool is_function(const gl_member *m) { return *m->type == '(' || *m->type == '<'; }

static void write_fields(FILE *out, const gl_member *const *lists) {
  for (; *lists != NULL; lists++) {
    for (const gl_member *m = *lists; m->name != NULL; m++) {
      if (is_function(m)) continue;
      fprintf(out, "---@field %s %s %s\n", m->name, m->type, m->text);
    }
  }
}

static void write_functions(FILE *out, const char *prefix, const gl_member *const *lists) {
  for (; *lists != NULL; lists++) {
    for (const gl_member *m = *lists; m->name != NULL; m++) {
      if (is_function(m)) write_function(out, prefix, m->name, m->type, m->text);
    }
  }
}

// { min?: integer, max?: integer, default?: string }
static void write_options(FILE *out, const gl_schema_form *form) {
  const char *before = "{ ";
  for (const char *const *option = form->options; *option != NULL; option++, before = ", ") {
    bool is_default = strcmp(*option, "default") == 0;
    const char *bound = strcmp(form->name, "number") == 0 ? "number" : "integer";
    fprintf(out, "%s%s?: %s", before, *option, is_default ? form->value : bound);
  }
  fputs(" }", out);
}

static void write_schema_classes(FILE *out) {
  for (int kind = 0; kind < GL_SCHEMA_KINDS; kind++) {
    const gl_schema_form *form = &gl_schema_forms[kind];
    if (form->function != NULL) continue;
    fprintf(out, "\n---@class Schema.%s: Schema\n---@overload fun(options: ", form->name);
    write_options(out, form);
    fputs("): Schema\n", out);
  }
}

static void write_schema_fields(FILE *out) {
  for (int kind = 0; kind < GL_SCHEMA_KINDS; kind++) {
    const gl_schema_form *form = &gl_schema_forms[kind];
    if (form->function == NULL) fprintf(out, "---@field %s Schema.%s %s\n", form->name, form->name, form->text);
  }
}

static void write_schema_functions(FILE *out) {
  for (int kind = 0; kind < GL_SCHEMA_KINDS; kind++) {
    const gl_schema_form *form = &gl_schema_forms[kind];
    if (form->function == NULL) continue;
    fprintf(out, "\n---%s\n", form->text);
    write_parameters(out, form->argument, form->argument + strlen(form->argument));
    // one_of has its options among the values.
    bool has_options = form->options[0] != NULL && kind != GL_ONE_OF_SCHEMA;
    if (has_options) {
      fputs("---@param options? ", out);
      write_options(out, form);
      fputc('\n', out);
    }
    fprintf(out, "---@return Schema\nfunction gavel.%s(", form->name);
    write_names(out, form->argument, form->argument + strlen(form->argument));
    fputs(has_options ? ", options) end\n" : ") end\n", out);
  }
}

static void write_removals(FILE *out) {
  for (const gl_removal *r = gl_removals; r->name != NULL; r++) {
    fprintf(out, "\n---%c%s\n---@deprecated\nfunction %s%s%s() end\n", toupper(r->text[0]), r->text + 1,
            r->library != NULL ? r->library : "", r->library != NULL ? "." : "", r->name);
  }
}

// What only files of tests may use.
static void write_test_class(FILE *out, const char *name, const gl_member *const *lists) {
  char prefix[32];
  snprintf(prefix, sizeof prefix, "%s:", name);
  fprintf(out, "\n---@class %s\n", name);
  write_fields(out, lists);
  fprintf(out, "local %s = {}\n", name);
  write_functions(out, prefix, lists);
}

static void write_test_classes(FILE *out) {
  fputs("\n---@class TestSettings\n", out);
  for (const gl_member *m = gl_test_settings; m->name != NULL; m++) {
    fprintf(out, "---@field %s? %s %s\n", m->name, m->type, m->text);
  }
  write_test_class(out, "TestRoom", gl_test_room_members);
  write_test_class(out, "TestClient", gl_test_client_members);
  write_test_class(out, "Test", gl_test_members);
}

static void write_all(FILE *out) {
  fputs("---@meta _\n\n-- What rules may use, for editors. Written by `gavel types`, each time anew.\n", out);

  fputs("\n---@class Message\n---@field type string\n---@field ref? string|integer\n---@field [string] any\n", out);
  fputs("\n---@class Client\n", out);
  write_fields(out, gl_client_members);
  fputs("\n---@class Room\n", out);
  write_fields(out, gl_room_members);
  fputs("local Room = {}\n", out);
  write_functions(out, "Room:", gl_room_members);

  fputs("\n---@class Options\n", out);
  for (const gl_member *const *list = gl_option_members; *list != NULL; list++) {
    for (const gl_member *m = *list; m->name != NULL; m++) {
      fprintf(out, "---@field %s? %s %s\n", m->name, m->type, m->text);
    }
  }
  fputs("\n---@class Rules\n", out);
  write_fields(out, gl_rules_members);

  fputs("\n---@class Schema\n", out);
  write_schema_classes(out);
  fputs("\n---@class GavelJSON\nlocal json = {}\n", out);
  write_functions(out, "json.", gl_json_members);
  write_test_classes(out);
  fputs("\n---@class Gavel\n", out);
  write_fields(out, gl_gavel_members);
  write_fields(out, gl_test_gavel_members);
  write_schema_fields(out);
  fputs("gavel = {}\n", out);
  write_functions(out, "gavel.", gl_gavel_members);
  write_functions(out, "gavel.", gl_test_gavel_members);
  write_schema_functions(out);

  for (const gl_member *const *list = gl_base_members; *list != NULL; list++) {
    for (const gl_member *m = *list; m->name != NULL; m++) {
      if (is_function(m)) continue;
      fprintf(out, "\n---%s\n---@type %s\n%s = nil\n", m->text, m->type, m->name);
    }
  }
  write_functions(out, "", gl_base_members);
  write_removals(out);
}

char *gl_types(void) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (out == NULL) return NULL;
  write_all(out);
  bool is_whole = ferror(out) == 0;
  if (fclose(out) == 0 && is_whole) return text;
  free(text);
  return NULL;
}
