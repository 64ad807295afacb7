import GavelScript
import Logging
import Testing

@Suite("names of functions in tracebacks")
struct FunctionNameTests {
    /// What the log calls `f`, which a command calls.
    private func name(_ declaration: String) throws -> String {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.run = {}
            \(declaration)
            rules.commands.run = f
            return rules
            """
        )
        room.join(1)
        room.send(1, #"{"type":"run"}"#)
        return self.innermost(room)
    }

    private func innermost(_ room: ScriptedRoom) -> String {
        guard case .array(let entries)? = room.log.entries.last?.metadata["traceback"] else { return "" }
        return entries.first.map { "\($0)".split(separator: " ", maxSplits: 1).last.map(String.init) ?? "" } ?? ""
    }

    @Test("are those of hooks, too, of the one for all types as well")
    func hooks() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.run = {}
            rules.filters["*"] = function() error("x") end
            return rules
            """
        )
        room.join(1)
        room.send(1, #"{"type":"run"}"#)
        #expect(self.innermost(room) == #"in filters["*"]"#)
    }

    @Test(
        "are those that the source gives them",
        arguments: [
            ("local function f() error('x') end", "in f"), ("local f = function() error('x') end", "in f"),
            ("local t = {} function t.inner() error('x') end local f = t.inner", "in t.inner"),
            ("local t = { go = function() error('x') end } local f = t.go", "in go"),
            ("local t = {} function t:m() error('x') end local f = t.m", "in t:m"),
            ("-- function no()\nlocal function f() error('x') end", "in f"),
            ("--[==[ function no() ]] ]==] local function f() error('x') end", "in f"),
            ("local s = [[\nfunction no()\n]] local function f() error('x') end", "in f"),
            ("local s = 'function \\' no()' local function f() error('x') end", "in f"),
            ("local s = \"function no()\" local function f() error('x') end", "in f"),
            ("local a = 1 ~= 2, 3 <= 4, 5 == 6 local function f() error('x') end", "in f"),
            ("local function g() end local function f() error('x') end", "in the function of line 3"),
            ("local a, b = function() error('x') end, 1 local f = a", "in a"),
            ("local t, b = {} t.go, b = function() error('x') end, 1 local f = t.go", "in t.go"),
            ("local b, t = 1, {} b, t.go = 2, function() error('x') end local f = t.go", "in the function of line 3"),
            ("local t, b = { {} } t[1].go, b = function() error('x') end local f = t[1].go", "in t[1].go"),
            ("local t = { 1, b = function() error('x') end } local f = t.b", "in b"),
            ("local t = { 1, ['b c'] = function() error('x') end } local f = t['b c']", "in ['b c']"),
            ("local t = { 1 } t[ t[1] ] = function() error('x') end local f = t[1]", "in t[t[1]]"),
            ("local a <const>, b <close> = function() error('x') end, nil local f = a", "in a"),
            ("local t = {} ;(t)['go'] = function() error('x') end local f = t.go", "in the function of line 3"),
            ("local f = pcall and (function() error('x') end)", "in the function of line 3"),
        ]
    )
    func names(declaration: String, name: String) throws {
        #expect(try self.name(declaration) == name)
    }
}
