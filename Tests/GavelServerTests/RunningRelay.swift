import Foundation
import GavelConfig
import GavelServer
import Logging
import NIOCore

/// A relay made of a configuration, on a loopback port of its own, run for the length of a closure.
enum RunningRelay {
    /// - Parameters:
    ///   - text: The configuration; its port is 0 whatever it says.
    ///   - isControlled: Whether it takes commands, over `gavel.sock` in the folder.
    static func run(
        _ text: String,
        folder: URL,
        isControlled: Bool = false,
        body: (SocketAddress) async throws -> Void
    ) async throws {
        var environment = Self.environment
        if isControlled { environment["GAVEL_CONTROL_SOCKET"] = nil }
        let report = ConfigurationReader.read(
            text: text,
            fileName: "config.toml",
            folder: folder,
            environment: environment,
            flags: []
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await Self.run(try report.get(), source: nil, hearsHangups: false, logger: logger, body: body)
    }

    /// The same, with the files of a folder, which it follows.
    /// - Parameters:
    ///   - hearsHangups: Whether it reloads at SIGHUP, which the whole process gets.
    ///   - isControlled: Whether it takes commands, over `gavel.sock` in the folder.
    ///   - hasPages: Whether it speaks HTTP, on a port of the system's choice.
    ///   - level: What operators and the configuration change.
    static func run(
        _ folder: TestFolder,
        log: LogRecorder,
        hearsHangups: Bool = false,
        isControlled: Bool = false,
        hasPages: Bool = false,
        level: LogLevel = LogLevel(.info),
        body: (SocketAddress) async throws -> Void
    ) async throws {
        var environment = Self.environment
        if isControlled { environment["GAVEL_CONTROL_SOCKET"] = nil }
        if hasPages { (environment["GAVEL_HTTP_HOST"], environment["GAVEL_HTTP_PORT"]) = (nil, "0") }
        let source = ConfigurationSource(
            path: folder.url.appending(path: "config.toml").path,
            environment: environment
        )
        try await Self.run(
            try source.read().get(),
            source: source,
            hearsHangups: hearsHangups,
            logger: log.logger,
            level: level,
            body: body
        )
    }

    private static let environment = [
        "GAVEL_SERVER_PORT": "0", "GAVEL_SERVER_HOST": "127.0.0.1", "GAVEL_SERVER_DRAIN": "2s",
        "GAVEL_CONTROL_SOCKET": "off", "GAVEL_HTTP_HOST": "off",
    ]

    private static func run(
        _ configuration: GavelConfiguration,
        source: ConfigurationSource?,
        hearsHangups: Bool,
        logger: Logger,
        level: LogLevel = LogLevel(.info),
        body: (SocketAddress) async throws -> Void
    ) async throws {
        let (addresses, continuation) = AsyncStream.makeStream(of: SocketAddress.self)
        let running = Task { [logger] in
            defer { continuation.finish() }
            try await GavelServer.run(
                configuration,
                source: source,
                hangups: hearsHangups ? nil : AsyncStream { _ in },
                logger: logger,
                level: level,
                onListening: { continuation.yield($0) }
            )
        }
        var iterator = addresses.makeAsyncIterator()
        guard let address = await iterator.next() else { return try await running.value }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(address))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try? await running.value
        try result.get()
    }
}
