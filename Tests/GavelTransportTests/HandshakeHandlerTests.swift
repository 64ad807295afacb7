import GavelCore
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import GavelTransport

@Suite struct HandshakeHandlerTests {
    private let channel = EmbeddedChannel()
    private let openConnections = OpenConnections(connectionsPerAddress: nil)

    init() throws {
        let hub = RelayHub(
            eventLoops: [self.channel.eventLoop],
            limits: RelayLimits(),
            outbound: OutboundLimits(),
            directory: { _ in RoomPolicy() }
        )
        self.channel.embeddedEventLoop.run()
        let services = ConnectionServices(
            TransportConfiguration(),
            hub: hub,
            eventLoops: [self.channel.eventLoop],
            openConnections: self.openConnections,
            logger: Logger(label: "test")
        )
        try HandshakeHandler.install(on: self.channel, services: services, admission: .admitted)
        try self.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    private func answer(to bytes: [UInt8]) throws -> String {
        try self.channel.writeInbound(ByteBuffer(bytes: bytes))
        self.channel.embeddedEventLoop.run()
        return try self.output()
    }

    private func output() throws -> String {
        var text = ""
        while let bytes = try self.channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    @Test("after the upgrade the connection's handler is alone in the pipeline")
    func onlyOneHandlerIsLeft() throws {
        #expect(try self.answer(to: Array(TestClient.handshake.utf8)).hasPrefix("HTTP/1.1 101 "))
        let pipeline = self.channel.pipeline.syncOperations
        _ = try pipeline.handler(type: ConnectionHandler.self)
        #expect(throws: ChannelPipelineError.self) { try pipeline.handler(type: HandshakeHandler.self) }
        #expect(throws: ChannelPipelineError.self) {
            try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        }
    }

    @Test("a frame behind the request is read after the upgrade, cut anywhere")
    func bytesBehindTheRequest() throws {
        let frame = ClientFrame.message(#"{"type":"gavel.ping"}"#)
        let answer = try self.answer(to: Array(TestClient.handshake.utf8) + frame.prefix(7))
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        #expect(!answer.contains("pong"))
        #expect(try self.answer(to: Array(frame.dropFirst(7))).contains("gavel.pong"))
    }

    @Test("a request that is too slow is refused when its time is over, and then closed")
    func timesOut() throws {
        #expect(try self.answer(to: Array("GET / HTTP/1.1\r\n".utf8)).isEmpty)
        self.channel.embeddedEventLoop.advanceTime(by: .seconds(10) - .nanoseconds(1))
        #expect(try self.output().isEmpty)
        self.channel.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(try self.output().hasPrefix("HTTP/1.1 408 "))
        self.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!self.channel.isActive)
    }

    @Test("while the relay drains a handshake is refused")
    func draining() throws {
        self.openConnections.drain()
        #expect(try self.answer(to: Array(TestClient.handshake.utf8)).hasPrefix("HTTP/1.1 503 "))
    }

    @Test("a handshake under way is refused when the relay begins to drain")
    func drainingMeanwhile() throws {
        #expect(try self.answer(to: Array("GET / HTTP/1.1\r\n".utf8)).isEmpty)
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try self.output().hasPrefix("HTTP/1.1 503 "))
    }
}
