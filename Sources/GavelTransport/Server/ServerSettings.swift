import GavelCore
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What a server listens and serves by, which may change while it does.
///
/// Locked, for it is read where connections are accepted and changed from elsewhere; neither is on the path of a
/// message.
final class ServerSettings: Sendable {
    private struct State {
        var configuration: TransportConfiguration
        var services: ConnectionServices
        var listener: (any Channel)?
    }

    private let state: NIOLockedValueBox<State>
    private let otherDescriptors: Int
    private let logger: Logger

    /// - Parameter otherDescriptors: Files and sockets that other parts of the process may have open.
    init(_ configuration: TransportConfiguration, services: ConnectionServices, otherDescriptors: Int) {
        self.otherDescriptors = otherDescriptors
        self.state = NIOLockedValueBox(State(configuration: configuration, services: services))
        self.logger = services.logger
    }

    var configuration: TransportConfiguration { self.state.withLockedValue { $0.configuration } }
    var services: ConnectionServices { self.state.withLockedValue { $0.services } }

    /// Connections to take at a time: as many as are configured, and as there are file descriptors for.
    func connectionLimit() -> Int {
        let limit = DescriptorLimit.raise()
        let configured = self.configuration.maxConnections
        let needed = configured + DescriptorLimit.reserve + self.otherDescriptors
        guard limit < needed else { return configured }
        let connections = min(configured, DescriptorLimit.connections(within: limit, others: self.otherDescriptors))
        self.logger.warning(
            "fewer file descriptors than max_connections needs; raise the limit (ulimit -n)",
            metadata: ["limit": "\(limit)", "needed": "\(needed)", "connections": "\(connections)"]
        )
        return connections
    }

    /// The server listens.
    func began(_ listener: any Channel) {
        self.state.withLockedValue { $0.listener = listener }
    }

    /// Has connections that are open and those to come go on under another configuration.
    func adopt(_ configuration: TransportConfiguration) {
        let (services, listener, hasOtherLimit) = self.state.withLockedValue { state in
            let hasOtherLimit = state.configuration.maxConnections != configuration.maxConnections
            state.configuration = configuration
            state.services.adopt(configuration)
            return (state.services, state.listener, hasOtherLimit)
        }
        services.openConnections.adopt(
            connectionsPerAddress: configuration.connectionsPerAddress,
            services: services
        )
        guard hasOtherLimit, let listener else { return }
        listener.pipeline.fireUserInboundEventTriggered(ConnectionGate.Limit(connections: self.connectionLimit()))
    }
}
