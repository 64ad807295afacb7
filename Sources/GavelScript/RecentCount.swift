/// How often something happened within the last minute or so. A value; time arrives as an argument.
struct RecentCount {
    private static let parts = 6
    private static let partMilliseconds: Int64 = 10_000

    /// By the ten seconds of the minute; empty: it never happened.
    private var counts: [UInt32] = []
    /// The ten seconds that were counted last.
    private var last: Int64 = 0

    mutating func add(at milliseconds: Int64) {
        if self.counts.isEmpty { self.counts = Array(repeating: 0, count: Self.parts) }
        self.forget(before: milliseconds)
        self.counts[Int(self.last % Int64(Self.parts))] &+= 1
    }

    /// In this ten seconds and the fifty before.
    func total(at milliseconds: Int64) -> Int {
        guard !self.counts.isEmpty else { return 0 }
        var now = self
        now.forget(before: milliseconds)
        return now.counts.reduce(0) { $0 + Int($1) }
    }

    private mutating func forget(before milliseconds: Int64) {
        let part = max(milliseconds / Self.partMilliseconds, self.last)
        for passed in 0..<min(part - self.last, Int64(Self.parts)) {
            self.counts[Int((part - passed) % Int64(Self.parts))] = 0
        }
        self.last = part
    }
}
