internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A connection over HTTP, which a request may make a WebSocket.
struct RelayChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        /// What is asked over the WebSocket.
        let commands: NIOLoopBound<CommandQueue>

        var channel: any Channel { self.http.channel }
    }

    private let respond: HTTPChannelHandler.Responder
    private let configuration: HTTPConfiguration
    private let relay: RelayResponder
    private let registry: CommandRegistry

    /// - Parameters:
    ///   - respond: Hummingbird's way to `relay`.
    ///   - registry: What can be asked over a WebSocket.
    init(
        _ respond: @escaping HTTPChannelHandler.Responder,
        configuration: HTTPConfiguration,
        relay: RelayResponder,
        registry: CommandRegistry
    ) {
        self.respond = respond
        self.configuration = configuration
        self.relay = relay
        self.registry = registry
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let commands = CommandQueue(
            self.registry,
            by: .http(address: channel.remoteAddress?.ipAddress),
            output: ControlOutput(channel: channel, timeout: TimeAmount(self.configuration.writeTimeout))
        )
        let upgrade = WebSocketUpgrade(
            handshake: WebSocketHandshake(rules: self.relay.rules),
            connection: WebSocketConnection(
                token: self.relay.rules.token,
                configuration: self.configuration,
                commands: commands
            ),
            messageBytes: self.configuration.bodyBytes,
            store: self.relay.store
        )
        let (boundUpgrade, boundCommands) = (
            NIOLoopBound(upgrade, eventLoop: channel.eventLoop), NIOLoopBound(commands, eventLoop: channel.eventLoop)
        )
        return HTTP1Channel(responder: self.respond, configuration: self.http(with: boundUpgrade))
            .setup(channel: channel, logger: logger)
            .map { Value(http: $0, commands: boundCommands) }
    }

    func handle(value: Value, logger: Logger) async {
        await HTTP1Channel(responder: self.respond).handle(value: value.http, logger: logger)
        // The event loop has to last until the last command has ended.
        let running = try? await value.channel.eventLoop.submit { value.commands.value.running }.get()
        await running?.value
    }

    private func http(with upgrade: NIOLoopBound<WebSocketUpgrade>) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [upgrade.value],
            idleTimeout: self.configuration.idleTimeout,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 8 << 10,
                maxHeaderListSize: 16 << 10,
                maxHeaderFieldCount: 64
            )
        )
    }
}
