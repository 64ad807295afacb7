import GavelAdmin
import NIOCore
import Testing

@Suite("What comes over a WebSocket", .timeLimit(.minutes(10)))
struct WebSocketFrameTests {
    private static let request = #"{"id":1,"command":"log-level"}"#
    private static let reply = PlainWebSocket.Frame.text(#"{"id":1,"reply":{"level":"info"}}"#)

    private static let examples: [MalformedFrames] = [
        MalformedFrames("not masked", 1002, (0x81, [0x7B, 0x7D], nil, false)),
        MalformedFrames("with a reserved bit", 1002, (0xC1, [0x7B, 0x7D], nil, true)),
        MalformedFrames("of an unknown kind", 1002, (0x83, [], nil, true)),
        MalformedFrames("of an unknown kind that controls", 1002, (0x8B, [], nil, true)),
        MalformedFrames("binary", 1003, (0x82, [1, 2], nil, true)),
        MalformedFrames("continuing nothing", 1002, (0x80, [0x7B], nil, true)),
        MalformedFrames(
            "beginning in the middle of another",
            1002,
            (0x01, [0x7B], nil, true),
            (0x81, [0x7B], nil, true)
        ),
        MalformedFrames("too long", 1009, (0x81, [UInt8](repeating: 0x20, count: 1_001), nil, true)),
        MalformedFrames("said to be too long", 1009, (0x81, [], 1 << 40, true)),
        MalformedFrames("said to be longer than any can be", 1009, (0x81, [], .max, true)),
        MalformedFrames(
            "too long in fragments",
            1009,
            (0x01, [UInt8](repeating: 0x20, count: 600), nil, true),
            (0x00, [UInt8](repeating: 0x20, count: 401), nil, true)
        ),
        MalformedFrames("not in UTF-8", 1007, (0x81, [0x22, 0xFF, 0x22], nil, true)),
        MalformedFrames("cut within a letter", 1007, (0x01, [0x22, 0xC3], nil, true), (0x80, [0x22], nil, true)),
        MalformedFrames("a ping in fragments", 1002, (0x09, [], nil, true)),
        MalformedFrames("a ping that is too long", 1002, (0x89, [UInt8](repeating: 0, count: 126), nil, true)),
        MalformedFrames("a close of half a code", 1002, (0x88, [3], nil, true)),
        MalformedFrames("a close with a code that nobody may send", 1002, (0x88, [0x03, 0xED], nil, true)),
        MalformedFrames("a close with a reason that is no text", 1007, (0x88, [0x03, 0xE8, 0xFF], nil, true)),
    ]

    @Test("costs the connection where it is malformed, with a code that says how", arguments: Self.examples)
    func malformed(_ malformed: MalformedFrames) async throws {
        try await ServedRelay.run(adjust: { $0.bodyBytes = 1_000 }) { relay async throws in
            let socket = try await PlainWebSocket.trusted(relay)
            for frame in malformed.frames {
                socket.send(frame.first, frame.payload, length: frame.length, isMasked: frame.isMasked)
            }
            socket.send(Self.request)
            guard case .close(let code, let reason) = await socket.next() else {
                return #expect(Bool(false), "not closed")
            }
            #expect(code == malformed.code)
            #expect(!reason.isEmpty)
            #expect(await socket.next() == nil)
        }
    }

    @Test("may be in fragments, with a ping between, which is answered")
    func fragments() async throws {
        try await ServedRelay.run(adjust: { $0.bodyBytes = 1_000 }) { relay async throws in
            let socket = try await PlainWebSocket.trusted(relay)
            let padded = Array((Self.request + String(repeating: " ", count: 1_000 - Self.request.utf8.count)).utf8)
            for _ in 0..<2 {
                socket.send(0x01, Array(padded[..<10]))
                socket.send(0x89, [1, 2, 3])
                socket.send(0x00, [])
                socket.send(0x80, Array(padded[10...]))
                #expect(await socket.next() == .pong([1, 2, 3]))
                #expect(await socket.next() == Self.reply)
            }
        }
    }

    @Test(
        "is answered with an error where it is no request, and the next one is done",
        arguments: ["{", "7", "", "{}", #"{"command":"no-such"}"#, String(repeating: "[", count: 60_000)]
    )
    func noRequest(_ text: String) async throws {
        try await ServedRelay.run { relay async throws in
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(text)
            socket.send(Self.request)
            guard case .text(let answer) = await socket.next() else { return #expect(Bool(false), "no answer") }
            #expect(answer.hasPrefix(#"{"id":null,"error":{"code":""#))
            #expect(await socket.next() == Self.reply)
        }
    }

    @Test("whatever bytes come, it answers or closes, and serves the next client", arguments: [1, 2, 3, 4] as [UInt64])
    func garbage(_ seed: UInt64) async throws {
        try await ServedRelay.run(adjust: { $0.bodyBytes = 4_096 }) { relay async throws in
            var chance = SplitMix(seed)
            for _ in 0..<25 {
                let socket = try await PlainWebSocket.trusted(relay)
                if chance.next() % 2 == 0 { socket.sendRaw(Garbage.lines(&chance)) }
                for _ in 0..<chance.next() % 5 {
                    let first = chance.next() % 4 == 0 ? UInt8(truncatingIfNeeded: chance.next()) : 0x81
                    socket.send(first, Garbage.lines(&chance), isMasked: chance.next() % 16 != 0)
                }
                socket.send(0x88, [])
                socket.endInput()
                for _ in 0..<100 where await socket.next() == nil { break }
            }
            let socket = try await PlainWebSocket.trusted(relay)
            socket.send(Self.request)
            #expect(await socket.next() == Self.reply, "seed \(seed)")
        }
    }

    @Test("a close is answered with its own code")
    func close() async throws {
        try await ServedRelay.run { relay async throws in
            for code in [nil, 1000, 1001, 4_000] {
                let socket = try await PlainWebSocket.trusted(relay)
                socket.send(0x88, code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? [])
                #expect(await socket.next() == .close(code: code, reason: ""))
                #expect(await socket.next() == nil)
            }
        }
    }

    @Test("one who does not answer pings is gone")
    func keepalive() async throws {
        try await ServedRelay.run(adjust: { $0.idleTimeout = .milliseconds(150) }) { relay async throws in
            let socket = try await PlainWebSocket.trusted(relay)
            #expect(await socket.next() == .ping)
            // Another may come where the token took its time.
            let second = await socket.next()
            let end = second == .ping ? await socket.next() : second
            #expect(end == nil)
        }
    }
}

/// One frame or some: the first byte of each, its payload, the length that it claims, whether it is masked.
struct MalformedFrames: Sendable, CustomTestStringConvertible {
    typealias Frame = (first: UInt8, payload: [UInt8], length: UInt64?, isMasked: Bool)

    let testDescription: String
    let code: Int
    let frames: [Frame]

    init(_ name: String, _ code: Int, _ frames: Frame...) {
        (self.testDescription, self.code, self.frames) = (name, code, frames)
    }
}
