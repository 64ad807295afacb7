import GavelScript
import Synchronization

/// A clock that a test moves.
final class ManualUptime: Sendable {
    private let stored = Mutex<Int64>(0)

    var now: Int64 {
        get { self.stored.withLock { $0 } }
        set { self.stored.withLock { $0 = newValue } }
    }
}
