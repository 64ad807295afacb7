internal import GavelTransport
package import Logging
package import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Takes commands over a Unix-domain socket until it is told to stop.
package struct ControlServer: Service, CustomStringConvertible {
    private let socket: ControlSocket
    private let configuration: ControlConfiguration
    private let registry: CommandRegistry
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let onListening: @Sendable () -> Void

    /// - Parameters:
    ///   - socket: Which the server removes in the end.
    ///   - eventLoop: For its sockets; commands are done in tasks.
    ///   - onListening: Called once, when commands are taken.
    package init(
        socket: ControlSocket,
        configuration: ControlConfiguration = ControlConfiguration(),
        registry: CommandRegistry,
        eventLoop: any EventLoop,
        logger: Logger,
        onListening: @escaping @Sendable () -> Void = {}
    ) {
        self.socket = socket
        self.configuration = configuration
        self.registry = registry
        self.eventLoop = eventLoop
        self.logger = logger
        self.onListening = onListening
    }

    /// What logs call it.
    package var description: String { "control" }

    /// Serves until graceful shutdown or cancellation. Then the socket is removed, streams end, and commands that are
    /// being done are answered, in ``ControlConfiguration/drain`` at most; on cancellation none is.
    /// - Throws: What the system says.
    package func run() async throws {
        let clients = NIOLoopBoundBox.makeBoxSendingValue(
            ControlClients(most: self.configuration.clients),
            eventLoop: self.eventLoop
        )
        let listener: any Channel
        do {
            listener = try await self.accept(clients)
        } catch {
            self.socket.remove()
            throw error
        }
        self.logger.debug("commands are taken", metadata: ["socket": "\(self.socket.path)"])
        self.onListening()

        // Throws only where the task is cancelled, which is another way to be told to stop.
        try? await gracefulShutdown()
        let drain = Task.isCancelled ? TimeAmount.zero : self.configuration.drain
        self.socket.remove()
        // Fails only where it is closed already.
        try? await listener.close()
        let eventLoop = self.eventLoop
        try? await eventLoop.flatSubmit { clients.value.stop(within: drain, on: eventLoop) }.get()
    }

    private func accept(_ clients: NIOLoopBoundBox<ControlClients>) async throws -> any Channel {
        let (configuration, registry) = (self.configuration, self.registry)
        return try await ServerBootstrap(group: self.eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = LineDecoder(limit: configuration.lineBytes)
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(decoder),
                        ControlConnection(
                            channel,
                            registry: registry,
                            clients: clients.value,
                            writeTimeout: configuration.writeTimeout
                        )
                    )
                }
            }
            .withBoundSocket(self.socket.descriptor)
            .get()
    }
}
