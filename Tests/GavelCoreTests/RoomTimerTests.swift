import GavelCore
import GavelTesting
import NIOCore
import Testing

/// Timers and snapshots of rules, as the relay runs them.
@Suite("The timers of a room")
struct RoomTimerTests {
    private typealias Answer = RulesDouble.Answer

    private func join(_ relay: SimulatedRelay, _ room: String = "r", on loop: Int = 0) -> SimulatedClient {
        let client = relay.connect(on: loop)
        client.send(#"{"type":"join","room":"\#(room)"}"#)
        relay.settle()
        return client
    }

    /// `in N` sets a timer N milliseconds from then; a timer says so.
    private let rules = RulesDoubleProvider { rules, hook, context in
        switch hook {
        case .message(_, let type, _):
            if let delay = Int64(type) { rules.nextTimer = context.uptimeMilliseconds + delay }
            return Answer(.handled)
        case .timer:
            return Answer(.handled, effects: [.broadcast(#"{"type":"rang","at":\#(context.uptimeMilliseconds)}"#)])
        default: return Answer(.relay)
        }
    }

    @Test("run when they are due, in rooms of every loop, each to its members", arguments: [1, 3])
    func due(loops: Int) {
        let rules = self.rules
        let relay = SimulatedRelay(loops: loops, seed: 4, directory: { _ in RoomPolicy(rules: rules) })
        let clients = (0..<6).map { self.join(relay, "room-\($0 / 2)", on: $0 % loops) }
        for (index, client) in clients.enumerated() where index % 2 == 0 {
            _ = client.read()
            client.send(#"{"type":"\#(1_500 + index)"}"#)
        }
        relay.settle()
        let start = Int64(relay.clock.now.uptimeNanoseconds / 1_000_000)
        relay.pass(.milliseconds(1_499))
        #expect(clients.allSatisfy { $0.read().allSatisfy { $0.type != "rang" } })
        relay.pass(.seconds(1))
        for (index, client) in clients.enumerated() {
            let rang = client.read().filter { $0.type == "rang" }
            #expect(rang.map { $0[number: "at"] } == [start + 1_500 + Int64(index / 2 * 2)])
            #expect(rang.map { $0[number: "msg_id"] } == [1])
        }
    }

    @Test("of rooms that sleep wake nobody")
    func asleep() {
        let rules = self.rules
        let clock = ManualClock()
        let host = SingleLoop(clock: clock, directory: { _ in RoomPolicy(rules: rules) })
        let client = host.join("r")
        client.send(#"{"type":"1000"}"#)
        host.tick()
        #expect(host.wakeAt != nil)
        host.loop.sleep {}
        clock.advance(by: .seconds(2))
        host.wake()
        #expect(host.run(limit: 10) < 10)
        #expect(host.wakeAt == nil)
        client.disconnect()
    }

    @Test("that are set later again and again run once, at the last time; those of a room that ended never")
    func moved() {
        let rules = self.rules
        let relay = SimulatedRelay(loops: 1, seed: 4, directory: { _ in RoomPolicy(linger: .zero, rules: rules) })
        let client = self.join(relay)
        let gone = self.join(relay, "gone")
        gone.send(#"{"type":"1000"}"#)
        for step in 1...50 {
            client.send(#"{"type":"\#(1_000 + step)"}"#)
            relay.pass(.milliseconds(100))
        }
        gone.disconnect()
        relay.pass(.milliseconds(900))
        #expect(client.read().count { $0.type == "rang" } == 0)
        relay.pass(.seconds(60))
        #expect(client.read().count { $0.type == "rang" } == 1)
        #expect(relay.roomCount == 1)
    }

    @Test("wait while most members of the room cannot read, and run then")
    func slow() {
        let rules = self.rules
        var outbound = OutboundLimits()
        outbound.softBytes = 100
        outbound.slowGrace = .seconds(60)
        let relay = SimulatedRelay(
            loops: 1,
            seed: 4,
            outbound: outbound,
            directory: { _ in RoomPolicy(rules: rules) }
        )
        let client = self.join(relay)
        client.send(#"{"type":"1000"}"#)
        relay.settle()
        client.outlet.window = 0
        for _ in 0..<5 { client.send(#"{"type":"answer me","ref":"a reference of some length"}"#) }
        relay.settle()
        let start = relay.clock.now
        relay.pass(.seconds(5))
        client.outlet.open(nil)
        relay.settle()
        let rang = client.read().filter { $0.type == "rang" }
        #expect(rang.count == 1)
        let late = Int64(start.uptimeNanoseconds / 1_000_000) + 4_000
        #expect(rang.allSatisfy { $0[number: "at"]! > late })
    }

    @Test("and snapshots stand at their place: as of the number before them, with no number of their own")
    func snapshots() {
        let relay = SimulatedRelay(
            loops: 1,
            seed: 4,
            directory: { _ in
                RoomPolicy(
                    rules: RulesDoubleProvider { rules, hook, _ in
                        switch hook {
                        case .join(let client, _, _):
                            return Answer(
                                .handled,
                                effects: [.snapshot(client, #""board":[]"#), .broadcast(#"{"type":"hi"}"#)]
                            )
                        case .message(let client, _, _):
                            return Answer(
                                .relay,
                                effects: [
                                    .broadcast(#"{"type":"a"}"#), .snapshot(client, ""), .broadcast(#"{"type":"b"}"#),
                                ]
                            )
                        default: return Answer(.relay)
                        }
                    }
                )
            }
        )
        let first = self.join(relay)
        let second = self.join(relay)
        second.send(#"{"type":"go"}"#)
        relay.settle()
        #expect(first.read().map(\.type) == ["joined", "snapshot", "hi", "hi", "go", "a", "b"])
        let messages = second.read()
        #expect(messages.map(\.type) == ["joined", "snapshot", "hi", "go", "a", "snapshot", "b"])
        #expect(messages[1].description == #"{"type":"snapshot","client_id":0,"as_of":1,"board":[]}"#)
        #expect(messages[5].description == #"{"type":"snapshot","client_id":0,"as_of":4}"#)
        #expect(messages.compactMap { $0[number: "msg_id"] } == [1, 2, 3, 4, 5])
    }
}
