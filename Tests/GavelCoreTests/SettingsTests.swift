import GavelCore
import GavelTesting
import Testing

/// Other limits and policies while the relay runs.
@Suite("Settings of a running relay")
struct SettingsTests {
    private func join(_ relay: SimulatedRelay, _ more: String = "", on loop: Int = 0) -> SimulatedClient {
        let client = relay.connect(on: loop)
        client.send(#"{"type":"join","room":"r"\#(more)}"#)
        relay.settle()
        return client
    }

    private func types(_ client: SimulatedClient) -> [String] { client.read().map(\.type) }

    @Test("a rate that is set, changed or lifted counts for connections that are there", arguments: [1, 2])
    func rates(loops: Int) {
        var settings = RelaySettings { _ in RoomPolicy() }
        let relay = SimulatedRelay(loops: loops, seed: 1, settings: settings)
        let client = self.join(relay, on: loops - 1)
        settings.limits.messagesPerSecond = 2
        _ = relay.adopt(settings)
        _ = client.read()
        for _ in 0..<3 { client.send(#"{"type":"say"}"#) }
        relay.settle()
        #expect(self.types(client).sorted() == ["error", "say", "say"])
        // All of it is used, whatever the rate is.
        settings.limits.messagesPerSecond = 1_000
        _ = relay.adopt(settings)
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(self.types(client) == ["error"])
        settings.limits.messagesPerSecond = nil
        _ = relay.adopt(settings)
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(self.types(client) == ["say"])
    }

    @Test("a time to join that is set later counts from when the connection came")
    func joinTimeout() {
        var settings = RelaySettings { _ in RoomPolicy() }
        settings.limits.joinTimeout = nil
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings)
        let idle = relay.connect()
        let joined = self.join(relay)
        relay.pass(.seconds(20))
        settings.limits.joinTimeout = .seconds(30)
        _ = relay.adopt(settings)
        relay.pass(.seconds(9))
        #expect(idle.isOpen)
        relay.pass(.seconds(2))
        #expect(!idle.isOpen && joined.isOpen)
    }

    @Test("rooms that are there follow what is decided about them", arguments: [1, 3])
    func policies(loops: Int) {
        let relay = SimulatedRelay(loops: loops, seed: 1)
        let first = self.join(relay)
        let report = relay.adopt(
            RelaySettings { _ in RoomPolicy(maxClients: 2, presence: true, messageBytes: 20, resumeGrace: nil) }
        )
        #expect(report?.unchanged == 1 && report?.changed == 0)
        let second = self.join(relay, #","resume":true"#, on: loops - 1)
        let joined = second.read()[0]
        #expect(joined["session"] == nil && joined.description.contains(#""clients":[{"client_id":1}]"#), "\(joined)")
        #expect(self.types(first) == ["joined", "client_joined"])
        first.send(#"{"type":"say","long":"0123456789"}"#)
        let third = self.join(relay)
        #expect(third.read().map { $0["code"] } == ["room_full"])
        #expect(first.read().map { $0["code"] } == ["too_large"])
    }

    @Test("a history that becomes shorter, goes or comes keeps what was promised to a client in that very tick")
    func history() {
        func settings(_ messages: Int?) -> RelaySettings {
            RelaySettings { _ in
                RoomPolicy(history: messages.map { HistoryLimits(messages: $0, bytes: 1 << 20, age: .seconds(60)) })
            }
        }
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings(100))
        let speaker = self.join(relay)
        func say(_ count: Int) {
            for _ in 0..<count { speaker.send(#"{"type":"say"}"#) }
            relay.settle()
        }
        func heard(_ wanted: RelaySettings? = nil) -> [Int64] {
            let client = relay.connect()
            client.send(#"{"type":"join","room":"r","history":50}"#)
            if let wanted { relay.loops[0].adopt(wanted) { _ in } }
            relay.settle()
            defer { client.disconnect() }
            return client.read().dropFirst().compactMap { $0[number: "msg_id"] }
        }
        say(10)
        #expect(heard(settings(3)) == Array(1...10))
        #expect(heard() == [8, 9, 10])
        #expect(heard(settings(nil)) == [8, 9, 10])
        #expect(heard().isEmpty)
        say(2)
        #expect(heard(settings(5)).isEmpty)
        say(2)
        #expect(heard() == [13, 14])
    }

    @Test("a client that was slow under the old limit is not under a higher one, and is cut under a lower one")
    func outbound() {
        var settings = RelaySettings { _ in RoomPolicy() }
        settings.outbound.softBytes = 100
        settings.outbound.hardBytes = 1 << 20
        settings.outbound.chunkBytes = 50
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings)
        let slow = self.join(relay)
        slow.outlet.window = 0
        let speaker = self.join(relay)
        for _ in 0..<20 { speaker.send(#"{"type":"say"}"#) }
        relay.settle()
        #expect(relay.loops[0].statistics.slowClients == 1)
        settings.outbound.softBytes = 10_000
        _ = relay.adopt(settings)
        #expect(relay.loops[0].statistics.slowClients == 0)
        settings.outbound.softBytes = 100
        settings.outbound.hardBytes = 200
        _ = relay.adopt(settings)
        #expect(!slow.isOpen && slow.outlet.closed?.code == .slowConsumer)
        #expect(speaker.isOpen)
    }

    @Test("as many rooms begin as the limit of that moment admits")
    func rooms() {
        var settings = RelaySettings { _ in RoomPolicy() }
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings)
        _ = self.join(relay)
        settings.limits.rooms = 1
        _ = relay.adopt(settings)
        let other = relay.connect()
        other.send(#"{"type":"join","room":"s"}"#)
        relay.settle()
        #expect(other.read().map { $0["code"] } == ["unavailable"])
        settings.limits.rooms = 2
        _ = relay.adopt(settings)
        other.send(#"{"type":"join","room":"s"}"#)
        relay.settle()
        #expect(self.types(other) == ["joined"])
    }

    @Test("joined says which version of its rules a room runs, where that is wanted")
    func version() {
        var settings = RelaySettings { _ in
            RoomPolicy(rules: RulesDoubleProvider(version: "f00d") { _, _, _ in .init(.relay) })
        }
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings)
        #expect(self.join(relay).read()[0]["rules"] == nil)
        settings.showsVersions = true
        _ = relay.adopt(settings)
        #expect(self.join(relay).read()[0]["rules"] == "f00d")
    }

    @Test("a mailbox that becomes smaller or larger while much is under way keeps nobody waiting", arguments: 0..<20)
    func mailboxes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var settings = RelaySettings { _ in RoomPolicy() }
        settings.limits.mailboxBytes = 4_000
        let relay = SimulatedRelay(loops: 2, seed: seed, settings: settings)
        let clients = (0..<4).map { self.join(relay, on: $0 % 2) }
        for round in 0..<30 {
            for client in clients { client.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 300))"}"#) }
            if round % 5 == 0 {
                settings.limits.mailboxBytes = Int.random(in: 500...50_000, using: &random)
                _ = relay.reload(settings)
            }
            for _ in 0..<Int.random(in: 0...10, using: &random) { _ = relay.step() }
        }
        for _ in 0..<200 where clients.contains(where: { !$0.isIdle }) {
            relay.settle()
            for client in clients { client.pump() }
        }
        relay.settle()
        for client in clients {
            #expect(client.isIdle && client.outlet.isReading)
            #expect(client.read().dropFirst().compactMap { $0[number: "msg_id"] } == Array(1...120))
        }
    }
}
