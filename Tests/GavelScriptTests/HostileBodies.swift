import GavelScript
import Testing

/// The body of a command that tries to get out of its budget, and what may come of it.
struct HostileBody: Sendable, CustomTestStringConvertible {
    enum End: Sendable {
        case ok
        case failed(ScriptError.Kind)
    }

    var what: String
    var ends: [End]
    /// Most CPU time it may take.
    var limit: Duration
    var body: String

    init(_ what: String, _ ends: [End], _ milliseconds: Int, _ body: String) {
        self.what = what
        self.ends = ends
        self.limit = .milliseconds(milliseconds)
        self.body = body
    }

    var testDescription: String { self.what }

    func admits(_ kind: ScriptError.Kind?) -> Bool {
        self.ends.contains {
            switch $0 {
            case .ok: kind == nil
            case .failed(let expected): kind == expected
            }
        }
    }
}

extension HostileBody.End {
    static var script: Self { .failed(.script) }
    static var budget: Self { .failed(.budget) }
    static var memory: Self { .failed(.memory) }
    static var effects: Self { .failed(.effects) }
}

let hostileBodies: [HostileBody] = controlBodies + libraryBodies + memoryBodies + errorBodies

private let controlBodies: [HostileBody] = [
    .init("a loop without end", [.budget], 50, "repeat until false"),
    .init(
        "a loop that is long",
        [.budget],
        50,
        "local n = 0 for i = math.mininteger, math.maxinteger do n = n + i end"
    ),
    .init(
        "a loop inside a pcall inside a loop",
        [.budget],
        50,
        "while true do pcall(function() while true do end end) end"
    ),
    .init(
        "an error handler that loops",
        [.budget],
        50,
        "xpcall(function() repeat until nil end, function() repeat until nil end)"
    ),
    .init("an error handler that loops, for an error", [.budget], 50, "xpcall(error, function() repeat until nil end)"),
    .init(
        "closing a variable while the hook is stopped",
        [.budget],
        50,
        """
        local forever = setmetatable({}, { __close = function() while true do pcall(error) end end })
        local function f()
          local a <close> = forever
          local b <close> = setmetatable({}, { __close = function() while true do end end })
          while true do end
        end
        while true do pcall(f) end
        """
    ),
    .init("a recursion", [.script, .memory, .budget], 50, "local function f(n) return f(n + 1) + 1 end f(1)"),
    .init("a recursion of pcalls", [.script, .memory, .budget, .ok], 50, "local function f() return pcall(f) end f()"),
    .init("a tail call without end", [.budget], 50, "local function f() return f() end f()"),
    .init(
        "a metamethod that is itself",
        [.script, .budget],
        50,
        "local t = {} setmetatable(t, { __index = t }) return { x = t.x }"
    ),
    .init(
        "tostring of a table that asks for its text",
        [.script, .memory, .budget],
        50,
        "tostring(setmetatable({}, { __tostring = tostring }))"
    ),
    .init(
        "a library function as metamethod",
        [.budget],
        50,
        "local t = setmetatable({}, { __index = rawget }) while true do local x = t[1] end"
    ),
    .init(
        "an iterator without end",
        [.budget],
        50,
        "for _ in next, { 1 }, nil do for _ in function() return 1 end do end end"
    ),
    .init("a chain of goto", [.budget], 50, "::again:: goto again"),
    .init("finalizers", [.script], 50, "setmetatable({}, { __gc = function() repeat until nil end })"),
    .init(
        "a finalizer put there later",
        [.ok],
        50,
        "local m = {} for i = 1, 50 do pcall(setmetatable, {}, m) m.__gc = function() repeat until nil end end"
    ),
    .init("coroutines", [.script], 10, "coroutine.wrap(function() coroutine.yield(1) end)()"),
]

