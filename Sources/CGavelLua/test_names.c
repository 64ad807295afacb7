// The names that tests may use; the host knows what they do.
#include "tests.h"

static const gl_member gavel[] = {
    {"test", NULL, "(rules: string, settings?: TestSettings): fun(name: string, body: fun(t: Test))",
     "In a file of tests: begins tests of a rules file. Call what it returns with a name and a function for each test."},
    {0},
};

static const gl_member gavel_values[] = {
    {"absent", NULL, "any", "In what a test expects: the field must not be there."},
    {0},
};

static const gl_member test_functions[] = {
    {"join", NULL, "(name?: string, fields?: table): TestClient",
     "A new client joins the room; the test fails where it is refused. fields: further fields of its join, such as "
     "`room` for another room, or `resume = false` for a client that cannot come back."},
    {"try_join", NULL, "(name?: string, fields?: table): TestClient",
     "As join, for a client that may be refused: expect_error tells how."},
    {"expect_all", NULL, "(message: table)", "Everyone in the room has received such a message."},
    {"expect_others", NULL, "(client: TestClient, message: table)", "Everyone in the room but this client has."},
    {"expect_nothing", NULL, "()", "Nobody has anything unread."},
    {"expect_failure", NULL, "(text?: string)",
     "A hook of the rules has failed, and its error contains the text. Without this, a hook that fails fails the test."},
    {"expect_log", NULL, "(text: string)", "The rules have logged a line that contains the text."},
    {"advance", NULL, "(time: string)", "Lets time pass: \"500ms\", \"30s\", \"10m\". Timers run when they are due."},
    {"signal", NULL, "(name: string, data?: any, from?: string)",
     "Sends a signal to the room, as another room's gavel.signal would."},
    {"reload", NULL, "(version?: string)",
     "The room goes on under another version of its rules: a file, a text, or its own file once more."},
    {"try_reload", NULL, "(version?: string): string?",
     "As reload, of a version that may be refused: returns why, or nil where the room goes on under it."},
    {"room", NULL, "(key: string): TestRoom", "Another room of this test."},
    {"read", NULL, "()", "Everyone has read all that came; what is expected from here on is new."},
    {"equal", NULL, "(actual: any, expected: any)", "The two are the same, tables by what they hold."},
    {"fail", NULL, "(text: string)", "Fails the test."},
    {0},
};

static const gl_member test_fields[] = {
    {"state", NULL, "table", "A copy of room.state as it is now; nil where the room is not there."},
    {"key", NULL, "string", "The room's key."},
    {"now", NULL, "integer", "What gavel.now() is now."},
    {0},
};

static const gl_member client_functions[] = {
    {"send", NULL, "(message: table|string)", "Sends a message; a text is sent as it is."},
    {"ask", NULL, "(message: table): table", "Sends a message with a `ref` and returns the reply."},
    {"expect", NULL, "(message: table): table",
     "Among what it has not read there is a message with these fields. Returns it; what came before it counts as read."},
    {"expect_exactly", NULL, "(message: table): table",
     "The next message it reads has these fields and no others, but for client_id and msg_id."},
    {"expect_error", NULL, "(code: string, fields?: table): table",
     "The next error it reads has this code, or this reason of gavel.reject."},
    {"expect_reply", NULL, "(fields?: table): table", "The next reply it reads has these fields."},
    {"expect_none", NULL, "(message: table)", "Nothing that it has not read has these fields."},
    {"expect_nothing", NULL, "()", "It has read all that came; who came and went (presence) does not count."},
    {"expect_closed", NULL, "(code?: integer)", "The relay has closed its connection, with this code."},
    {"read", NULL, "(): table[]", "What it has not read so far, which counts as read from now on."},
    {"drop", NULL, "()", "Its connection is lost. It may come back."},
    {"come_back", NULL, "(): table", "A dropped client connects again and takes its session up. Returns its `joined`."},
    {"leave", NULL, "()", "Leaves the room; the connection stays."},
    {"join", NULL, "(room?: string, fields?: table)", "Joins a room, this test's own or another; leaves the one before."},
    {0},
};

static const gl_member client_fields[] = {
    {"id", NULL, "integer", "Its client_id in the room it is in, or was in last."},
    {"name", NULL, "string", "The name it joined with."},
    {"joined", NULL, "table", "The `joined` that it received last; nil where it was refused."},
    {"room", NULL, "string", "The key of the room it is in; nil: in none."},
    {"data", NULL, "table", "A copy of its client.data; nil where it is in no room."},
    {"connected", NULL, "boolean", "Whether it has a connection."},
    {0},
};

static const gl_member room_fields[] = {
    {"state", NULL, "table", "A copy of its room.state as it is now; nil where the room is not there."},
    {"key", NULL, "string", "Its key."},
    {0},
};

const gl_member gl_test_settings[] = {
    {"params", NULL, "table", "Params of the room, in place of those of the configuration."},
    {"presence", NULL, "boolean", "Whether the room is told who comes and goes."},
    {"max_clients", NULL, "integer|\"off\"", "Most clients in the room."},
    {"linger", NULL, "string", "How long the room is kept when everybody has left: \"30s\"."},
    {"history", NULL, "integer|\"off\"", "How many of its latest messages are kept for who comes back."},
    {"grace", NULL, "string", "How long a client may be away: \"1m\", or \"off\"."},
    {"key", NULL, "string", "The room's key; without it, one that fits the configuration."},
    {"seed", NULL, "integer", "Where random numbers begin; without it, the test's name decides."},
    {"rooms", NULL, "table<string, string|table>", "Other rooms: by the pattern of their keys, a rules file or settings."},
    {0},
};

const gl_member *const gl_test_gavel_members[] = {gavel, gavel_values, NULL};
const gl_member *const gl_test_members[] = {test_functions, test_fields, NULL};
const gl_member *const gl_test_client_members[] = {client_functions, client_fields, NULL};
const gl_member *const gl_test_room_members[] = {room_fields, NULL};
