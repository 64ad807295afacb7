internal import GavelTransport
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Speaks HTTP, on a port and a thread of its own, until it is told to stop.
package struct HTTPServer: Service, CustomStringConvertible {
    private let host: String
    private let configuration: HTTPConfiguration
    private let responder: RelayResponder
    private let registry: CommandRegistry
    private let logger: Logger
    private let onListening: @Sendable (ServedPages) -> Void

    /// What logs call it.
    package var description: String { "http" }

    /// - Parameters:
    ///   - version: Of the program.
    ///   - metrics: Of parts of this program that report some.
    ///   - onListening: Called once, when requests are answered.
    /// - Returns: `nil`: the configuration wants none.
    /// - Throws: ``HTTPServerError`` where others could reach it and no token keeps them out; what it lacks where a command
    ///   cannot be described.
    package init?(
        _ configuration: HTTPConfiguration,
        registry: CommandRegistry,
        version: String,
        relay: any CountingRelay,
        metrics: MetricStore,
        logger: Logger,
        onListening: @escaping @Sendable (ServedPages) -> Void = { _ in }
    ) throws {
        guard let host = configuration.host else { return nil }
        guard !configuration.lacksToken else { throw HTTPServerError.lacksToken(host) }
        self.host = host
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        self.registry = registry
        self.responder = RelayResponder(
            rules: RequestRules(
                token: configuration.token.map { AccessToken($0) } ?? .make(),
                isTokenGiven: configuration.token != nil,
                names: configuration.names
            ),
            files: WebFiles(),
            api: try CommandInterface(registry, version: version, configuration: configuration),
            relay: relay,
            relayAddress: configuration.relay,
            store: metrics
        )
    }

    /// Serves until graceful shutdown or cancellation; streams end, other answers are finished, in
    /// ``HTTPConfiguration/drain`` at most.
    /// - Throws: ``HTTPServerError`` where the system does not let it listen.
    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var quiet = self.logger
        quiet.logLevel = max(.warning, self.logger.logLevel)
        let application = Application(
            responder: self.responder,
            server: HTTPServerBuilder { [configuration, responder, registry] respond in
                RelayChannel(respond, configuration: configuration, relay: responder, registry: registry)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(self.host, port: self.configuration.port),
                availableConnectionsDelegate: .maximum(self.configuration.connections, logger: quiet)
            ),
            onServerRunning: { channel in
                // Fails only on a closed channel, which accepts nothing.
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(), position: .first)
                }.get()
                self.listens(on: channel.localAddress)
            },
            eventLoopGroupProvider: .shared(group),
            logger: quiet
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.run(application, drain: self.configuration.drain))
        } catch let error as IOError {
            result = .failure(HTTPServerError.cannotListen(self.host, self.configuration.port, "\(error)"))
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        try result.get()
    }

    /// Runs until it has ended, `drain` at most after it was told to stop.
    private static func run(_ application: some Service, drain: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                // Both throw only where the task is cancelled, and the application with it.
                try? await gracefulShutdown()
                try? await Task.sleep(for: drain)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func listens(on address: SocketAddress?) {
        guard let address else { return }
        let host = address.ipAddress ?? self.host
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)/"
        // A token that was made has to be told, and nobody but this machine's own can use it.
        let fragment = self.configuration.token == nil ? "#token=\(self.responder.rules.token.text)" : ""
        let pages = ServedPages(address: address, games: url, admin: "\(url)admin\(fragment)")
        self.logger.info("serving pages", metadata: ["games": "\(pages.games)", "admin": "\(pages.admin)"])
        self.onListening(pages)
    }
}

/// Where a relay's pages are, as a browser on this machine has them.
package struct ServedPages: Sendable {
    /// The address bound.
    package let address: SocketAddress
    package let games: String
    /// With the token where one was made.
    package let admin: String
}

/// Why a relay does not speak HTTP.
package enum HTTPServerError: Error, CustomStringConvertible, Hashable {
    case lacksToken(String)
    case cannotListen(String, Int, String)

    package var description: String {
        switch self {
        case .lacksToken(let host):
            "http.host is \(host), which others can reach, and there is no http.token to keep them out"
        case .cannotListen(let host, let port, let text):
            "[http] cannot listen on \(host), port \(port): \(text). Give it another port, or write host = \"off\"."
        }
    }
}
