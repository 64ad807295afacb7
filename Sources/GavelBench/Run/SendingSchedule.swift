/// When messages are due that are sent at a rate: the senders take turns, at even distances.
struct SendingSchedule {
    /// Nanoseconds since the run's start.
    let start: UInt64
    private let interval: Double
    private let senders: Int
    /// How many messages were due so far, of all senders.
    private(set) var count: UInt64 = 0

    /// - Parameters:
    ///   - rate: Messages in a second, of all senders together.
    ///   - senders: At least one.
    init(rate: Double, senders: Int, start: UInt64) {
        self.start = start
        self.interval = 1e9 / rate
        self.senders = senders
    }

    /// Whose message is due next, if it is due at that time.
    mutating func next(at now: UInt64) -> Int? {
        guard self.time(of: self.count) <= now else { return nil }
        defer { self.count += 1 }
        return Int(self.count % UInt64(self.senders))
    }

    /// When a sender's message is due, its first being number 0.
    func time(of message: UInt64, by sender: Int) -> UInt64 {
        self.time(of: message * UInt64(self.senders) + UInt64(sender))
    }

    private func time(of message: UInt64) -> UInt64 {
        self.start + UInt64(Double(message) * self.interval)
    }
}