private let libraryBodies: [HostileBody] = [
    .init(
        "a sort of long texts that are nothing but zero bytes",
        [.ok, .budget],
        80,
        "local t, s = {}, ('\\0'):rep(500000) for i = 1, 300 do t[i] = s end table.sort(t)"
    ),
    .init(
        "a frontier with a set of a megabyte",
        [.ok, .budget],
        80,
        "return { n = ('a'):rep(1000):find('%f[' .. ('b'):rep(400000) .. ']') }"
    ),
    .init("nothing, repeated very often", [.ok], 5, "assert(('').rep('', 1 << 50) == '') assert(('x'):rep(-1) == '')"),
    .init("a text repeated too often", [.script], 5, "local s = ('abc'):rep(1 << 40)"),
    .init("a pattern that backtracks", [.budget], 50, "return { n = (('a'):rep(30000)):find(('a-'):rep(20) .. 'b') }"),
    .init(
        "patterns that backtrack, behind pcall",
        [.budget],
        50,
        """
        local s = ('a'):rep(4000)
        while true do
          pcall(string.match, s, ('a?'):rep(50) .. ('a'):rep(50) .. 'c')
          pcall(string.gsub, s, ('.*'):rep(25) .. 'c', '%0')
          pcall(function() for _ in s:gmatch('.-.-.-.-c') do end end)
        end
        """
    ),
    .init("a balanced match at each place", [.budget], 50, "return { n = ('('):rep(60000):find('%b()') }"),
    .init("back references to a long capture", [.budget, .ok], 50, "local s = ('a'):rep(50000) s:match('^(a+)(%1)b')"),
    .init(
        "a long set in a pattern",
        [.budget, .ok],
        50,
        "local s, p = ('a'):rep(50000), '[' .. ('b'):rep(50000) .. ']' s:find(p)"
    ),
    .init(
        "a long needle in a long text",
        [.ok],
        30,
        "local s = ('a'):rep(300000) assert(not s:find(('a'):rep(100000) .. 'b', 1, true))"
    ),
    .init(
        "plain searches in a loop",
        [.budget],
        60,
        "local s = ('a'):rep(900000) while true do s:find('b', 1, true) end"
    ),
    .init(
        "a replacement that grows",
        [.script, .memory, .budget],
        60,
        "local s = ('a'):rep(1000) while true do s = s:gsub('a', s) end"
    ),
    .init(
        "concatenation over a range without end",
        [.script, .budget],
        50,
        "table.concat(setmetatable({}, { __index = table.concat }), '', 1, 1 << 60)"
    ),
    .init("moves over a range without end", [.script, .budget], 50, "table.move({}, 1, math.maxinteger - 1, 2)"),
    .init("results without end", [.script], 10, "return { table.unpack({}, 1, 1e8) }"),
    .init(
        "a sort whose order is a library function",
        [.script],
        50,
        "local t = {} for i = 1, 3000 do t[i] = function() repeat until nil end end table.sort(t, pcall)"
    ),
    .init(
        "a sort whose order contradicts itself",
        [.ok, .budget],
        50,
        "local t = {} for i = 1, 500 do t[i] = i % 7 end table.sort(t, function() return true end)"
    ),
    .init("a large sort", [.budget, .ok], 60, "local t = {} for i = 1, 50000 do t[i] = -i % 977 end table.sort(t)"),
    .init("counting characters in a loop", [.budget], 60, "local s = ('x'):rep(900000) while true do utf8.len(s) end"),
    .init(
        "looking for a character in a loop",
        [.budget],
        60,
        "local s = ('x'):rep(900000) while true do utf8.offset(s, 899999) end"
    ),
    .init("inserts at the front", [.budget, .memory], 60, "local t = {} while true do table.insert(t, 1, 0) end"),
    .init(
        "removes at the front",
        [.budget],
        60,
        "local t = {} for i = 1, 40000 do t[i] = i end while t[1] do table.remove(t, 1) end"
    ),
    .init(
        "upper case in a loop",
        [.budget, .memory],
        60,
        "local s = ('x'):rep(900000) while true do s = s:upper() end"
    ),
    .init(
        "numbers of a million digits",
        [.budget, .script],
        60,
        "local s = '0x' .. ('f'):rep(900000) while true do local n = s | 1 end"
    ),
    .init(
        "numbers of a million digits, read",
        [.budget],
        60,
        "local s = ('1'):rep(900000) while true do tonumber(s) end"
    ),
    .init(
        "pairs in pairs",
        [.budget],
        60,
        "local t = {} for i = 1, 5000 do t[-i] = i end for _ in pairs(t) do for _ in pairs(t) do end end"
    ),
    .init(
        "next, key by key",
        [.budget, .ok],
        60,
        "local t = {} for i = 1, 5000 do t[-i] = i end local k repeat k = next(t, k) until not k"
    ),
    .init(
        "numbers of odd widths",
        [.ok],
        10,
        "assert(not pcall(string.format, '%999d', 1)) assert(not pcall(string.format, '%.999f', 1)) assert(#('%99.99f'):format(-1e308) > 300)"
    ),
    .init("packing more than is allowed", [.script, .memory], 20, "string.pack('c' .. (1 << 30), 'x')"),
    .init(
        "json in a loop",
        [.budget],
        60,
        "local s = '[' .. ('1,'):rep(20000) .. '1]' while true do gavel.json.decode(s) end"
    ),
    .init(
        "others of a room in a loop",
        [.budget],
        60,
        "while true do local list = room.clients, room:others(client) end"
    ),
]

