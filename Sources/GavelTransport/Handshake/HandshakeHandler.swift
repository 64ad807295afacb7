import GavelCore
import Logging
import NIOCore
import NIOHTTP1

/// Waits for one HTTP request and turns the channel into a WebSocket connection, or answers why not.
///
/// After the upgrade neither this nor the HTTP decoder before it is left in the pipeline; bytes that came behind the
/// request reach the ``ConnectionHandler`` first.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// Bytes that a request's line and headers may have together.
    static let headBytes = 16 << 10
    /// Headers that a request may have.
    static let headerCount = 100
    /// How long a refused client has to read why before the socket is closed under it.
    private static let lingerTimeout = TimeAmount.seconds(1)

    private enum State {
        case waiting
        case accepted(response: String, isEcho: Bool)
        case answered
    }

    private var services: ConnectionServices
    private let admission: OpenConnections.Admission
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private var state = State.waiting
    private var timeout: Scheduled<Void>?

    private init(
        services: ConnectionServices,
        admission: OpenConnections.Admission,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>
    ) {
        self.services = services
        self.admission = admission
        self.decoder = decoder
    }

    /// Makes a new channel wait for its opening handshake; called on its event loop.
    static func install(
        on channel: any Channel,
        services: ConnectionServices,
        admission: OpenConnections.Admission
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = Self.headBytes
        limits.maxHeaderListSize = Self.headBytes
        limits.maxHeaderFieldCount = Self.headerCount
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
        )
        let handler = HandshakeHandler(services: services, admission: admission, decoder: decoder)
        try channel.pipeline.syncOperations.addHandlers(decoder, handler)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.timeout = context.eventLoop.assumeIsolated().scheduleTask(in: self.services.handshakeTimeout) {
            self.refuse(.timedOut, context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timeout?.cancel()
        self.timeout = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), self.state) {
        case (.head(let head), .waiting):
            self.judge(head, context)
        case (.end, .accepted(let response, let isEcho)):
            self.accept(response, isEcho: isEcho, context)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: self.refuse(.headersTooLarge, context)
        case is HTTPParserError: self.refuse(.badRequest("This is not an HTTP request: \(error)"), context)
        default: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { self.refuse(.draining, context) }
        if let services = event as? ConnectionServices { self.services = services }
    }

    private func judge(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch self.admission {
        case .tooManyFromAddress: return self.refuse(.tooManyConnections, context)
        case .admitted: break
        }
        guard !self.services.openConnections.isDraining else { return self.refuse(.draining, context) }
        switch self.services.handshake.judge(head) {
        case .accept(let response, let isEcho): self.state = .accepted(response: response, isEcho: isEcho)
        case .refuse(let refusal): self.refuse(refusal, context, hasBody: head.method != .HEAD)
        }
    }

    private func accept(_ response: String, isEcho: Bool, _ context: ChannelHandlerContext) {
        self.state = .answered
        let promise = context.eventLoop.makePromise(of: Void.self)
        // The connection writes to the socket past the channel, so the response must have left before it begins.
        promise.futureResult.assumeIsolated().whenSuccess { self.upgrade(isEcho: isEcho, context) }
        context.writeAndFlush(
            Self.wrapOutboundOut(context.channel.allocator.buffer(string: response)),
            promise: promise
        )
    }

    private func upgrade(isEcho: Bool, _ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let handler = self.services.makeConnectionHandler(on: context.eventLoop, isEcho: isEcho)
        do {
            if let allocator = handler.receiveAllocator {
                try context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
            }
            try pipeline.addHandler(handler, position: .after(self))
        } catch {
            // The channel was closed meanwhile.
            context.close(promise: nil)
            return
        }
        // In this order: the decoder, when it goes, passes on what came behind the request.
        pipeline.removeHandler(self, promise: nil)
        pipeline.removeHandler(self.decoder, promise: nil)
    }

    private func refuse(_ refusal: HandshakeRefusal, _ context: ChannelHandlerContext, hasBody: Bool = true) {
        if case .answered = self.state { return }
        self.state = .answered
        self.timeout?.cancel()
        self.services.logger.debug("handshake refused", metadata: ["status": "\(refusal.status.code)"])
        // What the client still sends is read and dropped for a while: closing over unread bytes resets the connection,
        // which can cost the client the answer.
        self.timeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTimeout) {
            context.close(promise: nil)
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { context.close(mode: .output, promise: nil) }
        let response = context.channel.allocator.buffer(string: refusal.response(hasBody: hasBody))
        context.writeAndFlush(Self.wrapOutboundOut(response), promise: promise)
    }
}

@available(*, unavailable)
extension HandshakeHandler: Sendable {}
