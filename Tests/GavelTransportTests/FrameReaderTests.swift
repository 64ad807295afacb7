import GavelCore
import GavelTesting
import Testing

@testable import GavelTransport

@Suite struct FrameReaderTests {
    /// A conversation with every kind of frame, length form and interleaving.
    static let conversation: [UInt8] = [
        ClientFrame.message("hello"),
        ClientFrame.message(""),
        ClientFrame.control(ClientFrame.ping, [1, 2, 3]),
        ClientFrame.message("κόσμε €", isFinal: false),
        ClientFrame.control(ClientFrame.ping, Array(repeating: 7, count: 125)),
        ClientFrame.continuation("", isFinal: false),
        ClientFrame.control(ClientFrame.pong),
        ClientFrame.continuation(" 😀", isFinal: true),
        ClientFrame.bytes(first: 0x82, payload: Array(repeating: 0xFF, count: 126)),
        ClientFrame.message(String(repeating: "ab", count: 200)),
        ClientFrame.closing(1000, "bye"),
    ].flatMap { $0 }

    @Test("a conversation is read frame by frame")
    func reads() {
        let trace = FrameTrace.whole(Self.conversation)
        #expect(
            trace.events == [
                .message(.text), .message(.text), .ping, .ping, .pong, .message(.text), .message(.binary),
                .message(.text), .close(CloseStatus(code: 1000)),
            ]
        )
        #expect(trace.entries[0].payload == Array("hello".utf8))
        #expect(trace.entries[5].payload == Array("κόσμε € 😀".utf8))
        #expect(trace.isBetweenMessages)
    }

    @Test("a conversation cut at any byte means the same")
    func everySplit() {
        let whole = FrameTrace.whole(Self.conversation)
        for cut in 0...Self.conversation.count {
            var trace = FrameTrace()
            trace.take(Self.conversation[..<cut])
            trace.take(Self.conversation[cut...])
            #expect(trace == whole, "cut at \(cut)")
        }
    }

    @Test("a conversation that arrives byte by byte means the same")
    func byteByByte() {
        var trace = FrameTrace()
        for byte in Self.conversation { trace.take([byte]) }
        #expect(trace == FrameTrace.whole(Self.conversation))
    }

    @Test(
        "a malformed frame is refused for what is wrong with it",
        arguments: [
            (ClientFrame.bytes(first: 0x81, payload: [65], mask: nil), FrameError.unmasked),
            (ClientFrame.bytes(first: 0xC1, payload: [65]), .reservedBits),
            (ClientFrame.bytes(first: 0xA1, payload: [65]), .reservedBits),
            (ClientFrame.bytes(first: 0x91, payload: [65]), .reservedBits),
            (ClientFrame.bytes(first: 0x83), .unknownOpcode),
            (ClientFrame.bytes(first: 0x8B), .unknownOpcode),
            (ClientFrame.bytes(first: 0x89, payload: Array(repeating: 0, count: 126)), .controlTooLong),
            (ClientFrame.bytes(first: 0x09, payload: [1]), .controlFragmented),
            (ClientFrame.bytes(first: 0x08), .controlFragmented),
            (ClientFrame.continuation("a", isFinal: true), .unexpectedContinuation),
            (ClientFrame.message("a", isFinal: false) + ClientFrame.message("b"), .interruptedMessage),
            ([0x81, 0xFE, 0, 5, 0, 0, 0, 0] + Array("hello".utf8), .lengthNotMinimal),
            ([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], .lengthNotMinimal),
            ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .tooLarge),
            (ClientFrame.bytes(first: 0x81, payload: [0xC3]), .invalidUTF8),
            (ClientFrame.control(ClientFrame.close, [3]), .invalidClosePayload),
            (ClientFrame.control(ClientFrame.close, [0x03, 0xE8, 0xFF]), .invalidUTF8),
        ] as [([UInt8], FrameError)]
    )
    func malformed(bytes: [UInt8], error: FrameError) {
        for cut in 0..<bytes.count {
            var trace = FrameTrace()
            trace.take(bytes[..<cut])
            trace.take(bytes[cut...])
            trace.take(ClientFrame.message("never read"))
            #expect(trace.events == [.failure(error)], "cut at \(cut)")
        }
    }

    @Test("binary is refused where it is not accepted, at its header")
    func binaryRefused() {
        var trace = FrameTrace(acceptsBinary: false)
        trace.take(ClientFrame.bytes(first: 0x82, payload: [1]).prefix(6))
        #expect(trace.events == [.failure(.binaryRefused)])
    }

    @Test("a message over the limit is refused at its header, one of just the limit is read")
    func sizeLimit() {
        let fits = FrameTrace.whole(ClientFrame.message(String(repeating: "x", count: 300)), limitBytes: 300)
        #expect(fits.events == [.message(.text)])
        var trace = FrameTrace(limitBytes: 300)
        trace.take(ClientFrame.bytes(first: 0x81, announcing: 301))
        #expect(trace.events == [.failure(.tooLarge)])
    }

    @Test("the limit holds for the sum of the fragments")
    func fragmentsLimit() {
        let start = ClientFrame.message(String(repeating: "x", count: 200), isFinal: false)
        var trace = FrameTrace(limitBytes: 300)
        trace.take(start + ClientFrame.continuation(String(repeating: "x", count: 100), isFinal: true))
        trace.take(start)
        trace.take(ClientFrame.bytes(first: 0x00, announcing: 101))
        #expect(trace.events == [.message(.text), .failure(.tooLarge)])
    }

    @Test("65,536 fragments make a message, and endless empty ones do not go on for ever")
    func manyFragments() {
        let empty = ClientFrame.continuation("", isFinal: false)
        var trace = FrameTrace(limitBytes: 300)
        trace.take(ClientFrame.message("a", isFinal: false))
        for _ in 0..<65_534 { trace.take(empty) }
        trace.take(ClientFrame.continuation("z", isFinal: true))
        #expect(trace.entries == [.init(event: .message(.text), payload: Array("az".utf8))])

        trace.take(ClientFrame.message("a", isFinal: false))
        for _ in 0..<65_536 { trace.take(empty) }
        #expect(trace.events.last == .failure(.tooManyFragments))
    }

    @Test("wrong UTF-8 is refused in the middle of a frame, before the rest arrives")
    func failsFast() {
        var trace = FrameTrace()
        trace.take(ClientFrame.message("κόσμε", isFinal: false))
        let frame = ClientFrame.bytes(first: 0x00, payload: [0xF4, 0x90, 0x80, 0x80, 65, 65])
        trace.take(frame.prefix(7))
        #expect(trace.events.isEmpty)
        trace.take(frame[7..<8])
        #expect(trace.events == [.failure(.invalidUTF8)])
    }

    @Test("a character may be cut by a fragment's end, a message may not end inside one")
    func cutCharacter() {
        let euro = Array("€".utf8)
        let cut = ClientFrame.bytes(first: 0x01, payload: [euro[0], euro[1]])
        #expect(FrameTrace.whole(cut + ClientFrame.bytes(first: 0x80, payload: [euro[2]])).events == [.message(.text)])
        #expect(FrameTrace.whole(cut + ClientFrame.bytes(first: 0x80)).events == [.failure(.invalidUTF8)])
    }

    @Test("random streams mean the same however they are cut")
    func randomSplits() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let size = [0, 1, 7, 125, 126, 300].randomElement(using: &random)!
                let first = [0x81, 0x01, 0x00, 0x80, 0x82, 0x89, 0x8A, 0x88, 0xC1].randomElement(using: &random)!
                let payload = (0..<size).map { _ in UInt8.random(in: 0...(first == 0x82 ? 255 : 127), using: &random) }
                bytes += ClientFrame.bytes(first: UInt8(first), payload: payload)
            }
            let whole = FrameTrace.whole(bytes)
            var trace = FrameTrace()
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 40), using: &random)
                trace.take(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(trace == whole, "seed \(seed)")
        }
    }
}
