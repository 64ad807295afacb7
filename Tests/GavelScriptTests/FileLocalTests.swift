import GavelCore
import GavelScript
import Testing

@Suite("variables outside of hooks")
struct FileLocalTests {
    private func error(_ body: String, modules: [String: String] = [:]) -> String? {
        let error = loadError(
            """
            local rules = gavel.rules()
            rules.messages.move = {}
            local turn, count = 1, 0
            \(body)
            return rules
            """,
            modules: modules
        )
        return error?.description
    }

    private static let advice = "It would be lost on reload and not undone on an error: keep it in room.state"

    @Test(
        "that a hook changes are a mistake, told with the name, both places and what to do",
        arguments: [
            (
                "function rules.filters.move(room)\n  turn = 2\nend",
                "ttt.lua:5: \"turn\" is a local of the file (line 3), changed in filters.move. \(advice).turn."
            ),
            (
                "rules.commands.move = function(room) count = count + 1 end",
                "ttt.lua:4: \"count\" is a local of the file (line 3), changed in commands.move. \(advice).count."
            ),
            (
                "local function give()\n  turn = 2\nend\nlocal function start() give() end\nfunction rules.on_create() start() end",
                "ttt.lua:5: \"turn\" is a local of the file (line 3), changed in give."
            ),
            (
                "function rules.on_create(room)\n  table.sort({ 1, 2 }, function(a, b)\n    count = 5 return a < b end)\nend",
                "ttt.lua:6: \"count\" is a local of the file (line 3), changed in on_create."
            ),
            (
                "local game = {}\nfunction game.start()\n  turn = 2\nend\nfunction rules.timers.x() game.start() end",
                "ttt.lua:6: \"turn\" is a local of the file (line 3), changed in game.start."
            ),
            (
                "local lib = { inner = {} }\nfunction lib.inner.go() turn = 2 end\nfunction rules.timers.x() lib.inner.go() end",
                "ttt.lua:5: \"turn\" is a local of the file (line 3), changed in lib.inner.go."
            ),
            (
                "local function counter()\n  local n = 0\n  return function() n = n + 1 return n end\nend\nlocal id = counter()\nfunction rules.timers.x() id() end",
                "ttt.lua:6: \"n\" is a local outside of hooks, changed in the function of line 6. \(advice).n."
            ),
            (
                "do\n  local turn = 5\n  function rules.timers.x() turn = 6 end\nend",
                "ttt.lua:6: \"turn\" is a local of the file (line 5), changed in timers.x."
            ),
            (
                "local meta = { __index = function(t, k) turn = k end }\nlocal t = setmetatable({}, meta)\nfunction rules.timers.x() return t.a end",
                "ttt.lua:4: \"turn\" is a local of the file (line 3), changed in"
            ),
        ] as [(String, String)]
    )
    func changed(body: String, text: String) {
        #expect(self.error(body)?.hasPrefix(text) == true, "\(self.error(body) ?? "none")")
    }

    @Test("of a module too, with the module's file")
    func modules() {
        let module = """
            local size = 3
            local board = {}
            function board.grow() size = size + 1 end
            return board
            """
        let body = "local board = require 'board'\nfunction rules.timers.x() board.grow() end"
        #expect(
            self.error(body, modules: ["board.lua": module])
                == "board.lua:3: \"size\" is a local of the file (line 1), changed in board.grow. \(Self.advice).size."
        )
    }

    @Test(
        "may be set while the file is loaded, by functions that only the loading calls too, and be read by hooks",
        arguments: [
            "turn = 2", "local function init() turn = 2 end\ninit()\nfunction rules.timers.x() return turn end",
            "local function init() turn = 2 end\npcall(init)",
            "local start\nlocal function finish() start() end\nfunction start() return turn end\nfunction rules.timers.x() finish() end",
            "local cache = {}\nfunction rules.timers.x() cache.n = 1 end",
            "function rules.timers.x() local turn = 1 local function f() turn = 2 end f() end",
            "function rules.timers.x(room) for i = 1, 3 do local n = i local g = function() n = n + 1 end g() end end",
            "local lib = {}\nfunction lib.setup(n) turn = n end\nlib.setup(3)\nfunction rules.timers.x() return lib.size end",
        ]
    )
    func admitted(body: String) {
        #expect(self.error(body) == nil)
    }

    @Test("hold in files with much nesting, many lines and many constants")
    func large() {
        let lines = (1...1500).map { "  local v\($0 % 150) = { \($0), 'k\($0)', \($0).5 }" }
        let blank = String(repeating: "\n", count: 700)
        let body = (0..<10).map { n in
            "local function f\(n)()\n\(lines[n * 150..<(n + 1) * 150].joined(separator: "\n"))\n\(blank)end"
        }
        let text = body.joined(separator: "\n") + "\nfunction rules.timers.x() f1()\(blank) turn = f2 end"
        let line = 4 + text.utf8.lazy.filter { $0 == UInt8(ascii: "\n") }.count
        #expect(self.error(text)?.hasPrefix("ttt.lua:\(line): \"turn\" is a local of the file (line 3)") == true)
        #expect(self.error(text.replacing("turn =", with: "local turn =")) == nil)
    }
}
