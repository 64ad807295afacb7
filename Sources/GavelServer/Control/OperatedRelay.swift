internal import Foundation
internal import GavelAdmin
internal import GavelConfig
internal import GavelCore
internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import ServiceLifecycle

/// A running relay, as operators have to do with it.
final class OperatedRelay: Sendable {
    private struct State {
        var address: String?
        var port: Int?
        var page: String?
        var isDraining = false
    }

    let hub: RelayHub
    let failures: HookFailures
    private let level: LogLevel
    private let start = ContinuousClock.now
    private let state = NIOLockedValueBox(State())
    private let drains: AsyncStream<Void>
    private let hasDrain: AsyncStream<Void>.Continuation

    init(hub: RelayHub, failures: HookFailures, level: LogLevel) {
        self.hub = hub
        self.failures = failures
        self.level = level
        (self.drains, self.hasDrain) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Notes where players reach it.
    func listens(on address: SocketAddress) {
        let host = address.ipAddress ?? ""
        let shown = "\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
        self.state.withLockedValue { ($0.address, $0.port) = (shown, address.port) }
    }

    /// Notes where operators reach it with a browser.
    func serves(_ pages: ServedPages) {
        self.state.withLockedValue { $0.page = pages.admin }
    }
}

/// As a service it ends when an operator wants the relay to end, or with it.
extension OperatedRelay: Service {
    func run() async {
        for await _ in self.drains.cancelOnGracefulShutdown() { break }
        self.state.withLockedValue { $0.isDraining = true }
    }
}

extension OperatedRelay: RelayOperations {
    func status() async -> RelayStatus {
        let statistics = await self.hub.statistics()
        let state = self.state.withLockedValue { $0 }
        var status = RelayStatus(
            version: GavelServer.version,
            process: Int(ProcessInfo.processInfo.processIdentifier),
            uptimeSeconds: Int(self.start.duration(to: .now).components.seconds),
            isDraining: state.isDraining,
            address: state.address
        )
        status.page = state.page
        status.now = RelayStatus.Now(statistics, rooms: self.hub.environment.rooms)
        status.total = RelayStatus.Total(statistics)
        return status
    }

    func drain() async {
        self.hasDrain.yield()
    }
}

extension OperatedRelay: CountingRelay {
    var presence: RelayPresence {
        self.state.withLockedValue { RelayPresence(port: $0.port, isDraining: $0.isDraining) }
    }

    func reading() async -> RelayReading {
        RelayReading(
            version: GavelServer.version,
            uptimeSeconds: self.start.duration(to: .now) / .seconds(1),
            isDraining: self.presence.isDraining,
            rooms: self.hub.environment.rooms,
            statistics: await self.hub.statistics(),
            meters: await self.hub.meters()
        )
    }
}

extension OperatedRelay: LogOperations {
    func logLevel() async -> String { self.level.level.rawValue }

    func setLogLevel(_ level: String) async throws {
        guard let level = Logger.Level(rawValue: level) else {
            throw CommandError(.badArgument, "There is no level \"\(level)\".")
        }
        self.level.set(level)
    }
}
