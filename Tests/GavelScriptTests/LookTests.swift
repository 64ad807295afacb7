import GavelCore
import Testing

@Suite("What people see of rules that run")
struct LookTests {
    private static let source = """
        local rules = gavel.rules()
        rules.messages.set = {}
        rules.messages.other = {}
        function rules.timers.ring(room) error("oh") end
        function rules.timers.tick(room) end
        function rules.commands.set(room, client, msg)
          room:after("5s", "ring", nil, "door\\0bell")
          room:after("2s", "ring", nil, client.id)
          room:every("1s", "tick")
        end
        function rules.on_leave(room, client) end
        return rules
        """

    private func room() throws -> ScriptedRoom {
        let room = try ScriptedRoom(Self.source)
        room.create()
        room.join(1)
        return room
    }

    @Test("timers have names, keys, and the time they are due; one that failed has none")
    func timers() throws {
        let room = try self.room()
        #expect(room.rules.timers == [])
        room.send(1, #"{"type":"set"}"#)
        let start = room.now
        let sorted = { room.rules.timers.sorted { ($0.name, $0.key ?? "") < ($1.name, $1.key ?? "") } }
        #expect(
            sorted() == [
                RulesTimer(name: "ring", key: "1", dueAt: start + 2_000),
                RulesTimer(name: "ring", key: "door\0bell", dueAt: start + 5_000),
                RulesTimer(name: "tick", dueAt: start + 1_000, periodMilliseconds: 1_000),
            ]
        )
        room.now += 2_500
        while room.rules.nextTimer ?? .max <= room.now { room.timer() }
        #expect(sorted()[0].dueAt == nil)
        #expect(sorted()[2].dueAt == start + 3_000)
        #expect(room.rules.failuresOfLastMinute(at: room.now) == 1)
        #expect(room.rules.failuresOfLastMinute(at: room.now + 70_000) == 0)
        #expect(room.rules.failureCount == 1)
    }

    @Test("the hook that ran last is known by its name and its place")
    func hooks() throws {
        let room = try self.room()
        #expect(room.rules.lastHook == nil)
        room.send(1, #"{"type":"set"}"#)
        #expect(room.rules.lastHook == RulesHook(name: "commands.set", place: "test.lua:6"))
        room.send(1, #"{"type":"other"}"#)
        #expect(room.rules.lastHook == nil)
        room.now += 1_000
        room.timer()
        #expect(room.rules.lastHook == RulesHook(name: "timers.tick", place: "test.lua:5"))
        room.leave(1)
        #expect(room.rules.lastHook == RulesHook(name: "on_leave", place: "test.lua:11"))
    }
}
