import Foundation
import GavelRulesTest
import Testing

@Suite("what a save concerns")
struct WatchTests {
    private static let other = """
        local rules = gavel.rules()
        local lib = require "lib.words"
        rules.messages.word = {}
        function rules.commands.word() return { word = lib.word } end
        return rules
        """

    /// Files of tests: of echo.lua; of other.lua, with a module of its own; of both, in rooms of one test; of other.lua
    /// as a new version of echo.lua; and one that cannot be run.
    private func folder() throws -> RulesFolder {
        let join = #"(t) local ada = t:join("Ada")"#
        let word = #"t:equal(ada:ask({ type = "word" }).word, "yes")"#
        return try RulesFolder([
            "echo.lua": echo,
            "other.lua": Self.other,
            "lib/words.lua": "return { word = \"yes\" }",
            "tests/names.lua": "return { \"Ada\" }",
            "tests/echo_test.lua": "gavel.test(\"echo.lua\")(\"it\", function\(join) t:equal(ada.id, 1) end)",
            "tests/other_test.lua": """
            local names, test = require "tests.names", gavel.test("other.lua")
            test("it", function\(join) \(word) end)
            """,
            "tests/both_test.lua": """
            local test = gavel.test("echo.lua", { rooms = { ["other-*"] = "other.lua" } })
            test("it", function(t) local ada = t:join("Ada", { room = "other-1" }) \(word) end)
            """,
            "tests/next_test.lua": """
            gavel.test("echo.lua")("it", function\(join) t:reload("other.lua") \(word) end)
            """,
            "tests/wrong_test.lua": "local x = = 1",
        ])
    }

    @Test(
        "a file of tests itself, or those that load a file of rules or a module",
        arguments: [
            ("tests/echo_test.lua", ["echo", "wrong"]),
            ("echo.lua", ["both", "echo", "next", "wrong"]),
            ("other.lua", ["both", "next", "other", "wrong"]),
            ("lib/words.lua", ["both", "next", "other", "wrong"]),
            ("tests/names.lua", ["other", "wrong"]),
            ("unused.lua", ["wrong"]),
        ]
    )
    func concerns(_ saved: String, _ names: [String]) throws {
        let folder = try self.folder()
        let run = folder.run()
        #expect(run.failed == 1, "\(run.text(style: TextStyle()))")
        let paths = ScriptFiles.tests(in: folder.url.path)
        #expect(paths.count == 5)
        let concerned = paths.filter { run.concerns($0, [saved]) }
        #expect(concerned == names.map { "\(folder.url.path)/tests/\($0)_test.lua" })
        #expect(run.concerns(folder.url.path + "/tests/new_test.lua", [saved]), "one that has not run yet")
    }

    @Test("what another run says takes the place of what was known of its files")
    func replaced() throws {
        let folder = try self.folder()
        let all = folder.run()
        let one = TestRun([folder.url.path + "/tests/echo_test.lua"], shelf: folder.shelf)
        let sum = all.replaced(by: one)
        #expect((sum.files.count, sum.tests, sum.failed) == (5, 4, 1))
        #expect(sum.concerns(folder.url.path + "/tests/echo_test.lua", ["echo.lua"]))
        #expect(!sum.concerns(folder.url.path + "/tests/echo_test.lua", ["other.lua"]))
    }
}
