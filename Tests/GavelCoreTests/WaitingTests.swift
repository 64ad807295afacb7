import GavelCore
import GavelTesting
import NIOCore
import Testing

/// What connections go through while a room cannot take what they send.
@Suite("While a room waits")
struct WaitingTests {
    private typealias Answer = RulesDouble.Answer

    /// A relay whose room `stuck` is mostly slow as long as its first member, alone in it, does not read.
    private func relay(_ rules: RulesDoubleProvider? = nil) -> (SimulatedRelay, SimulatedClient) {
        var outbound = OutboundLimits()
        outbound.softBytes = 1_000
        outbound.slowGrace = .seconds(60)
        let policy = RoomPolicy(presence: true, linger: .zero, rules: rules)
        let relay = SimulatedRelay(loops: 1, seed: 5, outbound: outbound, directory: { _ in policy })
        let first = self.join(relay, "stuck")
        first.outlet.window = 0
        for _ in 0..<20 { first.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 100))"}"#) }
        relay.settle()
        return (relay, first)
    }

    private func join(_ relay: SimulatedRelay, _ room: String) -> SimulatedClient {
        let client = relay.connect()
        client.send(#"{"type":"join","room":"\#(room)"}"#)
        relay.settle()
        return client
    }

    @Test("one who goes leaves it for good, also where another connection has its place before the room hears of it")
    func ghosts() {
        let (relay, first) = self.relay()
        first.outlet.open(nil)
        relay.settle()
        let guest = self.join(relay, "stuck")
        first.outlet.window = 0
        guest.outlet.window = 0
        for _ in 0..<20 { first.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 100))"}"#) }
        relay.settle()
        guest.disconnect()
        let next = self.join(relay, "elsewhere")
        #expect(next.read().first?.type == "joined")
        first.outlet.open(nil)
        relay.settle()
        first.pump()
        relay.settle()
        #expect(first.read().last?.type == "client_left")
        first.disconnect()
        next.disconnect()
        relay.settle()
        #expect(relay.roomCount == 0)
    }

    @Test("one who joins it can send ahead so much and no more, and then goes on where it stopped")
    func sendingAhead() {
        let (relay, first) = self.relay()
        let eager = relay.connect()
        eager.send(#"{"type":"join","room":"stuck"}"#)
        for number in 0..<200 {
            eager.send(#"{"type":"say","n":\#(number),"pad":"\#(String(repeating: "x", count: 1_000))"}"#)
        }
        relay.settle()
        #expect(!eager.outlet.isReading)
        #expect(!eager.isIdle)
        for _ in 0..<2_000 where !eager.isIdle || eager.outlet.sent.count < 200_000 {
            first.outlet.open(nil)
            relay.settle()
            eager.pump()
        }
        #expect(eager.isIdle && eager.isOpen)
        let numbers = eager.read().filter { $0.type == "say" && $0[number: "client_id"] == 2 }.map { $0[number: "n"] }
        #expect(numbers == (0..<200).map { Int64($0) })
    }

    @Test("it goes on with on_leave in the next tick where rules throw out many and each hook takes long")
    func manyKicks() {
        let clock = ManualClock()
        let left = Departures()
        let policy = RoomPolicy(
            rules: RulesDoubleProvider { rules, hook, _ in
                switch hook {
                case .message: return Answer(.handled, effects: rules.clients.map { .kick($0, "over") })
                case .leave(let client, _):
                    left.list.append(client)
                    clock.advance(by: .milliseconds(2))
                    return Answer(.relay)
                default: return Answer(.relay)
                }
            }
        )
        let host = TickCounter()
        let environment = RelayEnvironment(
            limits: RelayLimits(),
            outbound: OutboundLimits(),
            directory: { _ in policy },
            clock: clock.relayClock,
            entropy: { 1 }
        )
        let loop = RelayLoop(index: 0, count: 1, environment: environment, host: host)
        let clients = (0..<20).map { _ in
            let client = SimulatedClient(relay: loop, window: nil)
            client.send(#"{"type":"join","room":"r"}"#)
            loop.tick()
            return client
        }
        clients[0].send(#"{"type":"end"}"#)
        loop.tick()
        #expect(left.list.count == 3)
        #expect(clients.allSatisfy { $0.read().last?.type == "left" && $0.closeCodes == [4502] })
        var ticks = 0
        while host.isDue, ticks < 50 {
            host.isDue = false
            loop.tick()
            ticks += 1
        }
        #expect(left.list == (1...20).map { ClientID($0) })
        #expect(ticks >= 6)
    }
}

/// Touched by one thread.
private final class Departures: @unchecked Sendable {
    var list: [ClientID] = []
}

/// The limits of a connection that are counted by time.
@Suite("A connection's rate")
struct ConnectionRateTests {
    private func relay(_ change: (inout RelayLimits) -> Void, policy: RoomPolicy = RoomPolicy()) -> SimulatedRelay {
        var limits = RelayLimits()
        change(&limits)
        return SimulatedRelay(
            loops: 1,
            seed: 5,
            limits: limits,
            directory: { key in key.bytes == [0x21] ? nil : policy }
        )
    }

    @Test("takes a message after the time it was told to wait, on a relay that has nothing else to do")
    func retry() {
        let relay = self.relay { $0.messagesPerSecond = 10 }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        for _ in 0..<12 { client.send(#"{"type":"say"}"#) }
        relay.settle()
        let refused = client.read().first { $0.type == "error" }
        #expect(refused?["code"] == "rate_limited")
        relay.clock.advance(by: .milliseconds(refused?[number: "retry_after_ms"] ?? 0))
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(client.read().last?.type == "say")
    }

    @Test("includes messages that only the room found malformed: too many of them close it with 4503")
    func malformed() {
        let relay = self.relay({ $0.badMessages = 5 }, policy: RoomPolicy(messageBytes: 40))
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        for _ in 0..<5 { client.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 50))"}"#) }
        relay.settle()
        #expect(client.isOpen)
        client.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 50))"}"#)
        relay.settle()
        #expect(client.read().suffix(6).allSatisfy { $0["code"] == "too_large" })
        #expect(client.closeCodes == [4503])
    }

    @Test("counts a second join once")
    func secondJoin() {
        let relay = self.relay {
            $0.messagesPerSecond = 2
            $0.joinsPerMinute = 2
        }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"a"}"#)
        relay.settle()
        client.send(#"{"type":"join","room":"b"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["joined", "left", "joined"])
        relay.clock.advance(by: .seconds(2))
        client.send(#"{"type":"join","room":"c"}"#)
        relay.settle()
        #expect(client.read().map { $0["code"] } == ["rate_limited"])
    }

    @Test("a join that was refused does not end the wait for the first")
    func refusedJoin() {
        let relay = self.relay { $0.joinTimeout = .seconds(10) }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"!"}"#)
        relay.settle()
        relay.pass(.seconds(12))
        _ = client.read()
        #expect(client.closeCodes == [4007])
        let member = relay.connect()
        member.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        relay.pass(.seconds(12))
        #expect(member.isOpen)
    }

    @Test("a message with a ref behind a refused join is answered, although the next join follows at once")
    func answered() {
        let relay = self.relay({ _ in }, policy: RoomPolicy(maxClients: 1))
        let member = relay.connect()
        member.send(#"{"type":"join","room":"full"}"#)
        relay.settle()
        let client = relay.connect()
        client.send(#"{"type":"join","room":"full"}"#)
        client.send(#"{"type":"say","ref":1}"#)
        client.send(#"{"type":"join","room":"lobby"}"#)
        relay.settle()
        client.pump()
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type) == ["error", "error", "joined"])
        #expect(messages[1][number: "ref"] == 1)
    }
}

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
                        case .join(let client, _):
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
