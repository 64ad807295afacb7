import Logging
import NIOCore

/// What the handler of a connection needs of ``TransportConfiguration``, converted once.
struct ConnectionSettings: Sendable {
    /// How long the peer has for its part of the closing handshake, and, unless the relay stops, our output for
    /// leaving.
    static let closeTimeout = TimeAmount.seconds(1)

    let messageBytes: Int
    let pingInterval: TimeAmount
    let pongTimeout: TimeAmount
    let chunkBytes: Int
    let drain: TimeAmount
    let logger: Logger

    init(_ configuration: TransportConfiguration, logger: Logger) {
        self.messageBytes = configuration.messageBytes
        self.pingInterval = TimeAmount(configuration.pingInterval)
        self.pongTimeout = TimeAmount(configuration.pongTimeout)
        self.chunkBytes = configuration.chunkBytes
        self.drain = TimeAmount(configuration.drain)
        self.logger = logger
    }
}
