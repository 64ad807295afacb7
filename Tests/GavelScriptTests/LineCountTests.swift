import GavelCore
import GavelScript
import Testing

@Suite("lines of rules, counted")
struct LineCountTests {
    private static let source = """
        local rules = gavel.rules()
        local lib = require "lib"
        rules.messages.go = { n = gavel.integer }
        -- a comment

        function rules.commands.go(room, client, msg)
          if msg.n > 5 then
            return { big = lib.twice(msg.n) }
          end
          for i = 1, msg.n do
            room.state.n = i
          end
          return {
            n = msg.n,
          }
        end

        function rules.on_leave(room)
          room.state.left = true
        end
        return rules
        """

    private static let module = """
        local function never()
          return 1
        end
        return { twice = function(n) return 2 * n end, never = never }
        """

    private func room(counts: Bool) throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.countsLines = counts
        return try ScriptedRoom(Self.source, modules: ["lib.lua": Self.module], configuration: configuration)
    }

    @Test("are those that can run, with how often they did, in every file")
    func counts() throws {
        let room = try self.room(counts: true)
        room.join(1)
        room.send(1, #"{"type":"go","n":3}"#)
        room.send(1, #"{"type":"go","n":9}"#)
        let rules = try #require(room.rules as? ScriptRoomRules)
        let counts = Dictionary(uniqueKeysWithValues: rules.lineCounts.map { ("\($0.file):\($0.line)", $0.count) })
        for (line, count) in [("7", 2), ("8", 1), ("11", 3), ("14", 1), ("19", 0), ("1", 1), ("3", 1)] {
            #expect(counts["test.lua:\(line)"] == count, "line \(line)")
        }
        for line in [4, 5, 17] { #expect(counts["test.lua:\(line)"] == nil, "line \(line)") }
        #expect(counts["lib.lua:2"] == 0)
        #expect(counts["lib.lua:4"] == 2)
    }

    @Test("change nothing in what the rules do or may spend, and are not there where nobody asked")
    func sameAsWithout() throws {
        let counted = try self.room(counts: true), plain = try self.room(counts: false)
        for room in [counted, plain] { room.join(1) }
        for n in 0..<12 {
            let text = #"{"type":"go","n":\#(n)}"#
            #expect(counted.send(1, text) == plain.send(1, text))
        }
        #expect(counted.state == plain.state)
        #expect((plain.rules as? ScriptRoomRules)?.lineCounts == [])
    }
}
