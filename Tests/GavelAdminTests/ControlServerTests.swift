import Foundation
import GavelAdmin
import Testing

@Suite("The control socket", .timeLimit(.minutes(10)))
struct ControlServerTests {
    private static let ping = "{\"id\":1,\"command\":\"log-level\"}\n"
    private static let pong = #"{"id":1,"reply":{"level":"info"}}"#

    @Test("answers requests in their order, each with its id")
    func order() async throws {
        try await ControlledRelay.run { relay in
            let client = try PlainSocket(relay.path)
            client.send("{\"id\":\"a\",\"command\":\"log-level\"}\r\n\n")
            client.send((1...50).map { "{\"id\":\($0),\"command\":\"log-level\"}\n" }.joined())
            #expect(await client.line() == #"{"id":"a","reply":{"level":"info"}}"#)
            for id in 1...50 { #expect(await client.line() == "{\"id\":\(id),\"reply\":{\"level\":\"info\"}}") }
        }
    }

    @Test("answers one who has said all, and then closes; the last line feed may be missing")
    func halfClosed() async throws {
        try await ControlledRelay.run { relay in
            let client = try PlainSocket(relay.path)
            client.send(Self.ping + #"{"id":2,"command":"log-level"}"#)
            client.endInput()
            #expect(await client.line() == Self.pong)
            #expect(await client.line() == #"{"id":2,"reply":{"level":"info"}}"#)
            #expect(await client.line() == nil)
        }
    }

    @Test(
        "says what is wrong with a line, and goes on",
        arguments: [
            ("{", "null", "This is not JSON."), ("7", "null", "This is a whole number; send an object."),
            ("\u{0}", "null", "This is not JSON."),
            (#"{"id":1}"#, "1", "command is to be the name of a command."),
            (#"{"id":{},"command":"status"}"#, "null", "id is to be a whole number or a text of 64 bytes."),
            (#"{"id":1,"command":"room","room":"a"}"#, "1", #"There is no member \"room\"; put arguments into"#),
            (#"{"id":"x","command":"room","arguments":[]}"#, #""x""#, "arguments is to be an object."),
            (#"{"command":"stats"}"#, "null", #"There is no command \"stats\". Did you mean status?"#),
        ]
    )
    func malformed(_ line: String, _ id: String, _ text: String) async throws {
        try await ControlledRelay.run { relay in
            let client = try PlainSocket(relay.path)
            client.send(line + "\n" + Self.ping)
            let answer = try #require(await client.line())
            #expect(answer.hasPrefix("{\"id\":\(id),\"error\":{\"code\":"))
            #expect(answer.contains(text), "\(answer)")
            #expect(await client.line() == Self.pong)
        }
    }

    @Test("a line that does not end is not kept")
    func tooLong() async throws {
        try await ControlledRelay.run(adjust: { $0.lineBytes = 1_000 }) { relay in
            let client = try PlainSocket(relay.path)
            client.send(String(repeating: "x", count: 1_001))
            #expect(await client.line()?.contains("longer than a request may be") == true)
            #expect(await client.line() == nil)
            let other = try PlainSocket(relay.path)
            other.send(Self.ping)
            #expect(await other.line() == Self.pong)
        }
    }

    @Test("whatever bytes come, it answers or closes, and serves the next client", arguments: [1, 2, 3, 4] as [UInt64])
    func garbage(_ seed: UInt64) async throws {
        try await ControlledRelay.run(adjust: { $0.lineBytes = 4_096 }) { relay in
            var chance = SplitMix(seed)
            for _ in 0..<40 {
                let client = try PlainSocket(relay.path)
                client.send(Garbage.lines(&chance))
                if chance.next() % 2 == 0 {
                    client.endInput()
                    for _ in 0..<200 {
                        guard let line = await client.line() else { break }
                        #expect(line.hasPrefix("{\"id\":"), "seed \(seed): \(line)")
                    }
                }
            }
            let client = try PlainSocket(relay.path)
            client.send(Self.ping)
            #expect(await client.line() == Self.pong, "seed \(seed)")
        }
    }

    @Test("nesting does not exhaust it")
    func nesting() async throws {
        try await ControlledRelay.run { relay in
            let client = try PlainSocket(relay.path)
            client.send(String(repeating: "[", count: 60_000) + "\n")
            client.send(String(repeating: "[", count: 400) + String(repeating: "]", count: 400) + "\n" + Self.ping)
            #expect(await client.line()?.contains("bad_request") == true)
            #expect(await client.line()?.contains("bad_request") == true)
            #expect(await client.line() == Self.pong)
        }
    }

    @Test("more clients than may be are told, and closed")
    func tooMany() async throws {
        try await ControlledRelay.run(adjust: { $0.clients = 2 }) { relay in
            var clients: [PlainSocket] = []
            for _ in 0..<2 {
                clients.append(try PlainSocket(relay.path))
                clients.last?.send(Self.ping)
                #expect(await clients.last?.line() == Self.pong)
            }
            let third = try PlainSocket(relay.path)
            #expect(await third.line()?.contains(#""code":"busy""#) == true)
            #expect(await third.line() == nil)
            clients[0].endInput()
            #expect(await clients[0].line() == nil)
            let fourth = try PlainSocket(relay.path)
            fourth.send(Self.ping)
            #expect(await fourth.line() == Self.pong)
        }
    }

    @Test("many clients at a time get each their own answers")
    func concurrent() async throws {
        try await ControlledRelay.run { relay in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 {
                    group.addTask {
                        try await ControlClient.with(relay.path) { client in
                            for _ in 0..<20 {
                                let error = await #expect(throws: CommandError.self) {
                                    _ = try await client.call(Commands.room, RoomArguments(room: "room \(number)"))
                                }
                                #expect(error?.text == "There is no room \"room \(number)\" at the moment.")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
