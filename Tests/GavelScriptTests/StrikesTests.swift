import GavelCore
import GavelScript
import Logging
import Testing

@Suite("rules that fail again and again")
struct StrikesTests {
    private static let source = """
        local rules = gavel.rules()
        rules.messages.loop, rules.messages.eat, rules.messages.flood = {}, {}, {}
        rules.messages.broken, rules.messages.fine, rules.messages.clock = {}, {}, {}
        function rules.on_create(room) room.state.joins = 0 end
        function rules.commands.join(room) room.state.joins = room.state.joins + 1 return { n = room.state.joins } end
        function rules.commands.loop() while true do end end
        function rules.commands.eat(room) local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end
        function rules.commands.flood(room) while true do room:broadcast { type = "x" } end end
        function rules.commands.broken() error("no") end
        function rules.commands.fine(room) return { ok = true } end
        function rules.commands.clock(room) room:every("1s", "tick") return { ok = true } end
        function rules.timers.tick(room) while true do end end
        function rules.on_leave(room, client) room:broadcast { type = "gone", id = client.id } end
        return rules
        """
    private static let fine = #"{"type":"fine"}"#

    private func room(most: Int? = 3, then action: ScriptConfiguration.OnStrikes = .refuse) throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 100_000
        configuration.effects = 16
        configuration.memoryBytes = 1 << 20
        configuration.strikes = most
        configuration.onStrikes = action
        let room = try ScriptedRoom(Self.source, configuration: configuration)
        room.create()
        room.join(1)
        return room
    }

    private func switchOffs(_ room: ScriptedRoom) -> [LogRecorder.Entry] {
        room.log.entries.filter { $0.message.contains("switched off") }
    }

    @Test("whichever budget they spend, the last strike switches the rules off, which is told once")
    func refuses() throws {
        let room = try self.room()
        for type in ["loop", "eat", "flood"] {
            #expect(self.switchOffs(room).isEmpty)
            #expect(room.send(1, #"{"type":"\#(type)"}"#).verdict == .failed)
        }
        #expect(room.rules.lastStop != nil && room.rules.lastHook != nil)
        for _ in 1...5 { #expect(room.send(1, Self.fine) == .init(verdict: .switchedOff)) }
        // Nothing ran that could have been stopped.
        #expect(room.rules.lastStop == nil && room.rules.lastHook == nil)
        // Types are not looked at any more.
        #expect(room.send(1, #"{"type":"unheard of"}"#) == .init(verdict: .switchedOff))
        #expect(room.join(2) == .init(verdict: .switchedOff))
        let told = self.switchOffs(room)
        #expect(told.count == 1)
        let entry = try #require(told.first)
        #expect(entry.level == .error)
        #expect(entry.text("room") == "table-1" && entry.text("times") == "3" && entry.text("hook") == "commands.flood")
    }

    @Test("a leave and the end of the room are heard of no more, and timers stop")
    func stops() throws {
        let room = try self.room(most: 1)
        #expect(room.send(1, #"{"type":"clock"}"#).verdict == .handled)
        #expect(room.rules.nextTimer != nil)
        room.now += 1000
        #expect(room.timer().verdict == .failed)
        #expect(room.rules.nextTimer == nil)
        #expect(room.timer() == .init(verdict: .handled))
        #expect(room.leave(1) == .init(verdict: .handled))
        #expect(room.close() == .init(verdict: .handled))
        #expect(self.switchOffs(room).first?.text("hook") == "timers.tick")
    }

    @Test("as the configuration says, the room goes on as a plain relay")
    func relays() throws {
        let room = try self.room(most: 2, then: .relay)
        for _ in 1...2 { #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed) }
        #expect(room.send(1, Self.fine) == .init(verdict: .relay))
        #expect(room.send(1, #"{"type":"unheard of","x":1}"#) == .init(verdict: .relay))
        #expect(room.join(2) == .init(verdict: .relay))
        #expect(room.leave(1) == .init(verdict: .handled))
    }

    @Test("strikes of more than a minute ago do not count, and other errors never do")
    func forgets() throws {
        let room = try self.room()
        for _ in 1...20 {
            #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed)
            #expect(room.send(1, #"{"type":"broken"}"#).verdict == .failed)
            #expect(room.send(1, Self.fine).verdict == .handled)
            room.now += 30_000
        }
        room.now += 60_000
        for _ in 1...3 { #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed) }
        #expect(room.send(1, Self.fine).verdict == .switchedOff)
    }

    @Test("without a number of strikes rules may fail for ever")
    func never() throws {
        let room = try self.room(most: nil)
        for _ in 1...40 { #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed) }
        #expect(room.send(1, Self.fine).verdict == .handled)
    }

    @Test("another room of the same rules is not touched, nor is the room when it is made anew")
    func fresh() throws {
        let room = try self.room(most: 1)
        #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed)
        #expect(room.send(1, Self.fine).verdict == .switchedOff)
        #expect(try self.room(most: 1).send(1, Self.fine).payload == #""ok":true"#)
    }
}
