import GavelCore
import Logging
import NIOCore

/// What a server's connections have in common.
struct ConnectionServices: Sendable {
    let hub: RelayHub
    let settings: ConnectionSettings
    let handshake: OpeningHandshake
    let handshakeTimeout: TimeAmount
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
        self.openConnections = openConnections
        self.logger = logger
        self.receiveAllocators = Dictionary(
            uniqueKeysWithValues: eventLoops.map { (ObjectIdentifier($0), LoopReceiveAllocator(eventLoop: $0)) }
        )
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
