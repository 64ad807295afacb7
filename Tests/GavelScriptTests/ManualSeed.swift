import GavelScript
import Synchronization

/// The seed of all rooms that begin, until a test takes another.
final class ManualSeed: Sendable {
    private let stored = Mutex<UInt64>(1)

    var seed: ScriptRules.Seed { self.stored.withLock { ($0, 2, 3, 4) } }

    /// Takes one seed after the other until `condition` holds.
    /// - Returns: Whether it did with one of two hundred, each of which holds with a chance of a half.
    func advance(until condition: () -> Bool) -> Bool {
        for _ in 1...200 {
            if condition() { return true }
            self.stored.withLock { $0 += 1 }
        }
        return false
    }
}
