import GavelCore
import GavelScript
import Testing

@Suite("hooks that were stopped by their budget, played again")
struct HookStopTests {
    private static let source = """
        local rules = gavel.rules()
        rules.messages.spin, rules.messages.eat, rules.messages.shout, rules.messages.show = {}, {}, {}, {}
        rules.messages.later, rules.messages.id = {}, {}
        rules.options.spin = { rate = "3/1s" }
        local function spin() while true do end end
        function rules.on_create(room) room.state = { n = 0 } end
        function rules.commands.spin(room, client)
          room.state.n, room.state.last = room.state.n + 1, gavel.id()
          room:broadcast { type = "never", roll = math.random(100) }
          spin()
        end
        function rules.commands.eat() local t = {} while true do t[#t + 1] = ("x"):rep(9000) .. #t end end
        function rules.commands.shout(room) for i = 1, 300 do room:broadcast { type = "a" } end end
        function rules.commands.later(room) room:after("1s", "t") room:after("1s", "u") end
        function rules.timers.t() spin() end
        function rules.timers.u(room) room:broadcast { type = "u", roll = math.random(100) } end
        function rules.commands.show(room) room:sync() return { n = room.state.n } end
        function rules.commands.id() return { id = gavel.id(), roll = math.random(1000) } end
        function rules.snapshot(room, client)
          if client.id == 3 then gavel.id() spin() end
          return { me = client.id }
        end
        function rules.on_return() gavel.id() spin() end
        function rules.on_leave() spin() end
        return rules
        """

    /// Of the first kind with a budget that is soon spent, of the second with one that never is.
    private static func room(steps: Int) throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.instructions = steps
        configuration.memoryBytes = steps == 50_000 ? 256 << 10 : 8 << 20
        configuration.showsErrors = true
        configuration.strikes = nil
        let room = try ScriptedRoom(Self.source, configuration: configuration)
        room.create()
        return room
    }

    @Test("end as they were recorded without being run: what is sent, kept, logged and due is the same")
    func sameAsRecorded() throws {
        let recorded = try Self.room(steps: 50_000), played = try Self.room(steps: 2_000_000)
        var stops: [HookStop.Budget] = []
        func give(_ input: (ScriptedRoom) -> ScriptedRoom.Answer) {
            let answer = input(recorded)
            if let stop = recorded.rules.lastStop {
                stops.append(stop.budget)
                played.rules.stopNext(stop)
            }
            #expect(input(played) == answer)
            #expect(played.rules.lastStop == recorded.rules.lastStop)
            #expect(played.rules.nextTimer == recorded.rules.nextTimer)
            #expect(played.state == recorded.state)
            #expect(played.rules.lastFailure == recorded.rules.lastFailure)
            #expect(played.rules.failureCount == recorded.rules.failureCount)
        }
        for client in 1...2 as ClosedRange<ClientID> { give { $0.join(client) } }
        give { $0.send(1, #"{"type":"show"}"#) }
        give { $0.send(1, #"{"type":"spin"}"#) }
        give { $0.send(1, #"{"type":"id"}"#) }
        give { $0.send(2, #"{"type":"eat"}"#) }
        give { $0.send(2, #"{"type":"shout"}"#) }
        give { $0.send(2, #"{"type":"later"}"#) }
        recorded.now += 1_000
        played.now += 1_000
        give { $0.timer() }
        give { $0.timer() }
        give { $0.join(3) }
        give { $0.join(4) }
        give { $0.send(1, #"{"type":"show"}"#) }
        // A client that returns is shown the room all the same, which may be stopped, too.
        for client in 2...3 as ClosedRange<ClientID> {
            give { $0.drop(client) }
            give { $0.resume(client) }
            #expect(recorded.rules.lastStop?.identifiers == 1 && recorded.rules.lastStop?.snapshots == nil)
            give { $0.send(1, #"{"type":"id"}"#) }
        }
        give { $0.leave(2) }
        give { $0.send(1, #"{"type":"id"}"#) }
        for _ in 0..<4 { give { $0.send(4, #"{"type":"spin"}"#) } }
        give { $0.send(1, #"{"type":"id"}"#) }
        #expect(Set(stops) == [.steps, .memory, .effects])
        #expect(recorded.rules.copy() == played.rules.copy())
        let logs = [recorded, played].map {
            $0.log.entries.map { "\($0.level) \($0.message) \($0.metadata.sorted { $0.key < $1.key })" }
        }
        #expect(logs[0] == logs[1])
    }

    @Test("are told of the call that follows only, and of time as of steps")
    func oneCall() throws {
        let room = try Self.room(steps: 50_000)
        room.join(1)
        let stop = HookStop(
            budget: .time,
            hook: "commands.id",
            file: "test.lua",
            line: 17,
            text: "commands.id spent its budget (10 ms), and was undone.",
            traceback: ["test.lua:17 in commands.id"]
        )
        room.rules.stopNext(stop)
        #expect(
            room.send(1, #"{"type":"id"}"#).payload
                == #""message":"test.lua:17: commands.id spent its budget (10 ms), and was undone."#
                + #"\n  at test.lua:17 in commands.id""#
        )
        #expect(room.rules.lastStop == stop)
        #expect(room.send(1, #"{"type":"id"}"#).verdict == .handled)
        #expect(room.rules.lastStop == nil)
    }
}
