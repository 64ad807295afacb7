import GavelAdmin
import GavelCore
import ServiceLifecycle
import Testing

@Suite("Streams over HTTP", .timeLimit(.minutes(10)))
struct StreamOverHTTPTests {
    private static func registry(_ relay: CountingRelayDouble, times: Int) -> CommandRegistry {
        var registry = ControlledRelay.registry()
        let gate = StreamGate(times)
        registry.add(relay as any CountingRelay, wait: { try await gate.wait($0) })
        return registry
    }

    @Test("what a relay counts comes line by line, its times those of the while between")
    func live() async throws {
        let relay = CountingRelayDouble()
        var meters = RelayMeters()
        meters.inRelay.record(5_000, count: 3)
        meters.messagesIn = 3
        relay.set(meters)
        var registry = ControlledRelay.registry()
        let (gate, before) = (StreamGate(2), meters)
        registry.add(relay as any CountingRelay) { _ in
            try await gate.wait(.zero)
            var meters = before
            meters.inRelay.record(700_000)
            meters.messagesIn = 4
            relay.set(meters)
        }
        try await ServedRelay.run(registry, relay: relay) { served async throws in
            let answer = try await served.client.ask("GET", "/api/v1/live?milliseconds=250")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/x-ndjson")
            let lines = try answer.lines.map { try AdminJSON.decode(RelayStats.self, from: $0.utf8) }
            #expect(lines.map(\.messagesReceived) == [3, 4, 4])
            #expect(lines.map(\.messageMicroseconds.count) == [3, 1, 0])
            #expect(lines[0].messageMicroseconds.maximum < 6)
            #expect((690...710).contains(lines[1].messageMicroseconds.p50))
        }
    }

    @Test("what cannot be streamed is told at once, with its status")
    func mistakes() async throws {
        let relay = CountingRelayDouble()
        try await ServedRelay.run(Self.registry(relay, times: 0), relay: relay) { served async throws in
            #expect(try await served.client.ask("GET", "/api/v1/live?room=a").status == 400)
            #expect(try await served.client.ask("GET", "/api/v1/live?milliseconds=1").status == 400)
            #expect(try await served.client.ask("POST", "/api/v1/live", body: "{}").status == 405)
        }
    }

    /// A stream that waits to be ended, and tells that it does and that it was.
    private struct Waiting: Sendable {
        let begun = AsyncStream.makeStream(of: Void.self)
        let ended = AsyncStream.makeStream(of: Void.self)

        func wait(_: Duration) async throws {
            self.begun.continuation.yield()
            defer { self.ended.continuation.yield() }
            try await Task.sleep(for: .seconds(3_600))
        }
    }

    @Test("a stream ends when whoever asked has gone")
    func gone() async throws {
        let waiting = Waiting()
        var registry = ControlledRelay.registry()
        registry.add(CountingRelayDouble() as any CountingRelay, wait: { try await waiting.wait($0) })
        try await ServedRelay.run(registry) { served async throws in
            _ = try await served.client.ask("GET", "/api/v1/live", most: 500)
            _ = await waiting.ended.stream.first { true }
        }
    }

    @Test("streams end with the server")
    func shutdown() async throws {
        let waiting = Waiting()
        var registry = ControlledRelay.registry()
        registry.add(CountingRelayDouble() as any CountingRelay, wait: { try await waiting.wait($0) })
        try await ServedRelay.run(registry) { served async throws in
            async let answer = served.client.ask("GET", "/api/v1/live")
            _ = await waiting.begun.stream.first { true }
            await served.server.triggerGracefulShutdown()
            #expect(try await answer.lines.count == 1)
            _ = await waiting.ended.stream.first { true }
        }
    }

    private struct Line: CommandReply {
        var padding: String
        var text: String { "" }
    }

    /// A stream that says more than the sockets between take, tells that it has, and goes on when it is read.
    private struct Flood: Sendable {
        let begun = AsyncStream.makeStream(of: Void.self)
        let ended = AsyncStream.makeStream(of: Void.self)

        var registry: CommandRegistry {
            var registry = ControlledRelay.registry()
            registry.add(StreamCommand<NoArguments, Line>("flood", "Says too much.")) { _, send in
                defer { self.ended.continuation.yield() }
                let line = Line(padding: String(repeating: "x", count: 16 << 20))
                try await send(line)
                self.begun.continuation.yield()
                while true { try await send(line) }
            }
            return registry
        }
    }

    @Test("a stream ends for whoever does not read it")
    func stalled() async throws {
        let flood = Flood()
        let adjust: (inout HTTPConfiguration) -> Void = { $0.writeTimeout = .milliseconds(100) }
        try await ServedRelay.run(flood.registry, adjust: adjust) { served async throws in
            try await served.client.stall("/api/v1/flood") { _ = await flood.ended.stream.first { true } }
        }
    }

    @Test(
        "whoever does not read a stream keeps the server from ending for a while only",
        arguments: [(write: 0.1, drain: 3_600.0), (write: 3_600, drain: 0.1)]
    )
    func stalledAtShutdown(_ seconds: (write: Double, drain: Double)) async throws {
        let flood = Flood()
        let adjust: (inout HTTPConfiguration) -> Void = {
            ($0.writeTimeout, $0.drain) = (.seconds(seconds.write), .seconds(seconds.drain))
        }
        try await ServedRelay.run(flood.registry, adjust: adjust) { served async throws in
            try await served.client.stall("/api/v1/flood") {
                _ = await flood.begun.stream.first { true }
                await served.server.triggerGracefulShutdown()
                try await served.running.value
                _ = await flood.ended.stream.first { true }
            }
        }
    }
}
