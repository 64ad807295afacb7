import GavelCore
import Logging
import NIOCore
import NIOEmbedded

@testable import GavelTransport

/// A connection after its handshake on a channel without a socket; the relay's own loop behind it.
final class EmbeddedConnection {
    let channel = EmbeddedChannel()
    let handler: ConnectionHandler
    let relay: RelayLoop
    private let hub: RelayHub
    private var output = ByteBuffer()

    init(isEcho: Bool, _ configure: (inout TransportConfiguration) -> Void = { _ in }) throws {
        var configuration = TransportConfiguration()
        configure(&configuration)
        self.hub = RelayHub(
            eventLoops: [self.channel.eventLoop],
            limits: RelayLimits(),
            outbound: OutboundLimits(),
            directory: { _ in RoomPolicy() }
        )
        self.channel.embeddedEventLoop.run()
        self.relay = self.hub.loop(on: self.channel.eventLoop)
        self.handler = ConnectionHandler(
            relay: self.relay,
            settings: ConnectionSettings(configuration, logger: Logger(label: "test")),
            isEcho: isEcho,
            receiveAllocator: nil,
            now: self.channel.eventLoop.now
        )
        try self.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        try self.channel.pipeline.syncOperations.addHandler(self.handler)
    }

    /// Whether the socket is still open.
    var isOpen: Bool { self.channel.isActive }

    /// One read of the socket, and all that follows from it in the same turn.
    func receive(_ bytes: [UInt8]) throws {
        try self.channel.writeInbound(ByteBuffer(bytes: bytes))
        self.channel.embeddedEventLoop.run()
    }

    /// What was sent since the last call.
    func sent() throws -> [ServerFrame] {
        self.channel.embeddedEventLoop.run()
        while let bytes = try self.channel.readOutbound(as: ByteBuffer.self) { self.output.writeImmutableBuffer(bytes) }
        var frames: [ServerFrame] = []
        while let frame = ServerFrame.read(from: &self.output) { frames.append(frame) }
        return frames
    }

    /// One read, and what it made the server send.
    func answers(to bytes: [UInt8]) throws -> [ServerFrame] {
        try self.receive(bytes)
        return try self.sent()
    }

    func advance(by time: TimeAmount) {
        self.channel.embeddedEventLoop.advanceTime(by: time)
    }
}
