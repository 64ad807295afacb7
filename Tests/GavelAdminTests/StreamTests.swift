import Foundation
import GavelAdmin
import NIOCore
import ServiceLifecycle
import Testing

@Suite("Commands that answer line by line", .timeLimit(.minutes(10)))
struct StreamTests {
    struct Line: CommandReply, Equatable {
        var number: Int
        var padding = ""
        var text: String { "\(self.number)" }
    }

    private static let count = StreamCommand<NoArguments, Line>("count", "Counts to five.")
    private static let endless = StreamCommand<NoArguments, Line>("endless", "Counts.")
    private static let silent = StreamCommand<NoArguments, Line>("silent", "Says one thing, and waits.")
    private static let broken = StreamCommand<NoArguments, Line>("broken", "Ends early.")

    /// Its streams tell `ends` when they end.
    private static func registry(_ ends: AsyncStream<String>.Continuation) -> CommandRegistry {
        var registry = ControlledRelay.registry()
        registry.add(Self.count) { _, send in
            for number in 1...5 { try await send(Line(number: number)) }
        }
        registry.add(Self.endless) { _, send in
            defer { ends.yield("endless") }
            let padding = String(repeating: "x", count: 10_000)
            for number in 1... { try await send(Line(number: number, padding: padding)) }
        }
        registry.add(Self.silent) { _, send in
            defer { ends.yield("silent") }
            try await send(Line(number: 1))
            try await Task.sleep(for: .seconds(3_600))
        }
        registry.add(Self.broken) { _, send in
            try await send(Line(number: 1))
            throw CommandError(.refused, "no more")
        }
        return registry
    }

    private func withRelay(
        adjust: (inout ControlConfiguration) -> Void = { _ in },
        _ body: (ControlledRelay, _ nextEnd: () async -> String?) async throws -> Void
    ) async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: String.self)
        try await ControlledRelay.run(Self.registry(continuation), adjust: adjust) { relay in
            try await body(relay) { await ends.first { _ in true } }
        }
    }

    @Test("give their lines, and leave the connection for more")
    func lines() async throws {
        try await self.withRelay { relay, _ in
            try await ControlClient.with(relay.path) { client in
                for _ in 0..<2 {
                    var lines: [Int] = []
                    try await client.listen(Self.count, NoArguments()) { lines.append($0.number) }
                    #expect(lines == [1, 2, 3, 4, 5])
                }
                #expect(try await client.call(Commands.logLevel, LogLevelArguments()).level == "info")
            }
        }
    }

    @Test("end with an error after lines")
    func error() async throws {
        try await self.withRelay { relay, _ in
            try await ControlClient.with(relay.path) { client in
                var lines = 0
                let error = await #expect(throws: CommandError.self) {
                    try await client.listen(Self.broken, NoArguments()) { _ in lines += 1 }
                }
                #expect(error == CommandError(.refused, "no more"))
                #expect(lines == 1)
            }
        }
    }

    @Test("end when the client has gone, in the middle of a flood or of silence", arguments: ["endless", "silent"])
    func clientGone(_ name: String) async throws {
        try await self.withRelay { relay, nextEnd in
            do {
                let client = try PlainSocket(relay.path)
                client.send("{\"command\":\"\(name)\"}\n")
                #expect(await client.line()?.hasPrefix(#"{"id":null,"line":{"number":1,"#) == true)
            }
            #expect(await nextEnd() == name)
        }
    }

    @Test("end for a client that does not read")
    func slowReader() async throws {
        try await self.withRelay(adjust: { $0.writeTimeout = .milliseconds(100) }) { relay, nextEnd in
            let client = try PlainSocket(relay.path)
            client.send("{\"command\":\"endless\"}\n")
            #expect(await nextEnd() == "endless")
            #expect(await client.line() != nil)
        }
    }

    @Test("are told that the relay ends")
    func relayEnds() async throws {
        try await self.withRelay(adjust: { $0.drain = .seconds(60) }) { relay, nextEnd in
            let client = try PlainSocket(relay.path)
            client.send("{\"command\":\"silent\"}\n")
            _ = await client.line()
            await relay.server.triggerGracefulShutdown()
            #expect(await client.line()?.contains(#""error":{"code":"stopping""#) == true)
            #expect(await client.line() == nil)
            #expect(await nextEnd() == "silent")
        }
    }
}
