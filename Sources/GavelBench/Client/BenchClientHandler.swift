import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One client's connection: hands its bytes to the ``BenchClient`` and does what that says.
///
/// All that a wake-up asks to be sent goes out in one write. Confined to the run's event loop.
final class BenchClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var client: BenchClient
    /// Whether the connection is up and was not given up.
    private(set) var isLive = false
    /// Where it stands among the run's clients.
    let index: Int
    /// Whether its client lost a connection before, and is not back yet.
    private(set) var isReturning: Bool
    private let run: BenchRun
    private var context: ChannelHandlerContext?
    /// The beginning of a frame of which the rest has not come.
    private var unread: ByteBuffer?

    init(client: BenchClient, run: BenchRun, index: Int, isReturning: Bool = false) {
        self.client = client
        self.run = run
        self.index = index
        self.isReturning = isReturning
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
            let join = self.run.joinRequest(of: self.client)
            context.writeAndFlush(self.wrapOutboundOut(join), promise: nil)
        case .joined:
            self.run.clientJoined(from: context.remoteAddress)
        case .returned:
            self.isReturning = false
            self.run.clientReturned()
            if !self.client.unhandled.isEmpty {
                let again = self.run.messages(again: self.client.unhandled)
                context.writeAndFlush(self.wrapOutboundOut(again), promise: nil)
            }
            self.sendDue()
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

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.sendDue()
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

    // MARK: Messages that are due

    func takeTurn(_ turn: Int) {
        self.client.turn = turn
    }

    /// One more of its messages is due.
    func noteDue() {
        self.client.due += 1
    }

    /// Sends what is due, as long as the connection takes it; the rest waits until it does.
    func sendDue() {
        while self.client.due > 0, self.isLive, self.client.phase == .playing, let context = self.context,
            context.channel.isWritable, let messages = self.run.dueMessages(of: &self.client)
        {
            context.writeAndFlush(self.wrapOutboundOut(messages), promise: nil)
        }
    }

    // MARK: Slow reading

    func readNothing() {
        self.setReading(false)
    }

    /// Takes what one read brings.
    func readOnce() {
        if self.isLive { self.context?.read() }
    }

    func readAll() {
        self.setReading(true)
    }

    private func setReading(_ isReading: Bool) {
        self.context?.channel.setOption(.autoRead, value: isReading).whenComplete { _ in }
    }

    // MARK: The end

    /// Ends the connection without a word.
    /// - Returns: The client that is to come back; `nil`: it cannot, and the connection stays.
    func vanish(resets: Bool) -> BenchClient? {
        guard self.isLive, self.client.phase == .playing, self.client.pace == .full else { return nil }
        if resets, let options = self.context?.channel as? any SocketOptionProvider {
            _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        self.disconnect()
        return self.client.returning()
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
        self.run.clientFailed(self, reason)
    }
}

@available(*, unavailable)
extension BenchClientHandler: Sendable {}
