import GavelCore
import NIOCore
import NIOEmbedded
import Testing

@testable import GavelTransport

@Suite struct ConnectionHandlerTests {
    static let ping = #"{"type":"gavel.ping"}"#
    static let pong = ServerFrame.text(#"{"type":"gavel.pong"}"#)

    @Test("a message reaches the relay, whole or cut at any byte")
    func everySplit() throws {
        let frame = ClientFrame.message(Self.ping)
        for cut in 0..<frame.count {
            let connection = try EmbeddedConnection(isEcho: false)
            if cut > 0 { #expect(try connection.answers(to: Array(frame[..<cut])).isEmpty) }
            #expect(try connection.answers(to: Array(frame[cut...])) == [Self.pong])
        }
    }

    @Test("two messages in one read are both passed on, and so is a third that is cut")
    func twoInOneRead() throws {
        let connection = try EmbeddedConnection(isEcho: false)
        let frame = ClientFrame.message(Self.ping)
        #expect(try connection.answers(to: frame + frame + frame.prefix(9)) == [Self.pong, Self.pong])
        #expect(try connection.answers(to: Array(frame.dropFirst(9)) + frame) == [Self.pong, Self.pong])
    }

    @Test("a fragmented message reaches the relay, with a ping answered between its fragments")
    func fragments() throws {
        let connection = try EmbeddedConnection(isEcho: false)
        let frames = try connection.answers(
            to: ClientFrame.message(String(Self.ping.prefix(5)), isFinal: false)
                + ClientFrame.control(ClientFrame.ping, [1, 2])
                + ClientFrame.continuation(String(Self.ping.dropFirst(5)), isFinal: true)
        )
        #expect(frames == [.pong([1, 2]), Self.pong])
    }

    @Test("text and binary are echoed byte for byte, in their order")
    func echo() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        let blob = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let frames = try connection.answers(
            to: ClientFrame.message("κόσμε") + ClientFrame.bytes(first: 0x82, payload: Array(blob.prefix(300)))
                + ClientFrame.message("") + ClientFrame.bytes(first: 0x82, payload: Array(blob.prefix(60_000)))
        )
        #expect(
            frames == [
                .text("κόσμε"), .binary(Array(blob.prefix(300))), .text(""), .binary(Array(blob.prefix(60_000))),
            ]
        )
    }

    @Test(
        "a malformed frame costs the connection, with the code that names it",
        arguments: [
            (ClientFrame.bytes(first: 0x81, payload: [65], mask: nil), 1002),
            (ClientFrame.bytes(first: 0xC1, payload: [65]), 1002),
            (ClientFrame.bytes(first: 0x82, payload: [65]), 1003),
            (ClientFrame.bytes(first: 0x81, payload: [0xFF]), 1007),
            (ClientFrame.bytes(first: 0x81, announcing: 65 << 10), 1009),
            (ClientFrame.control(ClientFrame.close, [0]), 1002),
        ] as [([UInt8], UInt16)]
    )
    func malformed(bytes: [UInt8], code: UInt16) throws {
        let connection = try EmbeddedConnection(isEcho: false)
        let message = ClientFrame.message(Self.ping)
        let frames = try connection.answers(to: message + bytes + message)
        #expect(frames.count == 2)
        #expect(frames.first == Self.pong)
        #expect(frames.last?.opcode == ClientFrame.close)
        #expect(frames.last?.closeCode == code)
        connection.advance(by: .seconds(1))
        #expect(!connection.isOpen)
        #expect(connection.relay.connectionCount == 0)
    }

