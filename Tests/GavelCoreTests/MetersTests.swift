import GavelCore
import GavelTesting
import Histogram
import NIOCore
import Testing

@Suite("What a loop counts and measures")
struct MetersTests {
    private let clock = ManualClock()
    private let single: SingleLoop

    init() {
        self.single = SingleLoop(clock: self.clock) { _ in RoomPolicy() }
    }

    @Test("messages and bytes, as they come in and as they go out")
    func traffic() {
        let clients = (0..<3).map { _ in self.single.join("a") }
        let before = self.single.loop.currentMeters
        #expect(before.joins == 3)
        #expect(before.messagesIn == 3)
        let text = #"{"type":"say"}"#
        for _ in 0..<4 { clients[0].send(text) }
        self.single.tick()
        let after = self.single.loop.currentMeters
        #expect(after.messagesIn - before.messagesIn == 4)
        #expect(after.bytesIn - before.bytesIn == 4 * text.utf8.count)
        #expect(after.messagesOut - before.messagesOut == 12)
        #expect(after.bytesOut - before.bytesOut > 12 * text.utf8.count)
        #expect(after.fanout.count - before.fanout.count == 4)
        #expect(after.fanout.since(before.fanout).histogram.min == 3)
        #expect(after.queued.count == 3)
    }

    @Test("the time from reading to sending, of each message that a tick took")
    func timeInRelay() {
        let client = self.single.join("a")
        let before = self.single.loop.currentMeters.inRelay
        for _ in 0..<5 { client.send(#"{"type":"say"}"#) }
        self.clock.advance(by: .milliseconds(3))
        self.single.tick()
        let spent = self.single.loop.currentMeters.inRelay.since(before)
        #expect(spent.count == 5)
        #expect((2_900_000...3_100_000).contains(spent.histogram.valueAtPercentile(50)))
        self.single.tick()
        #expect(self.single.loop.currentMeters.inRelay.since(before).count == 5)
    }

    private static let ruled: RoomDirectory = { key in
        let rules = RulesDoubleProvider { _, _, _ in .init(.relay) }
        return RoomPolicy(rules: key == RoomKey("ruled") ? rules : nil)
    }

    @Test("the time of hooks without that of joins of rooms that have no rules")
    func timeOfHooksAfterJoins() {
        let clock = self.clock
        let single = SingleLoop(
            clock: clock,
            entropy: {
                clock.advance(by: .milliseconds(10))
                return 1
            },
            directory: Self.ruled
        )
        let client = single.join("ruled")
        _ = single.join("plain")
        let before = single.loop.currentMeters.hooks[MeteredHook.message.rawValue]
        let other = SimulatedClient(relay: single.loop, window: nil)
        // The secret of its session is drawn by chance.
        other.send(#"{"type":"join","room":"plain","resume":true}"#)
        client.send(#"{"type":"say"}"#)
        single.tick()
        let spent = single.loop.currentMeters.hooks[MeteredHook.message.rawValue].since(before)
        #expect(spent.count == 1 && spent.sum == 0)
    }

    @Test("the time of hooks without that of the messages of rooms that have no rules")
    func timeOfHooksAfterMessages() {
        let single = SingleLoop(clock: .system, directory: Self.ruled)
        let client = single.join("ruled")
        let other = single.join("plain")
        // On a busy machine any of them may have to wait.
        let parts = (0..<7).map { _ in
            let before = single.loop.currentMeters.hooks[MeteredHook.message.rawValue]
            for _ in 0..<3000 { other.send(#"{"type":"say"}"#) }
            client.send(#"{"type":"say"}"#)
            let time = ContinuousClock().measure { single.tick() }
            let spent = single.loop.currentMeters.hooks[MeteredHook.message.rawValue].since(before)
            #expect(spent.count == 1)
            return Duration.nanoseconds(Int64(spent.sum)) / time
        }
        #expect(parts.min()! < 0.05, "\(parts)")
    }

    @Test("refusals by their reason, of the connection and of the room")
    func refusals() {
        let client = self.single.join("a")
        client.send("{")
        client.send(#"{"type":"joined"}"#)
        let other = SimulatedClient(relay: self.single.loop, window: nil)
        other.send(#"{"type":"say"}"#)
        self.single.tick()
        let refusals = self.single.loop.currentMeters.refusals
        let expected: [ErrorCode: Int] = [.badJSON: 1, .reservedType: 1, .notJoined: 1]
        for code in ErrorCode.allCases { #expect(refusals[Int(code.rawValue)] == expected[code] ?? 0, "\(code)") }
    }

    @Test("refusals of joins of rooms that a log keeps and that do not start")
    func refusedOpenings() {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .create = hook { .init(.failed, payload: "no") } else { .init(.relay) }
        }
        let settings = RelaySettings { _ in RoomPolicy(rules: rules) }
        let log = MemoryMessageLog(answersAtOnce: true)
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings, log: log)
        let client = relay.connect()
        for _ in 0..<2 {
            client.send(#"{"type":"join","room":"a"}"#)
            relay.settle()
        }
        #expect(client.read().map { $0["code"] } == ["unavailable", "unavailable"])
        #expect(relay.loops[0].currentMeters.refusals[Int(ErrorCode.unavailable.rawValue)] == 2)
    }

    @Test("a meter tells what came since, and how much of it is below a bound")
    func meter() {
        var meter = RelayMeters().fanout
        meter.record(1)
        meter.record(100, count: 3)
        let before = meter
        meter.record(100)
        meter.record(5_000, count: 2)
        #expect(meter.counts(upTo: [1, 99, 101, 10_000]) == [1, 1, 5, 7])
        let part = meter.since(before)
        #expect(part.count == 3)
        #expect(part.sum == 10_100)
        #expect(part.counts(upTo: [1, 101, 10_000]) == [0, 1, 3])
        var sum = before
        sum += part
        #expect(sum.counts(upTo: [1, 99, 101, 10_000]) == meter.counts(upTo: [1, 99, 101, 10_000]))
        #expect(sum.sum == meter.sum)
    }
}
