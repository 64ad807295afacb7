import Synchronization

/// Lets a stream go on so many times, and then no more: no test waits for a clock.
final class StreamGate: Sendable {
    private let rest: Mutex<Int>

    init(_ times: Int) {
        self.rest = Mutex(times)
    }

    func wait(_: Duration) async throws {
        let goesOn = self.rest.withLock { rest in
            rest -= 1
            return rest >= 0
        }
        guard !goesOn else { return }
        throw CancellationError()
    }
}
