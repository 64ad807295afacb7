internal import NIOConcurrencyHelpers

/// The end of a thread, for those who wait for it.
final class ThreadEnd: Sendable {
    private enum State {
        case running([CheckedContinuation<Void, Never>])
        case over
    }

    private let state = NIOLockedValueBox(State.running([]))

    func reach() {
        let waiting = self.state.withLockedValue { state in
            defer { state = .over }
            if case .running(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = self.state.withLockedValue { state in
                guard case .running(let waiting) = state else { return true }
                state = .running(waiting + [continuation])
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
