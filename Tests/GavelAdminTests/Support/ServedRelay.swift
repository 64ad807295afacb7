import GavelAdmin
import Logging
import NIOCore
import ServiceLifecycle

/// A server on a port of its own before a relay that is a double, run for the length of a closure.
struct ServedRelay {
    static let token = "0123456789abcdef"
    static let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    let client: HTTPClient
    let relay: CountingRelayDouble
    let server: ServiceGroup
    /// The server, until it has ended.
    let running: Task<Void, any Error>

    static func run(
        _ registry: CommandRegistry = ControlledRelay.registry(),
        relay: CountingRelayDouble = CountingRelayDouble(),
        metrics: MetricStore = MetricStore(),
        adjust: (inout HTTPConfiguration) -> Void = { _ in },
        body: (ServedRelay) async throws -> Void
    ) async throws {
        var configuration = HTTPConfiguration()
        configuration.port = 0
        configuration.token = Self.token
        configuration.tokenTimeout = .seconds(60)
        adjust(&configuration)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try HTTPServer(
            configuration,
            registry: registry,
            version: "0.1.0",
            relay: relay,
            metrics: metrics,
            logger: Self.logger,
            onListening: { continuation.yield($0.address.port ?? 0) }
        )
        guard let server else { return }
        let group = ServiceGroup(services: [server], logger: Self.logger)
        let running = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { return try await running.value }
        let result: Result<Void, any Error>
        do {
            let client = HTTPClient(port: port, token: Self.token)
            let served = ServedRelay(client: client, relay: relay, server: group, running: running)
            result = .success(try await body(served))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try? await running.value
        try result.get()
    }
}
