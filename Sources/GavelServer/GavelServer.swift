package import GavelConfig
internal import GavelCore
internal import GavelTransport
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import UnixSignals

/// Joins the parts of the relay: from a configuration to running services.
package enum GavelServer {
    /// Runs the relay until SIGTERM or SIGINT, then ends it in good order, within `server.drain`.
    /// - Throws: Where it cannot listen, or rules do not load.
    package static func run(_ configuration: GavelConfiguration, logger: Logger) async throws {
        let directory = try configuration.directory { _ in fatalError() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads ?? System.coreCount)
        let environment = RelayEnvironment(
            limits: configuration.limits, outbound: configuration.outbound, directory: directory)
        let hub = RelayHub(eventLoops: Array(group.makeIterator()), environment: environment)
        let server = GameServer(
            configuration: configuration.transport, hub: hub, group: group, logger: logger)
        let services = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: server,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await services.run()
        hub.stop()
        try await group.shutdownGracefully()
    }

    package static func checkRules(_ configuration: GavelConfiguration) -> [String] { [] }
}
