import GavelAdmin
import GavelCore
import Synchronization

/// A relay that tells what a test gave it.
final class CountingRelayDouble: CountingRelay {
    struct State: Sendable {
        var presence = RelayPresence(port: 8765, isDraining: false)
        var statistics = RelayStatistics()
        var meters = RelayMeters()
    }

    private let state: Mutex<State>

    init(_ state: State = State()) {
        self.state = Mutex(state)
    }

    var presence: RelayPresence { self.state.withLock { $0.presence } }

    func set(_ presence: RelayPresence) { self.state.withLock { $0.presence = presence } }
    func set(_ meters: RelayMeters) { self.state.withLock { $0.meters = meters } }

    func reading() async -> RelayReading {
        self.state.withLock { state in
            RelayReading(
                version: "0.1.0",
                uptimeSeconds: 12.5,
                isDraining: state.presence.isDraining,
                rooms: 3,
                statistics: state.statistics,
                meters: state.meters
            )
        }
    }
}
