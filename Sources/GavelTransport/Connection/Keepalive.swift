import NIOCore

/// Finds peers that are gone without a word: asks after a silence, gives up when no answer comes.
///
/// A value with a resolution of the sweeps that drive it, about a second. Whatever arrives counts as life.
struct Keepalive {
    enum Action: Equatable {
        case none
        case ping
        /// The peer has not answered in time.
        case giveUp
    }

    private enum State {
        case listening(since: NIODeadline)
        case awaitingAnswer(since: NIODeadline)
        case stopped
    }

    private var interval: TimeAmount
    private var timeout: TimeAmount
    private var state: State
    private var hasHeard = false

    /// - Parameters:
    ///   - interval: Silence after which to ask.
    ///   - timeout: How long the answer may take.
    init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = interval
        self.timeout = timeout
        self.state = .listening(since: now)
    }

    /// Something arrived, or the peer cannot be heard because its socket is deliberately not read.
    mutating func heard() {
        self.hasHeard = true
    }

    /// Goes on with other times; silence so far counts.
    mutating func adopt(interval: TimeAmount, timeout: TimeAmount) {
        self.interval = interval
        self.timeout = timeout
    }

    mutating func sweep(at now: NIODeadline) -> Action {
        if case .stopped = self.state { return .none }
        if self.hasHeard {
            self.hasHeard = false
            self.state = .listening(since: now)
            return .none
        }
        switch self.state {
        case .listening(let since) where now - since >= self.interval:
            self.state = .awaitingAnswer(since: now)
            return .ping
        case .awaitingAnswer(let since) where now - since >= self.timeout:
            self.state = .stopped
            return .giveUp
        default:
            return .none
        }
    }
}
