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
    var violations = Violations()
    /// Errors with which the relay answered messages, by code; at most ``mostErrorCodes`` codes.
    private(set) var errors: [String: UInt64] = [:]

    static let mostErrorCodes = 16

    mutating func noteError(code: String) {
        let isKnown = self.errors[code] != nil || self.errors.count < Self.mostErrorCodes
        self.errors[isKnown ? code : "others", default: 0] += 1
    }
}
