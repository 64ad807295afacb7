internal import NIOCore

/// A token bucket that holds one second's worth, kept as the time at which it will be full again (the generic cell
/// rate algorithm, ITU-T I.371, annex A).
struct TokenBucket {
    private let nanosecondsPerToken: Double
    private var fullAt: Double = 0

    /// - Parameter rate: Tokens each second; above 0.
    init(rate: Int) {
        self.nanosecondsPerToken = 1e9 / Double(rate)
    }

    /// A bucket that lacks the same part of what it holds.
    /// - Returns: `nil` where there is no rate any more.
    init?(rate: Int?, continuing other: TokenBucket?) {
        guard let rate else { return nil }
        self.init(rate: rate)
        if let other { self.fullAt = other.fullAt }
    }

    /// Takes tokens, or leaves the bucket as it is and says in how many milliseconds there will be enough.
    mutating func take(_ tokens: Int, at now: NIODeadline) -> UInt64? {
        let now = Double(now.uptimeNanoseconds)
        let cost = Double(tokens) * self.nanosecondsPerToken
        let fullAt = max(self.fullAt, now)
        // A message larger than the bucket may pass when the bucket is full.
        if fullAt > now, fullAt + cost - now > 1e9 {
            return UInt64((min(fullAt - now, fullAt + cost - now - 1e9) / 1e6).rounded(.up))
        }
        self.fullAt = fullAt + cost
        return nil
    }
}

/// Counts events in a minute that begins with the first of them.
struct MinuteCounter {
    private var began = NIODeadline.uptimeNanoseconds(0)
    private(set) var count = 0

    /// Counts one more; returns how many there are in this minute.
    mutating func add(at now: NIODeadline) -> Int {
        if self.count == 0 || now - self.began >= .seconds(60) {
            self.began = now
            self.count = 0
        }
        self.count += 1
        return self.count
    }

    /// Milliseconds until the minute is over.
    func remainingMilliseconds(at now: NIODeadline) -> UInt64 {
        UInt64(max(0, (.seconds(60) - (now - self.began)).nanoseconds) / 1_000_000) + 1
    }
}
