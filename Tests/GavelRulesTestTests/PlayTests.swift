import GavelRulesTest
import Testing

@Suite("tests at play")
struct PlayTests {
    private func expectPass(_ body: String) throws {
        let report = try RulesFolder.report(of: body)
        #expect(report == "tests/echo_test.lua\n  ok    it")
    }

    @Test("timers run when they are due, those of no delay at once")
    func timers() throws {
        try self.expectPass(
            """
            local ada = t:join("Ada")
            ada:send { type = "later", ms = 1500 }
            t:advance "1499ms"
            ada:expect_nothing()
            t:advance "1ms"
            ada:expect { type = "ring", client_id = 0 }
            ada:send { type = "later", ms = 0 }
            ada:expect { type = "ring" }
            t:expect_log("rings")
            """
        )
    }

    @Test("what rules keep can be looked at, whatever its keys are")
    func state() throws {
        try self.expectPass(
            """
            t:equal(t.state, nil)
            local ada, bo = t:join("Ada"), t:join("Bo")
            bo:send { type = "set", n = 7 }
            assert(t.state.n == 7 and bo.data.mine[2] == 7 and bo.data.mine[1] == nil and ada.data.mine == nil)
            """
        )
    }

    @Test("a dropped client misses nothing, a failure can be expected, and a raw text is sent as it is")
    func clients() throws {
        try self.expectPass(
            """
            local ada, bo = t:join("Ada"), t:join("Bo")
            bo:drop()
            assert(not bo.connected)
            ada:send { type = "say", text = "hello" }
            t:equal(bo:come_back().recovered, true)
            bo:expect_exactly { type = "say", text = "hello" }
            ada:send { type = "fail" }
            ada:expect_error("rules_failed")
            t:expect_failure("attempt to index")
            ada:send "no JSON"
            ada:expect_error("bad_json")
            local read = bo:read()
            t:equal(#read, 0)
            """
        )
    }

    @Test("chance is the same in each run of a test, and another in another test")
    func chance() throws {
        let test = """
            local test = gavel.test("echo.lua")
            local function get(t) t:fail("got " .. t:join("Ada"):ask({ type = "get" }).chance) end
            test("one", get)
            test("two", get)
            """
        let folder = try RulesFolder(["echo.lua": echo, "tests/echo_test.lua": test])
        let (first, second) = (folder.run(), folder.run())
        let texts = first.files[0].tests.map { $0.failure?.text }
        #expect(texts == second.files[0].tests.map { $0.failure?.text })
        #expect(texts[0] != texts[1])
    }

    @Test("tests share nothing, not even locals of their file")
    func apart() throws {
        let test = """
            local test, n = gavel.test("echo.lua"), 0
            test("one", function(t) n = n + 1 t:equal(n, 1) end)
            test("two", function(t) n = n + 1 t:equal(n, 1) end)
            """
        #expect(try RulesFolder(["echo.lua": echo, "tests/echo_test.lua": test]).run().failed == 0)
    }

    @Test("helpers can stand in a module of the folder")
    func modules() throws {
        let folder = try RulesFolder([
            "echo.lua": echo,
            "tests/table.lua": "return function(t) return t:join('Ada'), t:join('Bo') end",
            "tests/echo_test.lua": """
            local test, two = gavel.test("echo.lua"), require "tests.table"
            test("it", function(t)
              local ada, bo = two(t)
              ada:send { type = "say", text = "hello" }
              t:expect_others(ada, { type = "say" })
            end)
            """,
        ])
        #expect(folder.run().failed == 0)
    }

    @Test(
        "a test that does not end is stopped, whatever it catches",
        arguments: [
            "while true do end", "while true do pcall(error) end",
            "while true do pcall(function() while true do end end) end",
            #"local ada = t:join("Ada") while true do ada:send { type = "get" } end"#,
        ]
    )
    func endless(_ body: String) throws {
        let report = try RulesFolder.report(of: body)
        #expect(report.contains("tests/echo_test.lua:3: the test does not end, or does far too much"), "\(report)")
    }

    @Test("a room goes on under another version, or stays on the one it has")
    func reload() throws {
        try self.expectPass(
            """
            local ada = t:join("Ada")
            ada:send { type = "set", n = 3 }
            ada:send { type = "later", ms = 500 }
            t:reload()
            t:equal(ada:ask({ type = "get" }).n, 3)
            local next = [[
            local rules = gavel.rules()
            rules.messages.get = {}
            function rules.on_reload(room) room.state.n = room.state.n * 2 end
            function rules.commands.get(room) return { n = room.state.n } end
            ]]
            local why = t:try_reload(next .. "\\nreturn rules")
            assert(why:find("ring"), why)
            local late = "function rules.timers.ring() end return rules"
            t:reload(next .. late)
            t:equal(ada:ask({ type = "get" }).n, 6)
            assert(t:try_reload("local x = = 1\\n"):find("unexpected symbol"))
            """
        )
    }

    @Test("time passes for a week in all")
    func week() throws {
        let report = try RulesFolder.report(of: #"t:advance("1h") t:advance("168h")"#)
        #expect(report.contains("tests/echo_test.lua:3: a test can let a week pass, no more."), "\(report)")
    }

    @Test("an expectation that is not met cannot be caught")
    func uncaught() throws {
        let report = try RulesFolder.report(of: "pcall(function() t:equal(1, 2) end)\nassert(true)")
        #expect(report.contains("the two are not the same"))
    }

    @Test("rules that never come to rest are told")
    func restless() throws {
        let rules = """
            local rules = gavel.rules()
            rules.messages.go = {}
            function rules.commands.go(room) gavel.signal(room.key, "again") end
            function rules.signals.again(room) gavel.signal(room.key, "again") end
            return rules
            """
        let test = """
            local test = gavel.test("echo.lua")
            test("it", function(t) t:join("Ada"):send { type = "go" } end)
            """
        let run = try RulesFolder(["echo.lua": rules, "tests/echo_test.lua": test]).run()
        let text = run.files.first?.tests.first?.failure?.text
        #expect(text?.hasPrefix("the rooms go on without end at one moment.") == true)
    }

    @Test("rooms of other names have the configuration's rules, or those that the test names")
    func otherRooms() throws {
        let test = """
            local test = gavel.test("echo.lua", { key = "hall", rooms = { ["two-*"] = "echo.lua" } })
            test("it", function(t)
              for _, room in ipairs { "one-1", "two-1" } do
                local ada = t:join("Ada", { room = room })
                ada:send { type = "set", n = 4 }
                t:equal(t:room(room).state.n, 4)
              end
              local bo = t:join("Bo", { room = "plain" })
              bo:send { type = "anything" }
              bo:expect { type = "anything" }
            end)
            """
        let files = ["echo.lua": echo, "tests/echo_test.lua": test]
        #expect(try RulesFolder(files, rooms: [("one-*", "echo.lua")]).run().failed == 0)
    }
}
