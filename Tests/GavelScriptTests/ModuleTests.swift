import GavelCore
import GavelScript
import Logging
import Testing

@Suite("modules of rules")
struct ModuleTests {
    private static let main = """
        local rules = gavel.rules()
        local board = require "lib.board"
        local same = require "lib/board"
        require "moves"
        assert(board == same and board.size == 3 and require "moves" == true)
        rules.messages.size, rules.messages.move = {}, {}
        function rules.commands.size() return { size = require("lib.board").size } end
        return rules
        """

    private static let modules = [
        "lib/board.lua": "local board = { size = 3, loaded = 0 }\nreturn board",
        "moves.lua": """
        local rules, board = gavel.rules(), require "lib.board"
        local function break_it(msg)
          error("broken")
        end
        function rules.filters.move(room, client, msg) break_it(msg) end
        """,
    ]

    @Test("a module runs once in each room, is found by its name with dots, and sets hooks of the same rules")
    func loads() throws {
        let room = try ScriptedRoom(Self.main, modules: Self.modules)
        room.join(1)
        #expect(room.send(1, #"{"type":"size"}"#).payload == #""size":3"#)
        #expect(room.send(1, #"{"type":"move"}"#) == .init(verdict: .failed))
        let error = try #require(room.log.entries.last)
        #expect(error.text("error") == "moves.lua:3: broken")
        #expect(error.text("traceback") == #"["moves.lua:3 in break_it", "moves.lua:5 in filters.move"]"#)
    }

    @Test("each room has what its modules keep for itself")
    func perRoom() throws {
        let provider = try ScriptRules.load(
            source: Array(
                """
                local rules, counter = gavel.rules(), require "counter"
                function rules.commands.join() counter.n = counter.n + 1 return { n = counter.n } end
                return rules
                """.utf8
            ),
            name: "test.lua",
            modules: ["counter.lua": Array("return { n = 0 }".utf8)],
            configuration: .patient,
            logger: LogRecorder().logger
        )
        for _ in 1...2 {
            let room = ScriptedRoom(rules: try provider.makeRules(for: RoomKey("a")))
            #expect(room.join(1).payload == #""n":1"#)
            #expect(room.join(2).payload == #""n":2"#)
        }
    }

