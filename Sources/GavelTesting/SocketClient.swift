internal import GavelCore
package import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A WebSocket client on a real socket, for tests: sends texts, and reads what comes when it is asked to.
package final class SocketClient {
    private let channel: any Channel
    private var input: AsyncStream<ByteBuffer>.Iterator
    private var reader = ServerFrameReader()
    private var messages: [ReceivedMessage] = []
    /// The code of the close frame that came, if one did.
    package private(set) var closeCode: UInt16?

    private init(channel: any Channel, input: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.input = input.makeAsyncIterator()
    }

    /// Connects and opens a WebSocket connection.
    package static func connect(to address: SocketAddress) async throws -> SocketClient {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(HandshakeSkipper(continuation))
                }
            }
            .connect(to: address).get()
        let handshake =
            "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: handshake))
        return SocketClient(channel: channel, input: stream)
    }

    /// Sends a text frame, and does not wait for it to leave.
    package func send(_ text: String) {
        self.send(.text, Array(text.utf8))
    }

    /// Sends a close frame with a code.
    package func sendClose(_ code: UInt16) {
        self.send(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])
    }

    /// Sends a text frame some time later, whatever the test is doing then.
    package func send(_ text: String, after delay: TimeAmount) {
        let channel = self.channel
        let frame = Self.frame(.text, Array(text.utf8))
        channel.eventLoop.scheduleTask(in: delay) { channel.writeAndFlush(frame, promise: nil) }
    }

    private func send(_ opcode: FrameOpcode, _ payload: [UInt8]) {
        self.channel.writeAndFlush(Self.frame(opcode, payload), promise: nil)
    }

    private static func frame(_ opcode: FrameOpcode, _ payload: [UInt8]) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(0x80 | opcode.rawValue)
        if payload.count < 126 {
            frame.writeInteger(0x80 | UInt8(payload.count))
        } else {
            frame.writeInteger(0x80 | UInt8(126))
            frame.writeInteger(UInt16(payload.count))
        }
        // Masked with the key 0: the payload as it is.
        frame.writeInteger(UInt32(0))
        frame.writeBytes(payload)
        return frame
    }

    /// The next message; `nil` when the connection has ended.
    package func next() async -> ReceivedMessage? {
        while self.messages.isEmpty {
            guard let bytes = await self.input.next() else { return nil }
            for frame in self.reader.read(bytes.readableBytesView) {
                if frame.opcode == FrameOpcode.close.rawValue, frame.payload.count >= 2 {
                    self.closeCode = UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])
                } else if let message = ReceivedMessage(text: frame.payload) {
                    self.messages.append(message)
                }
            }
        }
        return self.messages.removeFirst()
    }

    /// The next message of a type; `nil` when the connection ends before.
    package func next(_ type: String) async -> ReceivedMessage? {
        while let message = await self.next() {
            if message.type == type { return message }
        }
        return nil
    }

    /// Closes the socket without a close frame; with `reset`, without a FIN either.
    package func disconnect(reset: Bool = false) async {
        if reset, let options = self.channel as? any SocketOptionProvider {
            try? await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await self.channel.close()
    }
}
@available(*, unavailable)
extension SocketClient: Sendable {}

/// Drops the answer to the opening handshake and passes on what follows it.
private final class HandshakeSkipper: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private var head: ByteBuffer? = ByteBuffer()

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        guard var head = self.head else {
            self.continuation.yield(bytes)
            return
        }
        head.writeBuffer(&bytes)
        if let end = head.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) {
            head.moveReaderIndex(to: end.upperBound)
            self.head = nil
            self.continuation.yield(head)
        } else {
            self.head = head
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
