import Foundation
import GavelConfig
import GavelRulesTest
import Testing

/// Rules of two files. What `n` does is on three lines, and `never` has a place of its own.
private let counted = """
    local rules = gavel.rules()
    local lib = require "lib.twice"
    rules.messages.n, rules.messages.never = { n = gavel.integer }, {}
    function rules.commands.n(room, client, msg)
      if msg.n > 5 then
        gavel.log("many")

        gavel.log("really")
      end
      return { n = lib.twice(msg.n) }
    end
    function rules.commands.never(room)
      room:close("never")
    end
    return rules
    """

private let module = """
    local function unused()
      return 0
    end
    return { twice = function(n) return 2 * n end }
    """

@Suite("lines of rules that tests ran")
struct CoverageTests {
    private func run(_ body: String, _ others: [String: String] = [:]) throws -> TestRun {
        let test = "local test = gavel.test(\"counted.lua\")\ntest(\"it\", function(t)\n\(body)\nend)\n"
        let files = ["counted.lua": counted, "lib/twice.lua": module, "tests/a_test.lua": test]
        let run = try RulesFolder(files.merging(others) { $1 }, countsLines: true).run()
        #expect(run.failed == 0, "\(run.text(style: TextStyle()))")
        return run
    }

    private let small = #"t:equal(t:join("Ada"):ask({ type = "n", n = 1 }).n, 2)"#

    @Test("a report names each file, how much of it ran, and the lines that did not")
    func text() throws {
        let report = try self.run(self.small).text(style: TextStyle())
        #expect(
            report.contains(
                """
                lines of the rules that ran
                  counted.lua    76 %   10 of 13 lines
                    6-8  gavel.log("many")
                    13   room:close("never")
                  lib/twice.lua  66 %   2 of 3 lines
                    2    return 0

                1 test passed.
                """
            ),
            "\(report)"
        )
    }

    @Test("long lines are cut to the width of the terminal")
    func narrow() throws {
        let long = counted.replacing("never\")", with: String(repeating: "x", count: 90) + "\")")
        let report = try self.run(self.small, ["counted.lua": long]).text(style: TextStyle(width: 60))
        #expect(report.contains("\n    13   room:close(\"xxxxxxxxxxxxxxxxxxx"))
        #expect(report.split(separator: "\n").allSatisfy { $0.count <= 60 }, "\(report)")
    }

    @Test("programs get the lines, and how often each ran")
    func json() throws {
        let json = try self.run(self.small).json
        let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
        let file = try #require(report.coverage.first)
        #expect((file.file, file.lines, file.ran) == ("counted.lua", 13, 10))
        #expect(file.missed == [.init(from: 6, to: 8), .init(from: 13, to: 13)])
        #expect(file.counts.contains(.init(line: 10, count: 1)))
        #expect(file.counts.contains(.init(line: 13, count: 0)))
        #expect(file.counts.count == 13)
    }

    private struct Report: Decodable {
        struct Places: Decodable, Equatable {
            var from: Int
            var to: Int
        }
        struct Count: Decodable, Equatable {
            var line: Int
            var count: Int
        }
        struct File: Decodable {
            var file: String
            var lines: Int
            var ran: Int
            var missed: [Places]
            var counts: [Count]
        }
        var coverage: [File]
    }

    @Test("rooms, tests and files of tests add up, ended rooms too")
    func sum() throws {
        let ended = """
            for i = 1, 3 do
              local ada = t:join("Ada")
              t:equal(ada:ask({ type = "n", n = 7 }).n, 14)
              ada:leave()
              t:advance "1h"
            end
            """
        let other = """
            local test = gavel.test("counted.lua")
            test("closes", function(t) t:join("Ada"):send { type = "never" } t:equal(t.state, nil) end)
            """
        let run = try self.run(ended, ["tests/b_test.lua": other])
        #expect(run.coverage.files.map(\.name) == ["counted.lua", "lib/twice.lua"])
        let file = run.coverage.files[0]
        #expect((file.percent, file.missed) == (100, []))
        #expect((file.counts[6], file.counts[13], file.counts[1]) == (3, 1, 4))
    }

    @Test("after a reload the same text adds up, another file counts for itself, and a text of the test not at all")
    func reloads() throws {
        let next = counted + "\n-- another"
        let body = """
            local ada = t:join("Ada")
            for i = 1, 3 do
              t:equal(ada:ask({ type = "n", n = 1 }).n, 2)
              t:reload()
            end
            t:reload("next.lua")
            ada:send { type = "n", n = 9 }
            t:reload "local rules = gavel.rules()\\nrules.messages.n = {}\\nreturn rules"
            ada:send { type = "n" }
            """
        let files = try self.run(body, ["next.lua": next]).coverage.files
        #expect(files.map(\.name) == ["counted.lua", "lib/twice.lua", "next.lua"])
        #expect((files[0].counts[10], files[0].counts[6]) == (3, 0))
        #expect((files[2].counts[10], files[2].counts[6]) == (1, 1))
        #expect(files[1].counts[4] == 4 + 5)
    }

    @Test("of a file that is another text by now only the later one counts")
    func laterText() throws {
        let first = try self.run(self.small)
        let second = try self.run(self.small, ["counted.lua": counted + "\n-- longer"])
        var sum = first.replaced(by: second).coverage
        #expect(sum.files[0].counts[10] == 1)
        sum.add(second.coverage)
        #expect(sum.files[0].counts[10] == 2)
    }

    @Test("rules of the configuration that no test plays with have run nothing")
    func nothing() throws {
        let files = ["counted.lua": counted, "lib/twice.lua": module]
        let folder = try RulesFolder(files, rooms: [("a-*", "counted.lua")], countsLines: true)
        let nothing = folder.shelf.coverageOfNothing()
        #expect(nothing.files.map(\.percent) == [0, 0])
        #expect(nothing.files[0].lines == 13)
    }

    @Test("nothing is told where nobody asked")
    func unasked() throws {
        let test = #"gavel.test("echo.lua")("it", function(t) t:equal(t:join().id, 1) end)"#
        let run = try RulesFolder(["echo.lua": echo, "tests/a_test.lua": test]).run()
        #expect(run.coverage.files.isEmpty)
        #expect(!run.text(style: TextStyle()).contains("lines of the rules"))
        #expect(!run.json.contains("coverage"))
    }
}
