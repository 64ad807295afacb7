import NIOCore
import NIOPosix

/// A client on a real socket that sends any bytes it is told to.
final class TestClient {
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.continuation.yield(Self.unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    static let handshake =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

    let channel: any Channel
    private var input: AsyncStream<ByteBuffer>.Iterator
    private var buffer = ByteBuffer()

    private init(channel: any Channel, input: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.input = input.makeAsyncIterator()
    }

    /// Connects the socket, and sends nothing yet.
    static func connect(to address: SocketAddress, isReading: Bool = true) async throws -> TestClient {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(to: address).get()
        return TestClient(channel: channel, input: stream)
    }

    /// Connects and opens a WebSocket connection.
    static func open(_ address: SocketAddress, path: String = "/") async throws -> TestClient {
        let client = try await self.connect(to: address)
        try await client.send(Self.handshake.replacing("GET / ", with: "GET \(path) "))
        _ = try await client.responseHead()
        return client
    }

    func send(_ bytes: [UInt8]) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(_ text: String) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// The next frame; `nil` when the server has closed the socket.
    func frame() async -> ServerFrame? {
        while true {
            if let frame = ServerFrame.read(from: &self.buffer) { return frame }
            guard await self.more() else { return nil }
        }
    }

    /// The head of an HTTP response; what follows it is left for ``frame()``. Empty when the server closes before.
    func responseHead() async throws -> String {
        while true {
            if let end = self.buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) {
                return self.buffer.readString(length: end.upperBound - self.buffer.readerIndex) ?? ""
            }
            guard await self.more() else { return "" }
        }
    }

    /// Everything until the server closes the socket.
    func rest() async -> String {
        while await self.more() {}
        return self.buffer.readString(length: self.buffer.readableBytes) ?? ""
    }

    func close() async {
        try? await self.channel.close()
    }

    private func more() async -> Bool {
        guard let bytes = await self.input.next() else { return false }
        self.buffer.writeImmutableBuffer(bytes)
        return true
    }
}
