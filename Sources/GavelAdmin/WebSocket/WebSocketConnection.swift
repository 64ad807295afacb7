internal import NIOCore
internal import NIOWebSocket

/// One client over a WebSocket: once it has shown the token, does what its messages ask for, one after the other, as
/// ``ControlConnection`` does what its lines ask for.
///
/// Confined to its event loop. Frames are read at all times, so that one who leaves is noticed in the middle of a stream;
/// requests that come meanwhile wait, some at most.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    private enum Stage {
        case untrusted
        case open
        /// What is being done is answered, and nothing more is taken.
        case ending
        /// A close frame is on its way; nothing more is said.
        case closing
    }

    /// Requests that may wait for one that is being done.
    private static let mostWaiting = 8
    /// How long a client may take to answer a close frame.
    private static let closeTimeout = TimeAmount.seconds(1)

    private let token: AccessToken
    private let configuration: HTTPConfiguration
    private let commands: CommandQueue
    private var messages: WebSocketMessages
    private var stage = Stage.untrusted
    private var context: ChannelHandlerContext?
    /// Ends the connection where the token, or the answer to a close frame, does not come.
    private var deadline: Scheduled<Void>?
    private var keepalive = WebSocketKeepalive()
    private var sweep: Scheduled<Void>?

    /// Whether the token was shown before.
    var isTrusted: Bool {
        get { self.stage != .untrusted }
        set { self.stage = newValue ? .open : .untrusted }
    }

    /// - Parameter commands: Of this connection alone; its answers go to the channel to which this will be added.
    init(token: AccessToken, configuration: HTTPConfiguration, commands: CommandQueue) {
        self.token = token
        self.configuration = configuration
        self.commands = commands
        self.messages = WebSocketMessages(limitBytes: configuration.bodyBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.commands.whenEmpty = { [weak self] in self?.commandsEnded() }
        if self.stage == .untrusted {
            self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.configuration.tokenTimeout) {
                self.close(.wantsToken)
            }
        }
        self.scheduleSweep(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.commands.stop()
        self.deadline?.cancel()
        self.sweep?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.keepalive.heard()
        switch self.messages.take(Self.unwrapInboundIn(data)) {
        case .nothing: break
        case .text(let text): self.take(text)
        case .ping(let payload):
            // One who does not read is not helped by more.
            if self.stage != .closing, context.channel.isWritable { self.send(.pong, payload) }
        case .close(let code): self.clientCloses(code)
        case .failure(let failure): self.close(failure)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What comes behind this handler waits for requests over HTTP, and hears of none.
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            self.close(WebSocketFailure(error))
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: self.end()
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Sends a line as a text.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard self.stage != .closing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var line = Self.unwrapOutboundIn(data)
        if line.readableBytesView.last == UInt8(ascii: "\n") { line.moveWriterIndex(to: line.writerIndex - 1) }
        let frame = WebSocketFrame(fin: true, opcode: .text, data: line)
        context.write(Self.wrapOutboundOut(frame), promise: promise)
    }

    private func take(_ text: ByteBuffer) {
        switch self.stage {
        case .untrusted:
            guard let token = Self.token(in: text) else { return self.close(.wantsToken) }
            guard self.token.isShown(by: token) else { return self.close(.wrongToken) }
            self.deadline?.cancel()
            self.stage = .open
        case .open:
            guard self.commands.waiting < Self.mostWaiting else { return self.close(.tooMany) }
            self.commands.add(text)
            self.commands.goOn()
        case .ending, .closing:
            break
        }
    }

    /// `{"token":"…"}`
    private static func token(in text: ByteBuffer) -> String? {
        let bytes = text.readableBytesView
        guard JSONNesting.depth(of: bytes) == 1, let value = try? AdminJSON.decode(JSONValue.self, from: bytes),
            case .object(let members) = value, members.count == 1, case .text(let token) = members["token"]
        else { return nil }
        return token
    }

    /// Ends streams, lets a command that is being done end, and takes no other.
    private func end() {
        guard self.stage == .open else { return self.close(.goingAway) }
        self.stage = .ending
        self.commands.stop()
        if self.commands.running == nil { self.close(.goingAway) }
    }

    private func commandsEnded() {
        if self.stage == .ending { self.close(.goingAway) }
    }

    private func close(_ failure: WebSocketFailure) {
        self.close(failure.code, failure.reason, promise: nil)
    }

    private func clientCloses(_ code: WebSocketErrorCode?) {
        guard let context = self.context else { return }
        guard self.stage != .closing else { return context.close(promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        self.close(code, promise: promise)
    }

    /// Says that nothing more follows. What is being done is in vain.
    private func close(_ code: WebSocketErrorCode?, _ reason: String = "", promise: EventLoopPromise<Void>?) {
        guard let context = self.context, self.stage != .closing else { return }
        self.stage = .closing
        self.commands.stop()
        self.deadline?.cancel()
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) {
            context.close(promise: nil)
        }
        var payload = ByteBuffer()
        if let code {
            payload.write(webSocketErrorCode: code)
            payload.writeString(reason)
        }
        self.send(.connectionClose, payload, promise: promise)
    }

    private func send(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: payload)
        self.context?.writeAndFlush(Self.wrapOutboundOut(frame), promise: promise)
    }

    private func scheduleSweep(_ context: ChannelHandlerContext) {
        let pause = TimeAmount.nanoseconds(self.configuration.idleTimeout.nanoseconds / WebSocketKeepalive.sweeps)
        self.sweep = context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            switch self.keepalive.sweep() {
            case .none: break
            case .ping: if self.stage != .closing { self.send(.ping, ByteBuffer()) }
            case .giveUp: return context.close(promise: nil)
            }
            self.scheduleSweep(context)
        }
    }
}

@available(*, unavailable) extension WebSocketConnection: Sendable {}
