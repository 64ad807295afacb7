import Histogram

/// Latencies in nanoseconds, with three significant digits, up to an hour.
struct LatencyHistogram {
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: 3_600_000_000_000,
        numberOfSignificantValueDigits: .three
    )

    /// Counts one latency; what is above an hour counts as an hour. Complexity: O(1).
    @inline(__always)
    mutating func record(_ nanoseconds: UInt64) {
        self.histogram.record(min(nanoseconds, 3_600_000_000_000))
    }

    var count: UInt64 {
        self.histogram.totalCount
    }

    /// `nil` without a latency.
    var curve: LatencyCurve? {
        guard self.histogram.totalCount > 0 else { return nil }
        return LatencyCurve(count: self.histogram.totalCount) {
            .nanoseconds(Int64(self.histogram.valueAtPercentile(100 * $0)))
        }
    }

    var mean: Duration { .nanoseconds(Int64(self.histogram.mean)) }

    var percentiles: LatencyPercentiles? {
        guard self.histogram.totalCount > 0 else { return nil }
        func nanoseconds(at percentile: Double) -> Duration {
            .nanoseconds(Int64(self.histogram.valueAtPercentile(percentile)))
        }
        return LatencyPercentiles(
            p50: nanoseconds(at: 50),
            p90: nanoseconds(at: 90),
            p99: nanoseconds(at: 99),
            p999: nanoseconds(at: 99.9),
            max: nanoseconds(at: 100)
        )
    }
}

/// How long messages took from their sender's send to a client's receipt.
package struct LatencyPercentiles: Sendable, Equatable {
    package var p50: Duration
    package var p90: Duration
    package var p99: Duration
    package var p999: Duration
    package var max: Duration
}
