internal import GavelCore

/// What a transaction has come to so far.
struct LogTransaction {
    enum Outcome {
        case opened(Result<StoredRoom?, MessageLogError>)
        case appended([UInt64: MessageLogError])
    }

    /// Milliseconds since 1970 UTC.
    let now: Int64
    /// One for each call, in their order.
    var outcomes: [Outcome] = []
    /// Rooms to be written before the commit.
    var dirty: [LiveRoom] = []
    /// All that were opened or written.
    var lives: Set<UInt64> = []
    /// Rooms with rows that were written.
    var written: [LiveRoom] = []
    /// Numbers of rooms that are over.
    var ended: [Int64] = []

    static let stale = MessageLogError(.stale, "the room has to be opened anew")

    init(now: Int64) {
        self.now = now
    }

    /// Of each call to append that came so far: what was refused.
    var refused: [[UInt64: MessageLogError]] {
        self.outcomes.compactMap { if case .appended(let refused) = $0 { refused } else { nil } }
    }

    func answer(_ calls: [WaitingCalls.Call]) {
        Self.answer(calls, self.outcomes)
    }

    static func answer(_ calls: [WaitingCalls.Call], _ outcomes: [Outcome]) {
        for (call, outcome) in zip(calls, outcomes) {
            switch (call, outcome) {
            case (.open(_, _, _, let reply), .opened(let result)): reply(result)
            case (.append(_, let reply), .appended(let refused)): reply(refused)
            default: preconditionFailure("the outcomes are not those of the calls")
            }
        }
    }
}
