import GavelCore
import Logging
import NIOCore

/// What a server's connections have in common. As an event in the pipeline of one: from now on, these.
struct ConnectionServices: Sendable {
    let hub: RelayHub
    private(set) var settings: ConnectionSettings
    private(set) var handshake: OpeningHandshake
    private(set) var handshakeTimeout: TimeAmount
    private(set) var sendBufferBytes: Int?
    let openConnections: OpenConnections
    let logger: Logger
    private let receiveAllocators: [ObjectIdentifier: LoopReceiveAllocator]

    /// - Parameter eventLoops: Those on which connections may live; those of `hub`.
    init(
        _ configuration: TransportConfiguration,
        hub: RelayHub,
        eventLoops: [any EventLoop],
        openConnections: OpenConnections,
        logger: Logger
    ) {
        self.hub = hub
        self.settings = ConnectionSettings(configuration, logger: logger)
        self.handshake = OpeningHandshake(
            allowedOrigins: configuration.allowedOrigins,
            servesEcho: configuration.echo
        )
        self.handshakeTimeout = TimeAmount(configuration.handshakeTimeout)
        self.sendBufferBytes = configuration.sendBufferBytes
        self.openConnections = openConnections
        self.logger = logger
        self.receiveAllocators = Dictionary(
            uniqueKeysWithValues: eventLoops.map { (ObjectIdentifier($0), LoopReceiveAllocator(eventLoop: $0)) }
        )
    }

    /// The same for connections that are made or go on under another configuration.
    mutating func adopt(_ configuration: TransportConfiguration) {
        self.settings = ConnectionSettings(configuration, logger: self.logger)
        self.handshake = OpeningHandshake(
            allowedOrigins: configuration.allowedOrigins,
            servesEcho: configuration.echo
        )
        self.handshakeTimeout = TimeAmount(configuration.handshakeTimeout)
        self.sendBufferBytes = configuration.sendBufferBytes
    }

    /// Makes the handler of a connection; called on its event loop.
    func makeConnectionHandler(on eventLoop: any EventLoop, isEcho: Bool) -> ConnectionHandler {
        ConnectionHandler(
            relay: self.hub.loop(on: eventLoop),
            settings: self.settings,
            isEcho: isEcho,
            receiveAllocator: self.receiveAllocators[ObjectIdentifier(eventLoop)],
            now: .now()
        )
    }
}
