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
        let relay = SingleLoop(clock: clock) { _ in policy }
        let clients = (0..<20).map { _ in relay.join("r") }
        clients[0].send(#"{"type":"end"}"#)
        relay.tick()
        #expect(left.list.count == 3)
        #expect(clients.allSatisfy { $0.read().last?.type == "left" && $0.closeCodes == [4502] })
        let ticks = relay.run(limit: 50)
        #expect(left.list == (1...20).map { ClientID($0) })
        #expect(ticks >= 6)
    }

    @Test("rooms that end together do so over several ticks where their last hooks take long")
    func manyEnds() {
        let clock = ManualClock()
        let closed = Departures()
        let policy = RoomPolicy(
            linger: .seconds(1),
            rules: RulesDoubleProvider { _, hook, _ in
                if case .close = hook {
                    closed.list.append(0)
                    clock.advance(by: .milliseconds(2))
                }
                return Answer(.relay)
            }
        )
        let relay = SingleLoop(clock: clock) { _ in policy }
        for number in 0..<20 {
            relay.join("r\(number)").disconnect()
            relay.tick()
        }
        clock.advance(by: .seconds(2))
        relay.sweep()
        #expect(closed.list.count == 3)
        _ = relay.run(limit: 20)
        #expect(closed.list.count == 20)
        #expect(relay.environment.rooms == 0)
    }
}

/// Touched by one thread.
private final class Departures: @unchecked Sendable {
    var list: [ClientID] = []
}
