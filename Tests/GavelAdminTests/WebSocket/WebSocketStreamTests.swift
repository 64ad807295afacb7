import GavelAdmin
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Commands over a WebSocket", .timeLimit(.minutes(10)))
struct WebSocketStreamTests {
    private static let endless = StreamCommand<NoArguments, StreamTests.Line>("endless", "Counts.")
    private static let silent = StreamCommand<NoArguments, StreamTests.Line>("silent", "Says one thing, and waits.")
    private static let short = StreamCommand<NoArguments, StreamTests.Line>("short", "Counts to two.")

    /// What one task counts and another looks at.
    private final class Count: Sendable {
        private let value = Mutex(0)

        var now: Int { self.value.withLock { $0 } }
        func increment() { self.value.withLock { $0 += 1 } }
    }

    /// - Parameter body: Is given a way to wait for the end of a stream.
    private func withRelay(
        adjust: (inout HTTPConfiguration) -> Void = { _ in },
        _ body: (ServedRelay, _ nextEnd: () async -> String?) async throws -> Void
    ) async throws {
        let (ends, end) = AsyncStream.makeStream(of: String.self)
        var registry = ControlledRelay.registry()
        registry.add(Self.endless) { _, send in
            defer { end.yield("endless") }
            let padding = String(repeating: "x", count: 10_000)
            for number in 1... { try await send(StreamTests.Line(number: number, padding: padding)) }
        }
        registry.add(Self.silent) { _, send in
            defer { end.yield("silent") }
            try await send(StreamTests.Line(number: 1))
            try await Task.sleep(for: .seconds(3_600))
        }
        registry.add(Self.short) { _, send in
            for number in 1...2 { try await send(StreamTests.Line(number: number)) }
        }
        try await ServedRelay.run(registry, adjust: adjust) { relay async throws in
            try await body(relay) { await ends.first { _ in true } }
        }
    }

    @Test("are done one after the other, streams line by line")
    func order() async throws {
        try await self.withRelay { relay, _ in
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(#"{"id":"a","command":"short"}"#)
            socket.send(#"{"id":2,"command":"rooms","arguments":{"limit":0}}"#)
            socket.send(#"{"id":3,"command":"log-level"}"#)
            for number in 1...2 {
                #expect(await socket.next() == .text(#"{"id":"a","line":{"number":\#(number),"padding":""}}"#))
            }
            #expect(await socket.next() == .text(#"{"id":"a","end":true}"#))
            guard case .text(let error) = await socket.next() else { return #expect(Bool(false), "no answer") }
            #expect(error.hasPrefix(#"{"id":2,"error":{"code":"bad_argument""#))
            #expect(await socket.next() == .text(#"{"id":3,"reply":{"level":"info"}}"#))
        }
    }

    @Test("a stream ends when the client says that it leaves", arguments: ["endless", "silent"])
    func closed(_ name: String) async throws {
        try await self.withRelay { relay, nextEnd in
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(#"{"command":"\#(name)"}"#)
            guard case .text = await socket.next() else { return #expect(Bool(false), "no line") }
            socket.send(0x88, [0x03, 0xE9])
            #expect(await nextEnd() == name)
            #expect(await socket.closeCode() == 1001)
            #expect(await socket.next() == nil)
        }
    }

    @Test("a stream ends when the client is gone without a word", arguments: ["endless", "silent"])
    func gone(_ name: String) async throws {
        try await self.withRelay { relay, nextEnd in
            do {
                let socket = try await PlainWebSocket.trusted(relay)
                socket.send(#"{"command":"\#(name)"}"#)
                guard case .text = await socket.next() else { return #expect(Bool(false), "no line") }
            }
            #expect(await nextEnd() == name)
        }
    }

    @Test("a stream ends when what the client sends is malformed")
    func malformed() async throws {
        try await self.withRelay { relay, nextEnd in
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(#"{"command":"silent"}"#)
            guard case .text = await socket.next() else { return #expect(Bool(false), "no line") }
            socket.send(0x82, [])
            #expect(await nextEnd() == "silent")
            #expect(await socket.closeCode() == 1003)
        }
    }

    @Test("some requests wait for the end of a stream, and no more than some")
    func waiting() async throws {
        try await self.withRelay { relay, nextEnd in
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(#"{"command":"silent"}"#)
            guard case .text = await socket.next() else { return #expect(Bool(false), "no line") }
            for _ in 0..<100 { socket.send(#"{"command":"log-level"}"#) }
            guard case .close(1008, let reason) = await socket.next() else { return #expect(Bool(false), "not closed") }
            #expect(reason.contains("requests"))
            #expect(await nextEnd() == "silent")
        }
    }

    @Test("a stream waits for one who does not read, and then ends")
    func stalled() async throws {
        let lines = Count()
        var registry = ControlledRelay.registry()
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        registry.add(Self.endless) { _, send in
            defer { end.yield() }
            let padding = String(repeating: "x", count: 1 << 20)
            for number in 1... {
                lines.increment()
                try await send(StreamTests.Line(number: number, padding: padding))
            }
        }
        try await ServedRelay.run(registry, adjust: { $0.writeTimeout = .milliseconds(500) }) { served async throws in
            let socket = try await PlainWebSocket.trusted(served)
            socket.send(#"{"command":"endless"}"#)
            _ = await ends.first { true }
            // What a system keeps for a socket is some megabytes.
            #expect(lines.now < 40)
            while await socket.next() != nil {}
        }
    }

    @Test("all are told when the relay goes away")
    func shutdown() async throws {
        try await self.withRelay { relay, nextEnd in
            let watching = try await PlainWebSocket.trusted(relay)
            watching.send(#"{"command":"silent"}"#)
            guard case .text = await watching.next() else { return #expect(Bool(false), "no line") }
            let idle = try await PlainWebSocket.trusted(relay)
            idle.send(#"{"command":"log-level"}"#)
            guard case .text = await idle.next() else { return #expect(Bool(false), "no answer") }
            let untrusted = try await PlainWebSocket(port: relay.client.port)
            await relay.server.triggerGracefulShutdown()
            guard case .text(let line) = await watching.next() else { return #expect(Bool(false), "no error") }
            #expect(line.contains(#""error":{"code":"stopping""#))
            for socket in [watching, idle, untrusted] {
                #expect(await socket.next() == .close(code: 1001, reason: "the relay is going away"))
                #expect(await socket.next() == nil)
            }
            #expect(await nextEnd() == "silent")
        }
    }

    @Test("a WebSocket is one of the connections that there may be at a time")
    func connections() async throws {
        try await ServedRelay.run(adjust: { $0.connections = 1 }) { relay async throws in
            let socket = try await PlainWebSocket.trusted(relay)
            let answers = Count()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { () async throws in
                    #expect(try await relay.client.ask("GET", "/healthz").status == 200)
                    answers.increment()
                }
                for _ in 0..<10 {
                    socket.send(#"{"command":"log-level"}"#)
                    guard case .text = await socket.next() else { return #expect(Bool(false), "no answer") }
                }
                #expect(answers.now == 0)
                socket.send(0x88, [])
                try await group.waitForAll()
            }
        }
    }
}
