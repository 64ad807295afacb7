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

/// Seeds that differ: the first makes `math.random(2)` a 2.
final class Seeds: Sendable {
    private let stored = Mutex<UInt64>(0)

    func next() -> ScriptRules.Seed {
        self.stored.withLock {
            $0 += 1
            return ($0, $0 &* 0x9E37_79B9_7F4A_7C15, 3, 4)
        }
    }
}
