import GavelCore
import GavelTesting
import NIOCore
import NIOPosix
import Testing

/// What an operator sees and does.
@Suite("The administration of a running relay")
struct AdministrationTests {
    /// A relay on threads of its own, and a client on its first loop.
    private final class Running: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub: RelayHub

        init(_ settings: RelaySettings, recordings: (any RecordingStore)? = nil) {
            self.hub = RelayHub(
                eventLoops: Array(self.group.makeIterator()),
                environment: RelayEnvironment(settings: settings, recordings: recordings)
            )
        }

        func end() async throws {
            self.hub.stop()
            try await self.group.shutdownGracefully()
        }

        /// Does something with a client that lives on the first loop.
        func onLoop<Result: Sendable>(_ body: @escaping @Sendable (RelayLoop) -> Result) async throws -> Result {
            var eventLoops = self.group.makeIterator()
            let eventLoop = eventLoops.next()!
            return try await eventLoop.submit { body(self.hub.loop(on: eventLoop)) }.get()
        }
    }

    /// Touched on one loop only.
    private final class Client: @unchecked Sendable {
        var client: SimulatedClient?
        func join(_ room: String, on loop: RelayLoop) {
            self.client = SimulatedClient(relay: loop, window: nil)
            self.client!.send(#"{"type":"join","room":"\#(room)","name":"Ada"}"#)
        }
    }

    private func key(_ text: String) -> RoomKey { RoomKey(bytes: Array(text.utf8)) }

    @Test("shows rooms and clients, sends notices, throws out and closes")
    func all() async throws {
        let running = Running(VersionedRules.settings(VersionedRules.provider("1")))
        let clients = ["a", "b", "b"].map { (room: $0, client: Client()) }
        for (room, client) in clients { try await running.onLoop { client.join(room, on: $0) } }
        // Every loop has had its say with every other.
        for _ in 0..<100 where await running.hub.rooms().map(\.members) != [1, 2] { await Task.yield() }
        let rooms = await running.hub.rooms()
        #expect(rooms.map { "\($0.key) \($0.members) \($0.rules?.version ?? "")" } == ["a 1 1", "b 2 1"])
        let details = await running.hub.room(self.key("b"))
        #expect(details?.clients.map(\.id) == [1, 2] && details?.clients[0].name == Array("Ada".utf8))
        #expect(details?.clients.allSatisfy { $0.isConnected && $0.queuedBytes != nil } ?? false)
        #expect(await running.hub.room(self.key("c")) == nil)
        let notice = Array(#"{"type":"notice","text":"soon"}"#.utf8)
        #expect(try await running.hub.broadcast(notice, to: nil) == 2)
        #expect(try await running.hub.broadcast(notice, to: self.key("c")) == 0)
        for bad in [#"{"type":"joined"}"#, #"{"type":"join","room":"x"}"#, "[]", "", #"{"text":1}"#] {
            await #expect(throws: MessageError.self) { try await running.hub.broadcast(Array(bad.utf8), to: nil) }
        }
        #expect(await running.hub.kick(2, from: self.key("b"), reason: "rude"))
        #expect(await running.hub.kick(2, from: self.key("b")) == false)
        #expect(await running.hub.closeRoom(self.key("a"), reason: "late"))
        #expect(await running.hub.closeRoom(self.key("c")) == false)
        for _ in 0..<100 where await running.hub.rooms().map(\.members) != [1] { await Task.yield() }
        #expect(await running.hub.rooms().map { "\($0.key) \($0.lastID)" } == ["b 1"])
        let report = await running.hub.adopt(VersionedRules.settings(VersionedRules.provider("2")))
        #expect(report.changed == 1)
        #expect(await running.hub.rooms().first?.isOnProbation ?? false)
        #expect(await running.hub.rehearse(VersionedRules.settings(BrokenProvider())).refused == 1)
        let heard = try await running.onLoop { _ in clients.map { $0.client.client!.read().map(\.description) } }
        #expect(heard[0].last == #"{"type":"left","client_id":1,"room":"a","reason":"closed","message":"late"}"#)
        #expect(heard[1].last == #"{"type":"notice","text":"soon","client_id":0,"msg_id":1}"#)
        #expect(heard[2].last == #"{"type":"left","client_id":2,"room":"b","reason":"kicked","message":"rude"}"#)
        try await running.onLoop { _ in for (_, client) in clients { client.client!.disconnect() } }
        try await running.end()
    }

    @Test("shows whether somebody looks on at a room; that it is recorded is nobody's look")
    func observed() async throws {
        let settings = RelaySettings { _ in RoomPolicy(recording: RecordingLimits()) }
        let store = MemoryRecordings()
        let running = Running(settings, recordings: store)
        let client = Client()
        try await running.onLoop { client.join("a", on: $0) }
        for _ in 0..<100 where await running.hub.rooms().map(\.members) != [1] { await Task.yield() }
        #expect(store.rooms() == [self.key("a")])
        #expect(await running.hub.rooms().map(\.isObserved) == [false])
        let feed = ShadowFeed()
        await running.hub.observe(self.key("a"), feed)
        #expect(await running.hub.rooms().map(\.isObserved) == [true])
        await running.hub.unobserve(self.key("a"), feed)
        #expect(await running.hub.rooms().map(\.isObserved) == [false])
        try await running.onLoop { _ in client.client!.disconnect() }
        try await running.end()
    }

    @Test("shows what the rules of a room keep, when their timers are due, and how they fare")
    func details() async throws {
        let rules = RulesDoubleProvider { rules, hook, context in
            guard case .join = hook else { return .init(.handled) }
            rules.kept = "3"
            let now = context.uptimeMilliseconds
            rules.timers = [
                RulesTimer(name: "old", dueAt: nil),
                RulesTimer(name: "b", dueAt: now + 900_000, periodMilliseconds: 50),
                RulesTimer(name: "a", key: "x", dueAt: now),
            ]
            return .init(.handled)
        }
        let running = Running(RelaySettings { _ in RoomPolicy(rules: rules) })
        let client = Client()
        try await running.onLoop { client.join("a", on: $0) }
        for _ in 0..<100 where await running.hub.rooms().map(\.members) != [1] { await Task.yield() }
        let details = try #require(await running.hub.room(self.key("a")))
        #expect(String(decoding: details.state, as: UTF8.self) == #"{"state":"3","clients":{"1":{}}}"#)
        #expect(details.timers.map(\.name) == ["a", "b", "old"])
        #expect(details.timers[0].key == "x" && details.timers[0].millisecondsLeft == 0)
        #expect(300_000...900_000 ~= details.timers[1].millisecondsLeft ?? 0)
        #expect(details.timers[1].periodMilliseconds == 50 && details.timers[2].millisecondsLeft == nil)
        #expect(details.failures == 0 && details.probation == nil)

        let worse = RulesDoubleProvider(version: "2") { _, hook, _ in
            if case .message = hook { .init(.failed, payload: "oh") } else { .init(.handled) }
        }
        _ = await running.hub.adopt(RelaySettings { _ in RoomPolicy(rules: worse) })
        try await running.onLoop { _ in client.client!.send(#"{"type":"say"}"#) }
        for _ in 0..<100 where await running.hub.room(self.key("a"))?.failures != 1 { await Task.yield() }
        let trial = try #require(await running.hub.room(self.key("a")))
        #expect(trial.failuresOfLastMinute == 1 && trial.lastFailure?.text == "oh")
        #expect(trial.probation?.previous == "1" && trial.probation?.mostFailures == ProbationLimits().errors)
        try await running.onLoop { _ in client.client!.disconnect() }
        try await running.end()
    }
}
