package import GavelCore
import Glibc
package import Logging
package import NIOCore
package import NIOPosix
import ServiceLifecycle

/// Listens, and runs one relay connection per accepted socket until it is told to stop.
package struct GameServer: Service, CustomStringConvertible {
    private let settings: ServerSettings
    private let hub: RelayHub
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable (SocketAddress) -> Void

    /// - Parameters:
    ///   - hub: Made with the event loops of `group`.
    ///   - group: Runs the connections; not shut down by the server.
    ///   - otherDescriptors: Files and sockets that other parts of the process may have open at a time.
    ///   - onListening: Called once, when connections are accepted, with the address bound.
    package init(
        configuration: TransportConfiguration,
        hub: RelayHub,
        group: MultiThreadedEventLoopGroup,
        otherDescriptors: Int = 0,
        logger: Logger,
        onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
        self.settings = ServerSettings(
            configuration,
            services: ConnectionServices(
                configuration,
                hub: hub,
                eventLoops: Array(group.makeIterator()),
                openConnections: OpenConnections(connectionsPerAddress: configuration.connectionsPerAddress),
                logger: logger
            ),
            otherDescriptors: otherDescriptors
        )
        self.hub = hub
        self.group = group
        self.logger = logger
        self.onListening = onListening
    }

    /// What logs call it.
    package var description: String { "relay" }

    /// Serves until graceful shutdown: then accepts nothing more, lets the hub tell every client, and waits for the
    /// sockets to close, `drain` at most. Where its task is cancelled instead, it closes the sockets at once.
    /// - Throws: Where it cannot listen.
    package func run() async throws {
        let openConnections = self.settings.services.openConnections
        let listener = try await self.listen(openConnections, limit: self.settings.connectionLimit())
        self.settings.began(listener)
        if let address = listener.localAddress {
            self.logger.info(
                "listening",
                metadata: ["host": "\(address.ipAddress ?? "")", "port": "\(address.port ?? 0)"]
            )
            self.onListening(address)
        }

        // Throws only where the task is cancelled, which is another way to be told to stop.
        try? await gracefulShutdown()
        let drain = Task.isCancelled ? TimeAmount.zero : TimeAmount(self.settings.configuration.drain)
        await self.stop(listener, openConnections, deadline: .now() + drain)
    }

    /// Goes on under another configuration: at once, but for the address and port that it listens on. The size of the
    /// system's own buffer holds for connections that are made from now on. Called from any thread.
    package func adopt(_ configuration: TransportConfiguration) {
        self.settings.adopt(configuration)
    }

    private func listen(_ openConnections: OpenConnections, limit: Int) async throws -> any Channel {
        let settings = self.settings
        let logger = self.logger
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.maxMessagesPerRead, value: UInt(ConnectionGate.acceptsPerRead))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                    try channel.pipeline.syncOperations.addHandler(ConnectionGate(limit: limit, logger: logger))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let services = settings.services
                    if let bytes = services.sendBufferBytes {
                        try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(bytes))
                    }
                    let admission = openConnections.add(channel)
                    try HandshakeHandler.install(on: channel, services: services, admission: admission)
                }
            }
        let configuration = self.settings.configuration
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ListenError(host: configuration.host, port: configuration.port, cause: error)
        }
    }

    private func stop(_ listener: any Channel, _ openConnections: OpenConnections, deadline: NIODeadline) async {
        self.logger.info("draining", metadata: ["connections": "\(openConnections.count)"])
        // Fails only where it is closed already.
        try? await listener.close()
        openConnections.drain()
        await self.hub.drain(limit: self.settings.configuration.drain / 2)
        await openConnections.waitUntilEmpty(deadline: deadline, eventLoop: listener.eventLoop)
        let left = openConnections.count
        if left > 0 {
            self.logger.warning("closing sockets that did not drain in time", metadata: ["connections": "\(left)"])
            openConnections.closeAll()
            await openConnections.waitUntilEmpty(deadline: .distantFuture, eventLoop: listener.eventLoop)
        }
    }
}

/// Why the relay cannot listen.
package struct ListenError: Error, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let cause: any Error

    package var description: String {
        let reason = (self.cause as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(self.cause)"
        return "cannot listen on \(self.host), port \(self.port): \(reason)"
    }
}
