import NIOCore

/// What a client of a run keeps to return to its session.
struct BenchSession {
    let secret: String
    let epoch: String
    /// Sending times of its own messages that have not come back, the oldest first.
    var waiting = CircularBuffer<UInt64>()

    init(secret: String, epoch: String) {
        self.secret = secret
        self.epoch = epoch
    }

    /// So many of its own messages need not be waited for any more.
    mutating func settle(_ count: Int) {
        self.waiting.removeFirst(min(count, self.waiting.count))
    }

    /// The messages that wait, without the first `handled` of them.
    /// - Parameter settled: How many came before those that wait.
    func unhandled(after handled: UInt64, from settled: UInt64) -> [(sequence: UInt64, sentAt: UInt64)] {
        self.waiting.enumerated().dropFirst(Int(handled)).map { (settled + UInt64($0.offset) + 1, $0.element) }
    }
}
