import Foundation
import GavelRulesTest
import Testing

@Suite("mistakes in files of tests")
struct MistakeTests {
    @Test(
        "a mistake in a test is told with its line and what to do",
        arguments: [
            (#"t:jion("Ada")"#, #"3: t has no jion. Did you mean join?"#),
            (#"t:join("Ada"):expct { type = "a" }"#, "3: a client has no expct. Did you mean expect?"),
            (#"t:join("Ada"):expect { text = "a" }"#, #"3: what is expected has no type. Write ada:expect"#),
            (#"t:join("Ada"):expect "say""#, "3: expect takes a table: ada:expect { type = \"move\", cell = 5 }."),
            (
                #"t:join("Ada"):send { text = "a" }"#,
                #"3: the message has no type. Write ada:send { type = "move", cell = 5 }."#
            ),
            (
                #"t:join("Ada"):send { type = "say", text = gavel.any }"#,
                "3: gavel.any and gavel.absent say what is expected"
            ),
            (#"t.join("Ada")"#, "3: join needs t in front. Write t:join(…) with a colon."),
            (#"t:join("Ada")"#, "2: the test expects nothing, so it cannot fail."),
            (#"t:advance(30)"#, #"3: 30 has no unit. Write "30s", or with another unit"#),
            (#"t:advance()"#, #"3: advance takes a time: t:advance("30s")."#),
            ("t.state = {}", "3: what a test plays with is not written into"),
            ("x = 1", "3: global \"x\" is not declared. Write local x"),
            ("os.time()", "3: there is no os here. Time passes when a test says so: t:advance(\"3s\")."),
            ("gavel.now()", "3: there is no gavel.now in a test. Write t.now."),
            ("gavel.tets()", "3: gavel has no gavel.tets. Did you mean gavel.test?"),
            ("error('mine')", "3: mine"),
            ("assert(1 == 2, 'not so')", "3: not so"),
            (#"t:join { room = "other" }:come_back()"#, "3: Ada has a connection"),
            (#"local a = t:join("Ada") a:leave() a:drop() a:come_back()"#, "3: Ada has no session to come back to"),
            (#"local a = t:join("Ada") a:drop() a:send { type = "get" }"#, "3: Ada has no connection: it was dropped."),
            (#"t:expect_failure()"#, "3: no hook of the rules has failed."),
            (#"t:join("Ada", { resume = 5 })"#, "3: Ada was not let in."),
            (#"t:equal(1, 2)"#, "3: the two are not the same."),
        ]
    )
    func inTests(_ body: String, _ told: String) throws {
        let body = body.replacing("{ room = \"other\" }", with: "(\"Ada\")")
        let report = try RulesFolder.report(of: body, width: 400)
        #expect(report.contains("tests/echo_test.lua:\(told)"), "\(report)")
    }

    @Test(
        "a file that cannot be run says why",
        arguments: [
            ("return 1", "tests/a_test.lua: the file tests nothing. Begin it with: local test = gavel.test"),
            (#"local test = gavel.test("echo.lua")"#, "tests/a_test.lua:1: the file has no test. Add one"),
            (#"gavel.test("ehco.lua")"#, "tests/a_test.lua:1: there is no ehco.lua in"),
            (#"gavel.test("ehco.lua")"#, #"Did you mean "echo.lua"?"#),
            (#"gavel.test("echo.lua", { parms = {} })"#, "1: there is no setting parms. Did you mean params?"),
            (#"gavel.test("echo.lua", { grace = 5 })"#, #"1: grace: 5 has no unit. Write "5s""#),
            (#"gavel.test("bad.lua")"#, "1: bad.lua does not load."),
            (#"gavel.test("bad.lua")"#, "the rules failed: bad.lua:2: "),
            ("local x = = 1", "tests/a_test.lua:1: unexpected symbol near '='"),
            ("gavel.rules()", "1: this is a file of tests, not of rules."),
            ("while true do end", "tests/a_test.lua:1: "),
            (#"local test = gavel.test("echo.lua") test("a")"#, "1: a test is a name and a function"),
        ]
    )
    func inFiles(_ text: String, _ told: String) throws {
        let folder = try RulesFolder([
            "echo.lua": echo, "bad.lua": "local rules = gavel.rules()\nrules.on_joined = 1\nreturn rules",
            "tests/a_test.lua": text,
        ])
        let run = folder.run()
        #expect(run.failed == 1)
        #expect(run.text(style: TextStyle(width: 400)).contains(told), "\(run.text(style: TextStyle(width: 400)))")
    }

    @Test("errors in writing are found without running anything")
    func syntax() throws {
        let folder = try RulesFolder(["tests/a_test.lua": "local x = = 1", "tests/b_test.lua": "while true do end"])
        let mistakes = ScriptFiles.syntaxMistakes(inTestsOf: folder.url.path)
        #expect(mistakes == ["tests/a_test.lua:1: unexpected symbol near '='"])
    }
}
