internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket

/// Makes a connection over HTTP a WebSocket where a request asks for that and may; all other requests pass untouched.
///
/// It stands between what decodes HTTP and Hummingbird's part of the pipeline, which goes on waiting for a request that
/// never comes, until the connection ends.
final class WebSocketUpgrade: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let handshake: WebSocketHandshake
    private let connection: WebSocketConnection
    private let messageBytes: Int
    private let store: MetricStore
    /// Requests that were passed on and not yet answered to their ends.
    private var unanswered = 0
    private var accepted: WebSocketHandshake.Accepted?

    /// - Parameters:
    ///   - connection: What to put into the pipeline.
    ///   - messageBytes: Longest message.
    init(handshake: WebSocketHandshake, connection: WebSocketConnection, messageBytes: Int, store: MetricStore) {
        self.handshake = handshake
        self.connection = connection
        self.messageBytes = messageBytes
        self.store = store
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), self.accepted) {
        case (.head(let request), nil):
            // An answer under way would be torn apart.
            if self.unanswered == 0, request.path == WebSocketHandshake.path {
                self.accepted = try? self.handshake.accept(request)
            }
            guard self.accepted == nil else { return }
            self.unanswered += 1
            context.fireChannelRead(data)
        case (.end, let accepted?):
            self.upgrade(accepted, context)
        case (_, nil):
            context.fireChannelRead(data)
        case (_, _?):
            break
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data) { self.unanswered -= 1 }
        context.write(data, promise: promise)
    }

    private func upgrade(_ accepted: WebSocketHandshake.Accepted, _ context: ChannelHandlerContext) {
        self.store.countRequest(answered: accepted.response.status)
        context.writeAndFlush(Self.wrapOutboundOut(.head(accepted.response)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = WebSocketFrameDecoder(maxFrameSize: self.messageBytes)
            self.connection.isTrusted = accepted.isTrusted
            try pipeline.addHandlers(
                [WebSocketFrameEncoder(), ByteToMessageHandler(decoder), self.connection],
                position: .after(self)
            )
            for handler: any RemovableChannelHandler in [
                try pipeline.handler(type: HTTPConnectionStateHandler.self), self,
                try pipeline.handler(type: HTTP1ToHTTPServerCodec.self),
                try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self),
                try pipeline.handler(type: HTTPResponseEncoder.self),
            ] {
                pipeline.removeHandler(handler, promise: nil)
            }
        } catch {
            // The channel was closed meanwhile.
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable) extension WebSocketUpgrade: Sendable {}
