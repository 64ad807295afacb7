/// What waits to be told to somebody who watches a room. A value; it holds a bounded number of calls, and counts those
/// that it does not take.
struct WatchQueue {
    /// Calls that can wait.
    static let most = 256

    /// Calls a second that are kept, and as many of trouble.
    private let rate: Int
    private var calls: [WatchedCall] = []
    private var skipped = 0
    private var isIdle = false
    /// What was kept in this second.
    private var second: Int64 = 0
    private var kept = 0
    private var keptTroubles = 0

    /// Everything that waited.
    struct Batch {
        var calls: [WatchedCall]
        /// How many were left out since the last.
        var skipped: Int
        /// Whether it was asked for a sign of life.
        var isIdle: Bool
    }

    init(rate: Int) {
        self.rate = rate
    }

    /// - Returns: Whether there is a place for a call; if there is none, it is counted.
    mutating func admits(isTrouble: Bool, at wallMilliseconds: Int64) -> Bool {
        if wallMilliseconds / 1_000 != self.second {
            (self.second, self.kept, self.keptTroubles) = (wallMilliseconds / 1_000, 0, 0)
        }
        guard self.calls.count < Self.most, (isTrouble ? self.keptTroubles : self.kept) < self.rate else {
            self.skipped += 1
            return false
        }
        if isTrouble { self.keptTroubles += 1 } else { self.kept += 1 }
        return true
    }

    /// - Returns: Whether it is the first that waits.
    mutating func append(_ call: WatchedCall) -> Bool {
        self.calls.append(call)
        return self.calls.count == 1
    }

    mutating func noteIdle() { self.isIdle = true }

    mutating func take() -> Batch {
        defer { (self.calls, self.skipped, self.isIdle) = ([], 0, false) }
        return Batch(calls: self.calls, skipped: self.skipped, isIdle: self.isIdle)
    }
}
