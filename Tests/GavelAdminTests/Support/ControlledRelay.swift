import Foundation
import GavelAdmin
import GavelScript
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A control socket in a folder of its own, served for the length of a closure.
struct ControlledRelay {
    let folder: URL
    let server: ServiceGroup
    var path: String { Self.path(in: self.folder) }

    static func path(in folder: URL) -> String {
        folder.appending(path: "gavel.sock").path(percentEncoded: false)
    }

    static func registry(
        _ relay: RelayDouble = RelayDouble(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> CommandRegistry {
        var registry = CommandRegistry(logger: logger, nearest: { NearestName.of($0, among: $1) })
        registry.add(relay as any RelayOperations)
        registry.add(relay as any RoomOperations)
        registry.add(relay as any RulesOperations)
        registry.add(relay as any LogOperations)
        return registry
    }

    /// - Parameters:
    ///   - adjust: Changes the configuration.
    ///   - path: Of the socket, where that is to be another.
    ///   - eventLoop: Of the server's sockets.
    static func run(
        _ registry: CommandRegistry = Self.registry(),
        adjust: (inout ControlConfiguration) -> Void = { _ in },
        in folder: URL? = nil,
        at path: String? = nil,
        on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        body: (ControlledRelay) async throws -> Void
    ) async throws {
        let own = FileManager.default.temporaryDirectory.appending(path: "gavel-admin-\(UUID().uuidString)")
        let folder = folder ?? own
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: own) }
        let socket = try ControlSocket.listen(at: path ?? Self.path(in: folder))
        var configuration = ControlConfiguration()
        adjust(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (listening, continuation) = AsyncStream.makeStream(of: Void.self)
        let control = ControlServer(
            socket: socket,
            configuration: configuration,
            registry: registry,
            eventLoop: eventLoop,
            logger: logger,
            onListening: { continuation.yield() }
        )
        let group = ServiceGroup(services: [control], logger: logger)
        let running = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        var iterator = listening.makeAsyncIterator()
        guard await iterator.next() != nil else { return try await running.value }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ControlledRelay(folder: folder, server: group)))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try? await running.value
        try result.get()
    }
}
