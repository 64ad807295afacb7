import NIOCore

/// What a run found.
package struct BenchReport: Sendable {
    package let plan: BenchPlan
    package var clientsJoined = 0
    /// From the first connection to the last `joined`.
    package var joinTime = Duration.zero
    /// How long was measured.
    package var measured = Duration.zero
    /// Processor time that the load generator used meanwhile.
    package var processorTime = Duration.zero
    /// Messages that came back to their sender, while measuring.
    package var accepted: UInt64 = 0
    /// Messages that arrived at a client, the sender included, while measuring.
    package var delivered: UInt64 = 0
    /// Bytes read while measuring.
    package var receivedBytes: UInt64 = 0
    /// From the sender's send to each client's receipt; `nil` without a delivery.
    package var latencies: LatencyPercentiles?
    package var meanLatency: Duration?
    /// The same latencies, for a picture.
    package var curve: LatencyCurve?
    /// Of the clients that read slowly, as far as they have read while measuring or, with a rate, at the end.
    package var slowLatencies: LatencyPercentiles?
    /// How many of them the relay has cut.
    package var slowClientsCut = 0
    /// Messages that were due, and that their connections did not take until the end.
    package var unsent: UInt64 = 0
    /// How often a client came back and got what it had missed, and how often the history did not reach back so far.
    package var recovered: UInt64 = 0
    package var unrecovered: UInt64 = 0
    /// Messages that rules that count have failed at, and when each client saw which of them first.
    var failedByRules: UInt64 = 0
    var sightings: [UInt64: [NIODeadline]] = [:]
    /// Of the whole run, not only while measuring.
    package var violations = Violations()
    /// Messages that the relay answered with an error, by its code.
    package var errors: [String: UInt64] = [:]
    /// What went wrong with connections, in words, and how often; at most ``mostFailures`` different ones.
    package private(set) var failures: [String: Int] = [:]

    private static let mostFailures = 16

    init(plan: BenchPlan) {
        self.plan = plan
    }

    /// Whether the relay did all that the protocol promises, for all clients.
    package var isClean: Bool {
        self.violations.total == 0 && self.errors.isEmpty && self.failures.isEmpty
    }

    mutating func noteFailure(_ reason: String) {
        let isKnown = self.failures[reason] != nil || self.failures.count < Self.mostFailures
        self.failures[isKnown ? reason : "other failures", default: 0] += 1
    }

    /// Takes over what the clients counted.
    mutating func take(_ tally: Tally, startedAt: NIODeadline) {
        self.accepted = tally.accepted
        self.delivered = tally.delivered
        self.receivedBytes = tally.receivedBytes
        self.latencies = tally.latencies.percentiles
        self.meanLatency = self.latencies == nil ? nil : tally.latencies.mean
        self.curve = tally.latencies.curve
        self.recovered = tally.recovered
        self.unrecovered = tally.unrecovered
        self.failedByRules = tally.failedByRules
        self.sightings = tally.sightings.mapValues { times in times.map { startedAt + .nanoseconds(Int64($0)) } }
        self.violations = tally.violations
        self.errors = tally.errors
        if self.measured > .zero, self.delivered == 0, self.failures.isEmpty {
            self.noteFailure("no message arrived while measuring")
        }
    }

    /// Takes over what the slow clients counted; to follow ``take(_:startedAt:)``.
    mutating func takeSlow(_ tally: Tally) {
        self.slowLatencies = tally.latencies.percentiles
        self.violations.add(tally.violations)
        self.errors.merge(tally.errors, uniquingKeysWith: +)
    }
}
