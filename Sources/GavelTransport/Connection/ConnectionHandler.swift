import GavelCore
import NIOCore

/// The socket side of one connection after its opening handshake: the only handler in its channel's pipeline.
///
/// Reads frames and passes messages to its ``Connection``, is its outlet, and ends it. The logic is in values
/// (``FrameReader``, ``Keepalive``, ``Closing``); this joins them to the channel. Confined to the channel's event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var settings: ConnectionSettings
    let isEcho: Bool
    let relay: RelayLoop
    let receiveAllocator: LoopReceiveAllocator?

    /// `nil` before the handler is added and after the socket is gone.
    var connection: Connection?
    var context: ChannelHandlerContext?
    /// The socket, while it may be written to directly; -1 otherwise.
    var descriptor: Int32 = -1
    var isSocketGone = false

    var reader: FrameReader
    var keepalive: Keepalive
    var closing = Closing()
    var isCloseFrameQueued = false
    var closeTimeout: Scheduled<Void>?

    /// Whether messages may be passed on, as the connection last said.
    var isReading = true
    var isResumeScheduled = false
    /// What was read but not passed on when the connection said stop; less than one read.
    var heldBack: ByteBuffer?
    /// Whether the peer's bytes are thrown away unread.
    var isDiscarding = false
    /// Whether the connection is inside ``sendWhenWritable(_:)``, and so must not be called.
    var isHandingOver = false

    /// - Parameters:
    ///   - relay: The share of the event loop of the channel this will be added to.
    ///   - isEcho: Whether to send every message back instead of passing it to the relay.
    ///   - receiveAllocator: Where the channel's receive buffers come from, if they are to be handed back.
    init(
        relay: RelayLoop,
        settings: ConnectionSettings,
        isEcho: Bool,
        receiveAllocator: LoopReceiveAllocator?,
        now: NIODeadline
    ) {
        self.relay = relay
        self.settings = settings
        self.isEcho = isEcho
        self.receiveAllocator = receiveAllocator
        self.reader = FrameReader(limitBytes: settings.messageBytes, acceptsBinary: isEcho)
        self.keepalive = Keepalive(interval: settings.pingInterval, timeout: settings.pongTimeout, now: now)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        self.context = context
        // A channel without a descriptor (TLS, a test's) is written to through its pipeline.
        self.descriptor =
            (try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 })
            ?? -1
        self.connection = self.relay.open(self, isEcho: self.isEcho)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.socketGone(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.socketGone(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO closes the socket after an error of reading it, and the descriptor's number may then belong to another.
        self.descriptor = -1
        self.isSocketGone = true
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.keepalive.heard()
        guard !self.isDiscarding else { return }
        guard self.isReading || !self.closing.isOpen, self.heldBack == nil, !self.isHandingOver else {
            // NIO reads a socket that is not to be read only when it has ended or broken; the connection ends with it.
            self.isDiscarding = true
            self.heldBack = nil
            context.close(promise: nil)
            return
        }

        var buffer = Self.unwrapInboundIn(data)
        let taken = buffer.withUnsafeReadableBytes { self.decode($0) }
        if taken < buffer.readableBytes, !self.isDiscarding {
            buffer.moveReaderIndex(forwardBy: taken)
            self.heldBack = context.channel.allocator.buffer(buffer: buffer)
        }
        self.receiveAllocator?.takeBack(buffer)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let services = event as? ConnectionServices { self.adopt(services.settings) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // The end of the pipeline: nobody behind this handler wants to know.
    }

    /// Goes on under other settings; what is under way stays as it began.
    private func adopt(_ settings: ConnectionSettings) {
        self.settings = settings
        self.reader.limitBytes = settings.messageBytes
        self.keepalive.adopt(interval: settings.pingInterval, timeout: settings.pongTimeout)
    }

    /// The socket is closed or about to be: from here on nothing may be written to it.
    private func socketGone(_ context: ChannelHandlerContext) {
        self.descriptor = -1
        self.isSocketGone = true
        self.context = nil
        self.heldBack = nil
        self.isDiscarding = true
        self.closeTimeout?.cancel()
        self.closeTimeout = nil
        guard let connection = self.connection else { return }
        self.connection = nil
        self.outsideConnection(context.eventLoop) {
            connection.end(.lost)
            connection.release()
        }
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