    @Test(
        "a module that cannot be had is an error with its place",
        arguments: [
            (
                "require 'socket'", [:],
                """
                ttt.lua:2: no module "socket" in scripts/ (looked for scripts/socket.lua). Only files of that folder \
                can be required.
                """
            ),
            ("pcall(require, 'a.b')", [:], #"no module "a.b" in scripts/ (looked for scripts/a/b.lua)"#),
            ("require 'a'", ["a.lua": "\nrequire 'b'"], "a.lua:2: no module \"b\""),
            (
                "require 'a'", ["a.lua": "require 'b'", "b.lua": "\nrequire 'a'"],
                "b.lua:2: files require each other: a.lua -> b.lua -> a.lua. Put what both need into a third."
            ),
            (
                "require 'a'", ["a.lua": "require 'ttt'"],
                "a.lua:1: files require each other: ttt.lua -> a.lua -> ttt.lua."
            ),
            ("require(5)", [:], "ttt.lua:2: require takes the name of a module, a text"),
            ("require 'a.lua'", [:], "ttt.lua:2: a module is named without .lua: require \"a\"."),
            ("require '../a'", [:], #"ttt.lua:2: "../a" is no name of a module. Write its file without .lua"#),
            ("require '/etc/a'", [:], "is no name of a module"), ("require 'a..b'", [:], "is no name of a module"),
            ("require 'a/'", [:], "is no name of a module"), ("require ''", [:], "is no name of a module"),
            ("require 'a b'", [:], "is no name of a module"), ("require 'a\\0b'", [:], "is no name of a module"),
            ("require(('a'):rep(56))", [:], "the name of a module has at most 55 bytes, and this one 56"),
            ("require 'a'", ["a.lua": "local x = = 1"], "a.lua:1: unexpected symbol near '='"),
            ("require 'a'", ["a.lua": "\nlocal x = nil + 1"], "a.lua:2: attempt to perform arithmetic"),
            ("require 'a'", ["a.lua": "\u{1B}Lua"], "a.lua: this is compiled Lua. Rules are loaded as text."),
            (
                "require 'a'", ["a.lua": "--" + String(repeating: "x", count: 100 << 10)],
                "a.lua: the file has 102402 bytes; at most 102400 can be loaded."
            ),
            ("require 'a'", ["a.lua": "local rules = gavel.rules()\nrules.comands = {}"], "a.lua:2: there is no"),
            (
                "rules.messages.a = {}\nfunction rules.commands.a() end\nrequire 'a'",
                ["a.lua": "local rules = gavel.rules()\nfunction rules.commands.a() end"],
                "a.lua:2: commands.a is set a second time; the first is at ttt.lua:3."
            ),
            (
                "require 'a'", ["a.lua": "local rules = gavel.rules()\nfunction rules.commands.a() end"],
                "a.lua:2: commands.a has no schema."
            ),
            ("require 'a'", ["a.lua": "while true do end"], "a.lua:1: loading the file spent its budget"),
        ] as [(String, [String: String], String)]
    )
    func mistakes(body: String, modules: [String: String], text: String) throws {
        let error = try #require(
            loadError("local rules = gavel.rules()\n\(body)\nreturn rules", modules: modules)
        )
        #expect("\(error)".contains(text), "\(error)")
    }

    @Test("the traceback of a module that fails ends where it is required")
    func traceback() {
        let error = loadError(
            "local rules = gavel.rules()\nrequire 'a'\nreturn rules",
            modules: ["a.lua": "error('x')"]
        )
        #expect(error?.traceback == ["a.lua:1", "ttt.lua:2"])
    }

    @Test("rules have at most 64 modules, and 1 MiB of them")
    func bounds() {
        var many: [String: String] = [:]
        for index in 1...65 { many["m\(index).lua"] = "return \(index)" }
        let all = "local rules = gavel.rules()\nfor i = 1, 65 do require('m' .. i) end\nreturn rules"
        #expect(
            loadError(all, modules: many)?.description
                == "ttt.lua:2: rules can have 64 modules; this would be one more."
        )
        #expect(loadError(all.replacing("65", with: "64"), modules: many) == nil)

        var large: [String: String] = [:]
        for index in 1...11 { large["m\(index).lua"] = "--" + String(repeating: "x", count: 100_000) }
        let error = loadError(all.replacing("65", with: "11"), modules: large)
        #expect(error?.text.contains("the files of these rules have 11") == true, "\(String(describing: error))")

        var deep: [String: String] = [:]
        for index in 1...30 { deep["m\(index).lua"] = "require 'm\(index + 1)'" }
        deep["m31.lua"] = ""
        let nested = loadError("require 'm1' return gavel.rules()", modules: deep)
        #expect(nested?.description == "m23.lua:1: files require each other more than 24 deep.")
    }

    @Test("a hook gets a module that is loaded, and loads none")
    func inHook() throws {
        let room = try commandRoom("require 'late'")
        room.send(1, #"{"type":"run"}"#)
        #expect(
            room.log.lastError == """
                test.lua:5: require "late" belongs at the top of the file: a hook loads nothing.
                """
        )
    }

    @Test("a room that comes to need another module than when the rules were checked does not begin, and says so")
    func chosen() throws {
        let log = LogRecorder(), seed = ManualSeed()
        let provider = try ScriptRules.load(
            source: Array("require(math.random(2) == 1 and 'a' or 'b') return gavel.rules()".utf8),
            name: "ttt.lua",
            modules: ["a.lua": [], "b.lua": []],
            configuration: .patient,
            logger: log.logger,
            seed: { seed.seed }
        )
        #expect(seed.advance { (try? provider.makeRules(for: RoomKey("a"))) == nil })
        let other = provider.files[1] == "a.lua" ? "b.lua" : "a.lua"
        #expect(
            log.lastError
                == "ttt.lua:1: requires \(other) only sometimes; put every require at the top of the file, outside of any if."
        )
    }

    @Test("the version tells rules apart by every byte and name of their files, and stands in the log")
    func version() throws {
        func version(_ source: String, _ modules: [String: String]) throws -> String {
            try ScriptRules.load(
                source: Array(source.utf8),
                name: "ttt.lua",
                modules: modules.mapValues { Array($0.utf8) },
                logger: LogRecorder().logger
            ).version
        }
        let source = "require 'a' return gavel.rules()"
        let first = try version(source, ["a.lua": "return 1", "unused.lua": "return 1"])
        #expect(first.count == 10)
        #expect(try version(source, ["a.lua": "return 1"]) == first)
        #expect(try version(source, ["a.lua": "return 2"]) != first)
        #expect(try version(source + " ", ["a.lua": "return 1"]) != first)
        #expect(try version("require 'b' return gavel.rules()", ["b.lua": "return 1"]) != first)
    }
}
