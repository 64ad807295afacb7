import NIOCore

/// One client's connection: hands its bytes to the ``BenchClient`` and does what that says.
///
/// All that a wake-up asks to be sent goes out in one write. Confined to the run's event loop.
final class BenchClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var client: BenchClient
    /// Whether the connection is up and was not given up.
    private(set) var isLive = false
    private let run: BenchRun
    private var context: ChannelHandlerContext?
    /// The beginning of a frame of which the rest has not come.
    private var unread: ByteBuffer?

    init(client: BenchClient, run: BenchRun) {
        self.client = client
        self.run = run
    }

    func channelActive(context: ChannelHandlerContext) {
        guard self.run.stage != .over else { return context.close(promise: nil) }
        self.context = context
        self.isLive = true
        self.run.clientConnected()
        context.writeAndFlush(self.wrapOutboundOut(self.run.handshakeRequest), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isLive else { return }
        var incoming = self.unwrapInboundIn(data)
        let arrivedBytes = incoming.readableBytes
        if var whole = self.unread {
            self.unread = nil
            whole.writeBuffer(&incoming)
            incoming = whole
        }
        let (usedBytes, action) = incoming.withUnsafeReadableBytes {
            self.run.receive($0, arrivedBytes: arrivedBytes, for: &self.client)
        }
        if usedBytes < incoming.readableBytes {
            // A copy: the channel reads into the same storage again.
            self.unread = ByteBuffer(bytes: incoming.readableBytesView.dropFirst(usedBytes))
        }
        switch action {
        case .none:
            break
        case .join:
            let join = self.run.joinRequest(for: self.client.room)
            context.writeAndFlush(self.wrapOutboundOut(join), promise: nil)
        case .joined:
            self.run.clientJoined(from: context.remoteAddress)
        case .fail(let reason):
            self.fail(reason)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard self.isLive else { return }
        if self.client.controlFrames.readableBytes > 0 {
            context.writeAndFlush(self.wrapOutboundOut(self.client.controlFrames), promise: nil)
            self.client.controlFrames = ByteBuffer()
        }
        let returned = self.client.takeReturned()
        if returned > 0 {
            self.send(returned)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.fail("the relay ended the connection without a close frame")
        self.context = nil
        self.run.connectionEnded()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.fail("a connection failed: \(ConnectionFailure.words(for: error))")
    }

    /// Sends so many messages in one write, if the run still sends.
    func send(_ count: Int) {
        guard self.isLive, let context = self.context,
            let messages = self.run.messages(count, of: &self.client)
        else { return }
        context.writeAndFlush(self.wrapOutboundOut(messages), promise: nil)
    }

    /// Says goodbye with 1000; the connection ends when the relay has answered, or by ``disconnect()``.
    func sayGoodbye() {
        guard self.isLive, let context = self.context else { return }
        self.isLive = false
        context.writeAndFlush(self.wrapOutboundOut(self.run.goodbye()), promise: nil)
    }

    func disconnect() {
        self.isLive = false
        self.context?.close(promise: nil)
    }

    private func fail(_ reason: String) {
        guard self.isLive else { return }
        self.disconnect()
        self.run.clientFailed(reason)
    }
}

@available(*, unavailable)
extension BenchClientHandler: Sendable {}