    @Test("the peer's close is echoed, what follows it is ignored, and the socket is closed")
    func peerCloses() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        let frames = try connection.answers(to: ClientFrame.closing(4321, "bye") + ClientFrame.message("late"))
        #expect(frames.map(\.closeCode) == [4321])
        #expect(!connection.isOpen)
        #expect(connection.relay.connectionCount == 0)
    }

    @Test("a close without a code is answered without a code")
    func closeWithoutCode() throws {
        let connection = try EmbeddedConnection(isEcho: false)
        let frames = try connection.answers(to: ClientFrame.control(ClientFrame.close))
        #expect(frames == [ServerFrame(first: 0x88, payload: [])])
        #expect(!connection.isOpen)
    }

    @Test("after the relay's close only the peer's close counts")
    func relayCloses() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        connection.handler.close(.goingAway, reason: "going away")
        #expect(try connection.sent().map(\.closeCode) == [1001])
        #expect(connection.isOpen)
        #expect(try connection.answers(to: ClientFrame.message("late") + ClientFrame.control(ClientFrame.ping)).isEmpty)
        #expect(connection.isOpen)
        #expect(try connection.answers(to: ClientFrame.closing(1001)).isEmpty)
        #expect(!connection.isOpen)
    }

    @Test("a peer that does not answer a close is given a second")
    func closeTimesOut() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        connection.handler.close(.kicked, reason: "kicked")
        #expect(try connection.sent().map(\.closeCode) == [4502])
        connection.advance(by: .milliseconds(999))
        #expect(connection.isOpen)
        connection.advance(by: .milliseconds(1))
        #expect(!connection.isOpen)
    }

    @Test("while reading is off nothing is passed on, afterwards everything in its order")
    func suspension() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        connection.handler.setReading(false)
        connection.handler.setReading(true)
        connection.handler.setReading(false)
        #expect(try connection.sent().isEmpty)
        connection.handler.setReading(true)
        #expect(try connection.answers(to: ClientFrame.message("a")) == [.text("a")])
    }

    @Test("what stands behind a leave in the same read waits for the room, and keeps its place")
    func heldBackByTheRelay() throws {
        let connection = try EmbeddedConnection(isEcho: false)
        let messages = [
            #"{"type":"join","room":"a"}"#, #"{"type":"leave"}"#, Self.ping, #"{"type":"join","room":"b"}"#, Self.ping,
        ]
        let frames = try connection.answers(to: messages.flatMap { ClientFrame.message($0) })
        let types = frames.map { $0.text.prefix(while: { $0 != "," && $0 != "}" }) }
        #expect(types.filter { $0 == #"{"type":"gavel.pong""# }.count == 2)
        let left = try #require(types.firstIndex(of: #"{"type":"left""#))
        let pong = try #require(types.firstIndex(of: #"{"type":"gavel.pong""#))
        #expect(types.first == #"{"type":"joined""#)
        #expect(left < pong)
        #expect(types.filter { $0 == #"{"type":"joined""# }.count == 2)
        #expect(connection.handler.heldBack == nil)
    }

    @Test("bytes that come though the socket is not to be read mean its end")
    func endWhileSuspended() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        connection.handler.setReading(false)
        #expect(try connection.answers(to: ClientFrame.message("late")).isEmpty)
        #expect(!connection.isOpen)
        #expect(connection.relay.connectionCount == 0)
    }

    @Test("a large echo is held back until the socket took what was queued, and nothing is lost")
    func echoBackpressure() throws {
        let connection = try EmbeddedConnection(isEcho: true) { $0.chunkBytes = 100 }
        let texts = (0..<50).map { String(repeating: "\($0 % 10)", count: 60) }
        let frames = try connection.answers(to: texts.flatMap { ClientFrame.message($0) })
        #expect(frames == texts.map { .text($0) })
        #expect(connection.handler.heldBack == nil)
    }

    @Test("a dead peer is asked, then closed with 4003; a living one is left alone")
    func keepalive() throws {
        let connection = try EmbeddedConnection(isEcho: true) {
            $0.pingInterval = .seconds(15)
            $0.pongTimeout = .seconds(10)
        }
        let start = connection.channel.eventLoop.now
        connection.handler.sweep(at: start + .seconds(15))
        #expect(try connection.sent() == [ServerFrame(first: 0x89, payload: [])])
        try connection.receive(ClientFrame.control(ClientFrame.pong))
        connection.handler.sweep(at: start + .seconds(25))
        #expect(try connection.sent().isEmpty)
        connection.handler.sweep(at: start + .seconds(40))
        connection.handler.sweep(at: start + .seconds(50))
        #expect(try connection.sent().map(\.opcode) == [ClientFrame.ping, ClientFrame.close])
    }

    @Test("a peer that the relay itself does not read is not taken for dead")
    func keepaliveWhileSuspended() throws {
        let connection = try EmbeddedConnection(isEcho: true)
        let start = connection.channel.eventLoop.now
        connection.handler.setReading(false)
        for second in 1...60 { connection.handler.sweep(at: start + .seconds(Int64(second))) }
        #expect(try connection.sent().isEmpty)
    }

    @Test("a connection that ends without a word is released once")
    func lost() throws {
        let connection = try EmbeddedConnection(isEcho: false)
        #expect(connection.relay.connectionCount == 1)
        try connection.receive(Array(ClientFrame.message(Self.ping).prefix(4)))
        try connection.channel.close().wait()
        connection.channel.embeddedEventLoop.run()
        #expect(connection.relay.connectionCount == 0)
        #expect(connection.handler.connection == nil)
    }
}
