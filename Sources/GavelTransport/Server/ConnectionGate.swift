import Logging
import NIOCore

/// Stands in the listening socket's pipeline and does not let it be read while enough connections are open.
///
/// Connections wait in the backlog meanwhile, which costs this process nothing. Confined to the listener's event loop.
final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// Connections accepted in one turn of the loop at most.
    static let acceptsPerRead = 16
    private static let warningInterval = TimeAmount.minutes(1)

    /// As an event in the listener's pipeline: from now on, so many connections at a time.
    struct Limit {
        let connections: Int
    }

    private var limit: Int
    private let logger: Logger
    private var openCount = 0
    private var acceptsPerRead = ConnectionGate.acceptsPerRead
    private var isReadHeldBack = false
    private var nextWarning = NIODeadline.distantPast

    /// - Parameter limit: Connections at a time.
    init(limit: Int, logger: Logger) {
        self.limit = limit
        self.logger = logger
    }

    func read(context: ChannelHandlerContext) {
        guard self.openCount < self.limit else {
            self.isReadHeldBack = true
            self.warn("connection limit reached, new connections wait", ["max_connections": "\(self.limit)"])
            return
        }
        let accepts = min(Self.acceptsPerRead, self.limit - self.openCount)
        if accepts != self.acceptsPerRead {
            self.acceptsPerRead = accepts
            // Fails only on a closed channel, which accepts nothing.
            try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: UInt(accepts))
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = Self.unwrapInboundIn(data)
        self.openCount += 1
        channel.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in self.closed(context) }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let limit = event as? Limit else { return context.fireUserInboundEventTriggered(event) }
        self.limit = limit.connections
        self.readIfHeldBack(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.warn("cannot accept connections for now", ["error": "\(error)"])
        context.fireErrorCaught(error)
    }

    private func closed(_ context: ChannelHandlerContext) {
        self.openCount -= 1
        self.readIfHeldBack(context)
    }

    private func readIfHeldBack(_ context: ChannelHandlerContext) {
        guard self.isReadHeldBack, self.openCount < self.limit else { return }
        self.isReadHeldBack = false
        self.read(context: context)
    }

    private func warn(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        let now = NIODeadline.now()
        guard now >= self.nextWarning else { return }
        self.nextWarning = now + Self.warningInterval
        self.logger.warning(message, metadata: metadata)
    }
}

@available(*, unavailable)
extension ConnectionGate: Sendable {}
