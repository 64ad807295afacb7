import GavelCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

@testable import GavelTransport

/// A relay on a loopback port of its own, run for the length of a closure.
struct TestServer: Sendable {
    let address: SocketAddress
    let hub: RelayHub
    private let server: GameServer
    private let configuration: TransportConfiguration
    private let services: ServiceGroup

    /// Asks for a graceful shutdown, as SIGTERM does.
    func shutDown() async {
        await self.services.triggerGracefulShutdown()
    }

    /// Has the server go on under another configuration.
    func adopt(_ configure: (inout TransportConfiguration) -> Void) {
        var configuration = self.configuration
        configure(&configuration)
        self.server.adopt(configuration)
    }

    /// Runs a server, then `body`, then shuts the server down and waits for its end.
    static func run(
        loops: Int = 1,
        _ configure: (inout TransportConfiguration) -> Void = { _ in },
        body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = TransportConfiguration()
        configuration.port = 0
        configuration.echo = true
        configure(&configuration)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var outbound = OutboundLimits()
        // An echo of the largest message waits whole, while its sender is still sending.
        outbound.hardBytes = max(outbound.hardBytes, 4 * configuration.messageBytes)
        let hub = RelayHub(
            eventLoops: Array(group.makeIterator()),
            limits: RelayLimits(),
            outbound: outbound,
            directory: { _ in RoomPolicy() }
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (addresses, continuation) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = GameServer(
            configuration: configuration,
            hub: hub,
            group: group,
            logger: logger,
            onListening: { continuation.yield($0) }
        )
        let services = ServiceGroup(services: [server], logger: logger)

        let running = Task {
            defer { continuation.finish() }
            try await services.run()
        }
        var failure: (any Error)?
        var iterator = addresses.makeAsyncIterator()
        if let address = await iterator.next() {
            do {
                try await body(
                    TestServer(
                        address: address,
                        hub: hub,
                        server: server,
                        configuration: configuration,
                        services: services
                    )
                )
            } catch {
                failure = error
            }
        }
        await services.triggerGracefulShutdown()
        try await running.value
        hub.stop()
        try await group.shutdownGracefully()
        if let failure { throw failure }
    }
}