private let memoryBodies: [HostileBody] = [
    .init("all memory", [.memory, .budget], 200, "local t = {} for i = 1, 1e9 do t[i] = { i } end"),
    .init(
        "all memory, again and again",
        [.memory, .budget],
        200,
        "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end"
    ),
    .init("one large text", [.memory, .script], 60, "local s = 'x' while true do s = s .. s end"),
    .init(
        "large texts in a row",
        [.budget, .memory],
        60,
        "local s = ('x'):rep(600000) while true do local t = s .. 'y' end"
    ),
    .init(
        "large texts, kept",
        [.memory, .budget],
        200,
        "local t = {} for i = 1, 100 do t[i] = ('x'):rep(500000 + i) end"
    ),
    .init(
        "state that grows",
        [.memory, .budget],
        200,
        "local t = room.state while true do t[#t + 1] = ('x'):rep(1000) .. #t end"
    ),
    .init(
        "a weak table, slipped in",
        [.memory, .budget, .ok],
        300,
        """
        local meta = {}
        local outer = setmetatable({ __newindex = {} }, meta)
        meta.__mode = "v"
        local keep = {}
        pcall(function() for i = 1, 70 do keep[i] = ("y"):rep(90000 + i) end end)
        for round = 1, 40 do local t = setmetatable({}, outer) for i = 1, 12 do t[i] = i end end
        """
    ),
    .init("a weak table", [.script], 10, "setmetatable({}, { __mode = 'k' })"),
]

private let errorBodies: [HostileBody] = [
    .init(
        "an error whose text is never done",
        [.script],
        10,
        "error(setmetatable({}, { __tostring = function() repeat until nil end }))"
    ),
    .init("errors in the handling of errors", [.ok], 10, "assert(xpcall(error, function(e) error(e) end) == false)"),
    .init("an error of a megabyte", [.script], 10, "error(('x'):rep(900000))"),
    .init("an error without a value", [.script], 10, "error()"),
    .init("an error far up the stack", [.script], 10, "error('x', 1 << 60)"),
    .init("effects without end", [.effects], 50, "for i = 1, 1e6 do room:broadcast { type = 'x', i = i } end"),
    .init(
        "effects without end, behind pcall",
        [.effects],
        50,
        "while true do pcall(room.send, room, 1, { type = 'x' }) end"
    ),
    .init(
        "large effects",
        [.memory, .script, .budget],
        100,
        "local s = ('x'):rep(900000) for i = 1, 200 do room:broadcast { type = 'x', s = s } end"
    ),
    .init("log lines without end", [.budget], 60, "while true do gavel.log('x', { a = 1 }) print(1) end"),
    .init("a table in itself", [.script], 10, "local t = { type = 'x' } t.t = t room:broadcast(t)"),
    .init(
        "a table in itself twice at each level",
        [.script, .budget],
        60,
        "local t = { type = 'x' } t.a, t.b = t, t room:broadcast(t)"
    ),
    .init("not a number", [.script], 10, "room:broadcast { type = 'x', n = 0/0 }"),
    .init(
        "globals that are not there",
        [.ok],
        10,
        "for _, n in ipairs { 'io', 'os', 'debug', 'package', 'load', 'dofile', 'loadfile', 'warn', 'collectgarbage', 'coroutine' } do assert(_G[n] == nil, n) end"
    ),
    .init(
        "the metatable of texts",
        [.ok],
        10,
        "assert(getmetatable('') == false) assert(not pcall(setmetatable, '', {}))"
    ),
    .init(
        "arithmetic on texts",
        [.ok],
        10,
        "assert(not pcall(function() return '10' + 1 end)) assert(string.dump == nil and math.randomseed == nil)"
    ),
    .init(
        "the metatables of the host",
        [.ok],
        10,
        "for _, v in ipairs { room, client, msg, gavel, _G, _ENV, gavel.integer, gavel.json.object {} } do assert(getmetatable(v) == false) end"
    ),
    .init("a json text that is too long", [.script], 20, "gavel.json.decode(('1'):rep(200000))"),
    .init("hooks set by a hook", [.script], 10, "gavel.rules()"),
    .init(
        "addresses",
        [.ok],
        10,
        "assert(tostring({}) == 'table' and tostring(print) == 'function' and tostring(client) == 'client 1') assert(not pcall(string.format, '%p', {})) assert(('%s %5s'):format({}, true) == 'table  true')"
    ),
]
