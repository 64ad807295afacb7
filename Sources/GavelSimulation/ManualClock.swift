package import GavelCore
package import NIOCore
internal import Synchronization

/// A clock that tests move by hand.
package final class ManualClock: Sendable {
    private let nanoseconds: Mutex<UInt64>

    package init(nanoseconds: UInt64 = 1_000_000_000) {
        self.nanoseconds = Mutex(nanoseconds)
    }

    package var now: NIODeadline { .uptimeNanoseconds(self.nanoseconds.withLock { $0 }) }

    package func advance(by duration: Duration) {
        let amount = TimeAmount(duration)
        self.nanoseconds.withLock { $0 += UInt64(amount.nanoseconds) }
    }

    /// The same time for both uses; 1970 is where the manual clock starts.
    package var relayClock: RelayClock {
        RelayClock(
            monotonic: { self.now },
            wallMilliseconds: { Int64(self.now.uptimeNanoseconds / 1_000_000) }
        )
    }
}
