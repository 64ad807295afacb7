/// What all clients of a run count together. Confined to the run's event loop.
struct Tally {
    /// Whether messages count towards rates and latencies; violations always count.
    var isMeasuring = false
    /// Messages that came back to their sender.
    var accepted: UInt64 = 0
    /// Messages that arrived at a client, the sender included.
    var delivered: UInt64 = 0
    /// Bytes read from all connections.
    var receivedBytes: UInt64 = 0
    var latencies = LatencyHistogram()
    /// Sending times of messages whose latencies count, whenever they arrive; `nil`: of those that arrive while measuring.
    /// What is late at the end would be left out otherwise.
    var window: Range<UInt64>?
    var violations = Violations()
    /// Errors with which the relay answered messages, by code; at most ``mostErrorCodes`` codes.
    private(set) var errors: [String: UInt64] = [:]

    /// Messages that the rules of the room failed at, where that is no mistake.
    var failedByRules: UInt64 = 0
    /// By the number that rules say they have: when each client saw it first, in nanoseconds since the run's start.
    var sightings: [UInt64: [UInt64]] = [:]

    /// Returns to a session: what was missed came.
    var recovered: UInt64 = 0
    /// The history did not reach back to what was missed.
    var unrecovered: UInt64 = 0

    static let mostErrorCodes = 16

    /// Whether the latency of a message counts that was sent, or due, at that time.
    @inline(__always)
    func measures(_ sentAt: UInt64) -> Bool {
        self.window.map { $0.contains(sentAt) } ?? self.isMeasuring
    }

    mutating func noteError(code: String) {
        let isKnown = self.errors[code] != nil || self.errors.count < Self.mostErrorCodes
        self.errors[isKnown ? code : "others", default: 0] += 1
    }
}
