import GavelRulesTest
import Testing

@Suite("new versions in the middle of a test")
struct ReloadTests {
    /// The room's timer `ring` is running.
    private func report(_ body: String, next: String = "") throws -> String {
        let test = """
            local test = gavel.test("echo.lua")
            test("it", function(t)
            local ada = t:join("Ada")
            ada:send { type = "set", n = 3 }
            ada:send { type = "later", ms = 500 }
            \(body)
            t:equal(ada:ask({ type = "get" }).n, 3)
            t:advance "500ms"
            ada:expect { type = "ring" }
            end)
            """
        let files = ["echo.lua": echo, "tests/echo_test.lua": test, "next.lua": next]
        return try RulesFolder(files).text(width: 400)
    }

    private static let ring = "rules.timers.ring = function() end\n"

    @Test(
        "one that cannot take over says why, with its file and line",
        arguments: [
            ("return rules", #"The timer "ring" is running, and there is no rules.timers.ring. Keep it, or cancel"#),
            (
                ring + "function rules.on_reload(room)\n  room.state.n = room.state.m + 1\nend\nreturn rules",
                "next.lua:4: attempt to perform arithmetic on a nil value (field 'm') (on_reload)"
            ),
            (
                ring + "function rules.on_reload(room)\n  while true do end\nend\nreturn rules",
                "next.lua:4: on_reload spent its budget (1,000,000 steps) in the loop at line 4"
            ),
            (
                "rules.messages.get = { n = gavel.integer { minimum = 3 } }\nreturn rules",
                #"next.lua:2: messages.get.n: integer has no option "minimum". Did you mean min? (min, max)"#
            ),
            (
                "rules.messages.got = {}\nfunction rules.commands.get() end\nreturn rules",
                "next.lua:3: commands.get has no schema. Did you mean got (next.lua:2)?"
            ),
            ("local x = = 1", "next.lua:2: unexpected symbol near '='"),
            (ring, "the file returned nothing. End it with: return rules"),
        ]
    )
    func refusals(_ text: String, _ told: String) throws {
        let next = "local rules = gavel.rules()\n" + text
        let refused = try self.report(#"t:reload("next.lua")"#, next: next)
        #expect(refused.contains("tests/echo_test.lua:6: the new version was refused: "), "\(refused)")
        #expect(refused.contains(told), "\(refused)")

        // The room goes on as if nothing had been tried.
        let tried = #"local why = t:try_reload("next.lua") assert(why:find([[\#(told)]], 1, true), why)"#
        let went = try self.report(tried, next: next)
        #expect(went.contains("ok    it"), "\(went)")
    }

    @Test("one whose messages are others answers by them from then on")
    func schema() throws {
        let next = """
            local rules = gavel.rules()
            rules.messages.get = { twice = gavel.boolean }
            function rules.commands.get(room, client, msg) return { n = room.state.n * (msg.twice and 2 or 1) } end
            \(Self.ring)
            return rules
            """
        let test = """
            local test = gavel.test("echo.lua")
            test("it", function(t)
            local ada = t:join("Ada")
            ada:send { type = "set", n = 3 }
            t:reload("next.lua")
            ada:send { type = "get" }
            ada:expect_error("bad_message", { to = "get" })
            t:equal(ada:ask({ type = "get", twice = true }).n, 6)
            ada:send { type = "set", n = 4 }
            ada:expect_error("unknown_type")
            end)
            """
        let files = ["echo.lua": echo, "tests/echo_test.lua": test, "next.lua": next]
        let report = try RulesFolder(files).text(width: 400)
        #expect(report.contains("ok    it"), "\(report)")
    }

    @Test("a text of the test is told as a new version of the file")
    func inline() throws {
        let refused = try self.report(#"t:reload "local x = = 1\n""#)
        #expect(refused.contains("new echo.lua:1: unexpected symbol near '='"), "\(refused)")
        let missing = try self.report(#"t:reload("nxt.lua")"#)
        #expect(missing.contains("nxt.lua: there is no such file in the folder of the rules."), "\(missing)")
    }

    @Test("the same file can take over again and again")
    func again() throws {
        let report = try self.report("for i = 1, 3 do t:reload() end")
        #expect(report.contains("ok    it"), "\(report)")
    }
}
