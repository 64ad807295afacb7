import GavelCore
import GavelSimulation
import GavelTesting
import Testing

/// What is written down of rooms, and what becomes of it.
@Suite("A recording of a room")
struct RecordingTests {
    private let key = RoomKey("r")

    private func settings(
        _ rules: (any RulesProvider)?,
        _ limits: RecordingLimits? = RecordingLimits()
    ) -> RelaySettings {
        RelaySettings { _ in
            RoomPolicy(linger: .seconds(1), resumeGrace: .seconds(60), recording: limits, rules: rules)
        }
    }

    private func join(_ relay: SimulatedRelay) -> SimulatedClient {
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r","resume":true,"name":"Ann"}"#)
        relay.settle()
        return client
    }

    private func say(_ relay: SimulatedRelay, _ client: SimulatedClient, _ type: String = "say", times: Int = 1) {
        for _ in 0..<times {
            client.send(#"{"type":"\#(type)"}"#)
            relay.settle()
        }
    }

    private func recording(_ store: MemoryRecordings) throws -> Recording {
        try Recording(Recording.bytes(of: store.parts(of: self.key), key: self.key, wallMilliseconds: 5))
    }

    @Test("has each call with what came of it, from the room's beginning to its end, and a segment for each life")
    func calls() throws {
        let store = MemoryRecordings()
        let rules = VersionedRules.provider("1", failing: ["bad"])
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules), recordings: store)
        for _ in 0..<2 {
            let client = self.join(relay)
            self.say(relay, client)
            self.say(relay, client, "bad")
            self.say(relay, client, "what")
            client.disconnect(.left)
            relay.settle()
            relay.pass(.seconds(3))
        }
        let recording = try self.recording(store)
        #expect(recording.key == self.key && recording.wallMilliseconds == 5)
        #expect(recording.segments.map(\.base.cause) == [.created, .created])
        for segment in recording.segments {
            #expect(segment.inputs.map(\.kind) == [.create, .join, .message, .message, .message, .leave, .close])
            #expect(segment.inputs[1].name == Array("Ann".utf8))
            #expect(
                segment.inputs.map(\.answer.verdict) == [.relay, .relay, .relay, .failed, .handled, .relay, .relay]
            )
            #expect(segment.inputs[2].message == Array(#"{"type":"say"}"#.utf8))
            #expect(segment.inputs[4].context.lastID == 1)
            #expect(segment.inputs[5].reason == .left)
            #expect(segment.inputs.allSatisfy { $0.stateSum != nil })
            #expect(segment.base.rules?.version == "1" && !segment.isCut)
        }
        var replay = RulesReplay(rules)
        try replay.run(recording)
        #expect(replay.report.isSame && replay.report.inputs == 14)
    }

    @Test("of a plain relay shows what rules would have done there")
    func plain() throws {
        let store = MemoryRecordings()
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(nil), recordings: store)
        self.say(relay, self.join(relay), times: 3)
        relay.pass(.seconds(2))
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .message = hook { return .init(.rejected) }
            return .init(.relay)
        }
        var replay = RulesReplay(rules)
        try replay.run(try self.recording(store))
        #expect(replay.report.counts == [.refused: 3])
        #expect(replay.report.findings.map(\.messageID) == [1, 2, 3])
    }

    @Test("goes on over a reload from what the new rules made of it, and rules of a third version take over from both")
    func reload() throws {
        let store = MemoryRecordings()
        let relay = SimulatedRelay(
            loops: 1,
            seed: 1,
            settings: self.settings(VersionedRules.provider("1")),
            recordings: store
        )
        let client = self.join(relay)
        self.say(relay, client, times: 2)
        let second = VersionedRules.provider("2") { rules, from in
            rules.kept += "0"
            return .init(.relay)
        }
        _ = relay.adopt(self.settings(second))
        self.say(relay, client)
        relay.pass(.seconds(2))
        let recording = try self.recording(store)
        #expect(recording.segments.map(\.base.cause) == [.created, .reloaded])
        #expect(recording.segments.map { $0.base.rules?.version } == ["1", "2"])
        #expect(recording.segments[1].base.copy == Array("20".utf8))
        let third = RulesDoubleProvider(name: "count.lua", version: "3") { rules, hook, _ in
            if case .reload(let from) = hook { rules.kept = "from \(from)" }
            return .init(.relay)
        }
        var replay = RulesReplay(third)
        try replay.run(recording)
        // A room that begins needs no on_reload, and its state is another from the first message on.
        #expect(replay.report.counts == [.state: 2])
        #expect(replay.report.findings.map(\.difference.now).last?.contains("from 2") == true)
    }

    @Test("begins and ends while the room is there, as the settings say")
    func live() throws {
        let store = MemoryRecordings()
        let rules = VersionedRules.provider("1")
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules, nil), recordings: store)
        let client = self.join(relay)
        self.say(relay, client, times: 3)
        #expect(store.rooms().isEmpty)
        _ = relay.adopt(self.settings(rules))
        self.say(relay, client)
        _ = relay.adopt(self.settings(rules, nil))
        self.say(relay, client)
        let recording = try self.recording(store)
        #expect(recording.segments.map(\.base.cause) == [.observed])
        #expect(recording.segments[0].inputs.map(\.kind) == [.message])
        #expect(recording.segments[0].base.clients.map(\.id) == [1])
        #expect(recording.segments[0].base.copy == Array("3".utf8))
    }

    @Test("holds about as much as it may: the oldest segments go, each new one begins from what the rules keep by then")
    func bounded() throws {
        let store = MemoryRecordings()
        let rules = VersionedRules.provider("1")
        let limits = RecordingLimits(bytes: 64 << 10, age: .seconds(3600))
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules, limits), recordings: store)
        let client = self.join(relay)
        for _ in 0..<3000 {
            client.send(#"{"type":"say","text":"\#(String(repeating: "x", count: 100))"}"#)
            relay.settle()
        }
        relay.pass(.seconds(2))
        #expect(store.byteCount < limits.bytes && store.byteCount > limits.bytes / 2)
        let recording = try self.recording(store)
        #expect(recording.segments.count > 1)
        #expect(recording.segments.allSatisfy { $0.base.cause == .continued && !$0.isCut })
        #expect(recording.segments.flatMap(\.inputs).last?.context.lastID == 2999)
        var replay = RulesReplay(rules)
        try replay.run(recording)
        #expect(replay.report.isSame)
        // Time goes on, and nobody needs what is old.
        let short = RecordingLimits(bytes: 64 << 10, age: .seconds(60))
        _ = relay.adopt(self.settings(rules, short))
        relay.pass(.seconds(120))
        self.say(relay, client)
        self.say(relay, client)
        relay.pass(.seconds(2))
        #expect(try self.recording(store).segments.map(\.base.cause) == [.observed, .continued])
    }

    @Test("whose store drops a part begins anew, and does not go on behind the gap")
    func dropped() throws {
        let store = DroppingRecordings()
        let rules = VersionedRules.provider("1")
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules), recordings: store)
        let client = self.join(relay)
        store.drops = true
        self.say(relay, client)
        relay.pass(.seconds(2))
        store.drops = false
        self.say(relay, client, times: 2)
        relay.pass(.seconds(2))
        let recording = try self.recording(store.kept)
        #expect(recording.segments.map(\.base.cause) == [.created, .continued])
        var replay = RulesReplay(rules)
        try replay.run(recording)
        #expect(replay.report.isSame)
    }

    /// Rules that keep so many bytes, and say how often those were copied.
    private static func large(_ bytes: Int) -> RulesDoubleProvider {
        RulesDoubleProvider { rules, hook, _ in
            switch hook {
            case .create: rules.kept = String(repeating: "x", count: bytes)
            case .message(_, "shrink", _): rules.kept = ""
            case .message: return .init(.handled, hasReply: true, payload: #""copies":\#(rules.copyCount)"#)
            default: break
            }
            return .init(.relay)
        }
    }

    @Test("of rooms that have no place beside each other says what it dropped, and they copy ever more seldom")
    func crowded() throws {
        let store = MemoryRecordings(limitBytes: 25_000)
        let rules = Self.large(10_000)
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules, nil), recordings: store)
        let clients = (0..<3).map { room in
            let client = relay.connect()
            client.send(#"{"type":"join","room":"\#(room)"}"#)
            relay.settle()
            return client
        }
        _ = relay.adopt(self.settings(rules))
        for _ in 0..<200 {
            for client in clients { self.say(relay, client) }
            relay.pass(.seconds(5))
        }
        #expect(store.droppedParts > 0 && store.byteCount <= 25_000)
        for client in clients { #expect((2..<20).contains(client.read().last?[number: "copies"] ?? 0)) }
        for key in store.rooms() {
            let bytes = Recording.bytes(of: store.parts(of: key), key: key, wallMilliseconds: 5)
            #expect(try Recording(bytes).segments.allSatisfy { !$0.isCut })
        }
    }

    @Test("is begun for one room in each tick where that takes its time, so that no other waits for all")
    func liveSlowly() {
        let clock = ManualClock()
        let rules = VersionedRules.provider("1")
        let before = self.settings(rules, nil)
        let host = SingleLoop(clock: clock, recordings: SlowRecordings(clock), directory: before.directory)
        let clients = (0..<20).map { host.join("r\($0)") }
        let pending = PendingReload(loops: 1)
        host.loop.adopt(self.settings(rules)) { pending.add($0) }
        var ticks = 0
        while pending.report == nil, ticks < 100 {
            host.tick()
            ticks += 1
        }
        #expect(pending.report?.unchanged == 20)
        #expect((20...22).contains(ticks) && clients.allSatisfy(\.isOpen))
    }

    @Test("of a room that keeps too much is not begun, which is told once, and is tried again now and then only")
    func tooMuch() throws {
        let store = MemoryRecordings()
        let rules = Self.large(6000)
        let limits = RecordingLimits(bytes: 8 << 10, age: .seconds(3600))
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: self.settings(rules, nil), recordings: store)
        let client = self.join(relay)
        func pass(_ seconds: Int) -> Int64? {
            for _ in 0..<seconds {
                relay.pass(.seconds(1))
                self.say(relay, client)
            }
            return client.read().last?[number: "copies"]
        }
        _ = relay.adopt(self.settings(rules, limits))
        #expect(pass(10) == 1 && pass(800) == 1)
        #expect(pass(200) == 2)
        let told = relay.events.compactMap { event -> Int? in
            if case .recordingRefused(self.key, let bytes, 8192) = event { bytes } else { nil }
        }
        #expect(told.count == 1 && (6000..<7000).contains(told[0]) && store.rooms().isEmpty)
        self.say(relay, client, "shrink")
        #expect(pass(900).map { $0 > 2 } ?? false)
        relay.pass(.seconds(2))
        #expect(Set(try self.recording(store).segments.map(\.base.cause)) == [.continued])
    }
}

/// A store that can be told to drop what it is given.
private final class DroppingRecordings: RecordingStore, @unchecked Sendable {
    let kept = MemoryRecordings()
    var drops = false
    private(set) var droppedParts = 0

    func append(_ part: RecordingPart) -> Bool {
        if self.drops { self.droppedParts += 1 } else { _ = self.kept.append(part) }
        return !self.drops
    }

    func parts(of key: RoomKey) -> [[UInt8]] { self.kept.parts(of: key) }
    func rooms() -> [RoomKey] { self.kept.rooms() }
}

/// A store that takes its time for each part.
private struct SlowRecordings: RecordingStore {
    private let clock: ManualClock
    var droppedParts: Int { 0 }

    init(_ clock: ManualClock) { self.clock = clock }

    func append(_ part: RecordingPart) -> Bool {
        self.clock.advance(by: .milliseconds(3))
        return true
    }

    func parts(of key: RoomKey) -> [[UInt8]] { [] }
    func rooms() -> [RoomKey] { [] }
}
