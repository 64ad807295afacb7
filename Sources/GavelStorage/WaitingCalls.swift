internal import Dispatch
internal import GavelCore
internal import NIOConcurrencyHelpers

/// The calls that the writer has not taken yet, in their order; given by any thread.
final class WaitingCalls: Sendable {
    enum Call: Sendable {
        case open(
            RoomKey,
            life: UInt64,
            history: HistoryLimits,
            reply: @Sendable (Result<StoredRoom?, MessageLogError>) -> Void
        )
        case append([LogEntry], reply: @Sendable ([UInt64: MessageLogError]) -> Void)
    }

    private enum Wish {
        case nothing
        /// To be woken by what cannot wait.
        case urgent
        case anything
    }

    private struct State {
        var calls: [Call] = []
        /// When the first of them came.
        var since = DispatchTime.distantFuture
        var isUrgent = false
        /// When recordings are to be written; they wait elsewhere.
        var recordingsDue: DispatchTime?
        var isClosed = false
        var wish = Wish.nothing
    }

    private let state = NIOLockedValueBox(State())
    private let bell = DispatchSemaphore(value: 0)

    /// - Parameter isUrgent: Whether it is to be taken at once.
    /// - Returns: `false` where the log is closed: nothing takes it then.
    func put(_ call: Call, isUrgent: Bool) -> Bool {
        let (isTaken, rings) = self.state.withLockedValue { state in
            guard !state.isClosed else { return (false, false) }
            if state.calls.isEmpty { state.since = .now() }
            state.calls.append(call)
            if isUrgent { state.isUrgent = true }
            let rings = state.wish == .anything || (state.wish == .urgent && isUrgent)
            if rings { state.wish = .nothing }
            return (true, rings)
        }
        if rings { self.bell.signal() }
        return isTaken
    }

    /// Recordings wait to be written or read.
    func noteRecordings(areUrgent: Bool) {
        let rings = self.state.withLockedValue { state in
            guard !state.isClosed else { return false }
            if areUrgent { state.isUrgent = true }
            if state.recordingsDue == nil { state.recordingsDue = .now() + Self.recordingLinger }
            let rings = state.wish == .anything || (state.wish == .urgent && areUrgent)
            if rings { state.wish = .nothing }
            return rings
        }
        if rings { self.bell.signal() }
    }

    /// How long others may join a part of a recording.
    private static let recordingLinger = DispatchTimeInterval.milliseconds(250)

    /// Takes no further call.
    func close() {
        self.state.withLockedValue {
            $0.isClosed = true
            $0.wish = .nothing
        }
        self.bell.signal()
    }

    /// Waits for calls and takes them all.
    /// - Parameters:
    ///   - linger: How long after the first call others may join it, if none of them is urgent.
    ///   - idle: How long to wait for the first; `nil`: for ever.
    /// - Returns: The calls, and whether more may come. None where `idle` has passed.
    func take(linger: DispatchTimeInterval, idle: DispatchTimeInterval?) -> (calls: [Call], isOpen: Bool) {
        let end = idle.map { DispatchTime.now() + $0 } ?? .distantFuture
        while true {
            let next: DispatchTime? = self.state.withLockedValue { state in
                let due = min(state.calls.isEmpty ? end : state.since + linger, state.recordingsDue ?? .distantFuture)
                guard !state.isClosed, !state.isUrgent, due > .now() else {
                    state.wish = .nothing
                    return nil
                }
                state.wish = state.calls.isEmpty ? .anything : .urgent
                return due
            }
            guard let next else { break }
            _ = self.bell.wait(timeout: next)
        }
        return self.state.withLockedValue { state in
            defer {
                state.calls = []
                state.isUrgent = false
                state.recordingsDue = nil
            }
            return (state.calls, !state.isClosed)
        }
    }
}
