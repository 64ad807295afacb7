internal import GavelAdmin
internal import GavelConfig
internal import GavelScript
internal import Logging
internal import NIOCore

extension OperatedRelay {
    /// The commands that this relay does.
    /// - Parameter supervisor: Of its rules.
    func registry(supervisor: Supervisor, logger: Logger) -> CommandRegistry {
        var registry = CommandRegistry(logger: logger, nearest: { NearestName.of($0, among: $1) })
        registry.add(self as any RelayOperations)
        registry.add(self as any RoomOperations)
        registry.add(self.failures as any FailureOperations)
        registry.add(SupervisedRules(supervisor) as any RulesOperations)
        registry.add(self as any WatchOperations)
        registry.add(self as any LogOperations)
        registry.add(self as any RecordingOperations)
        let trials = RoomTrials(hub: self.hub, supervisor: supervisor, logger: logger)
        registry.add(trials as any TrialOperations)
        registry.add(self as any CountingRelay)
        return registry
    }

    /// Takes commands over a socket.
    func controlServer(
        over socket: ControlSocket,
        registry: CommandRegistry,
        eventLoop: any EventLoop,
        logger: Logger
    ) -> ControlServer {
        ControlServer(
            socket: socket,
            registry: registry,
            eventLoop: eventLoop,
            logger: logger
        )
    }

    /// Serves pages, and takes commands over HTTP.
    /// - Returns: `nil`: the configuration wants none.
    /// - Throws: ``HTTPServerError`` where others could reach it and no token keeps them out.
    func httpServer(
        _ configuration: HTTPConfiguration,
        registry: CommandRegistry,
        metrics: MetricStore,
        logger: Logger,
        onListening: @escaping @Sendable (SocketAddress) -> Void
    ) throws -> HTTPServer? {
        try HTTPServer(
            configuration,
            registry: registry,
            version: GavelServer.version,
            relay: self,
            metrics: metrics,
            logger: logger,
            onListening: { pages in
                self.serves(pages)
                onListening(pages.address)
            }
        )
    }
}
