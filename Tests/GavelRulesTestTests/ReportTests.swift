import GavelRulesTest
import Testing

@Suite("what is told of tests")
struct ReportTests {
    @Test("what was expected and what came stand side by side")
    func comparison() throws {
        let report = try RulesFolder.report(
            of: """
                local ada = t:join("Ada")
                ada:send { type = "say", text = "hello" }
                ada:send { type = "say", text = "you" }
                ada:expect { type = "say", text = "hallo", to = gavel.any }
                """
        )
        #expect(
            report == """
                tests/echo_test.lua
                  FAIL  it
                        tests/echo_test.lua:6: Ada was not sent this.
                          expected         received
                          type = "say"     type = "say"
                        ! text = "hallo"   text = "hello"
                        ! to = gavel.any
                                           client_id = 1
                                           msg_id = 1
                        what else Ada has not read:
                          {"text":"you","type":"say","client_id":1,"msg_id":2}
                """
        )
    }

    @Test("on a narrow terminal lines are broken")
    func narrow() throws {
        let report = try RulesFolder.report(
            of: """
                t:equal({ a = "a text that is far too long for the line" }, { a = 1 })
                """,
            width: 50
        )
        #expect(report.split(separator: "\n").allSatisfy { $0.count <= 50 }, "\(report)")
        #expect(report.contains("! a = 1      a = \"a text that is far"))
    }

    @Test("a hook that fails fails the test, and is told with its place")
    func hookFails() throws {
        let report = try RulesFolder.report(
            of: """
                local ada = t:join("Ada")
                ada:send { type = "fail" }
                ada:expect_error("rules_failed")
                """
        )
        #expect(report.contains("tests/echo_test.lua:2: a hook of the rules failed."))
        #expect(report.contains("the rules failed: echo.lua:6: attempt to index a nil value (field 'n')"))
        #expect(report.contains("hook commands.fail, room echo-1, client 1, message {\"type\":\"fail\"}"))
    }

    @Test("colour is for terminals, and marks what failed")
    func colors() throws {
        let folder = try RulesFolder([
            "echo.lua": echo,
            "tests/echo_test.lua": """
            local test = gavel.test("echo.lua")
            test("good", function(t) assert(true) end)
            test("bad", function(t) t:fail("so it is") end)
            """,
        ])
        let run = folder.run()
        #expect(run.text(style: TextStyle(hasColors: true)).contains("\u{1B}[31mFAIL\u{1B}[0m  bad"))
        #expect(!run.text(style: TextStyle()).contains("\u{1B}"))
        #expect((run.tests, run.failed) == (2, 1))
        #expect(run.summary.hasPrefix("1 failed, 1 passed. "))
        #expect(run.json.hasPrefix(#"{"passed":false,"tests":2,"failed":1,"steps":2,"#))
        #expect(run.json.contains(#""failure":{"file":"tests/echo_test.lua","line":3,"text":"so it is"}"#))
    }

    @Test("the last line tells tests, steps and the time")
    func time() throws {
        let test = #"gavel.test("echo.lua")("it", function(t) t:equal(t:join().id, 1) end)"#
        var run = try RulesFolder(["echo.lua": echo, "tests/a_test.lua": test]).run()
        run.duration = .milliseconds(12)
        #expect(run.summary == "1 test passed. 3 steps in 12 ms, 250 a second.")
        run.duration = .milliseconds(3840)
        #expect(run.summary == "1 test passed. 3 steps in 3.8 s, 0 a second.")
    }

    @Test("a filter takes the tests that it names")
    func filter() throws {
        let folder = try RulesFolder([
            "echo.lua": echo,
            "tests/echo_test.lua": """
            local test = gavel.test("echo.lua")
            test("Red", function(t) assert(true) end)
            test("blue", function(t) assert(true) end)
            """,
        ])
        #expect(folder.run(filter: "red").files.map { $0.tests.map(\.name) } == [["Red"]])
        #expect(folder.run(filter: "green").tests == 0)
    }
}
