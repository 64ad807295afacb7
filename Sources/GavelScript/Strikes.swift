/// Counts how often hooks of a room spent their budget. A value; time arrives as an argument.
struct Strikes {
    /// Within how many milliseconds they count together.
    static let period: Int64 = 60_000

    /// So many within ``period`` are too many.
    let most: Int
    /// When they were, the oldest first.
    private var times: [Int64] = []

    init(most: Int) {
        self.most = most
    }

    /// - Returns: Whether there are too many now.
    mutating func add(at now: Int64) -> Bool {
        self.times.removeAll { $0 <= now - Self.period }
        self.times.append(now)
        return self.times.count >= self.most
    }
}
