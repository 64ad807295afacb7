import GavelScript
import Logging
import Testing

@Suite("names of functions in tracebacks")
struct FunctionNameTests {
    /// The innermost entry of the traceback of a command that calls `f`, without its place.
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
        guard case .array(let entries)? = room.log.entries.last?.metadata["traceback"] else { return "" }
        return entries.first.map { "\($0)".split(separator: " ", maxSplits: 1).last.map(String.init) ?? "" } ?? ""
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
            ("local f = pcall and (function() error('x') end)", "in the function of line 3"),
        ]
    )
    func names(declaration: String, name: String) throws {
        #expect(try self.name(declaration) == name)
    }
}
