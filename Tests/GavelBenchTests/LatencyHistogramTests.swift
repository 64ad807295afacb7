import Testing

@testable import GavelBench

@Suite("The latency histogram")
struct LatencyHistogramTests {
    @Test("percentiles agree with the sorted samples to three digits")
    func percentiles() throws {
        let seed = UInt64.random(in: 1 ... .max)
        var random = SplitMix64(seed: seed)
        var histogram = LatencyHistogram()
        var samples: [UInt64] = []
        for _ in 0..<20_000 {
            // Evenly over the magnitudes from 1 ns to 17 s.
            let sample = UInt64.random(in: 1...(1 << UInt64.random(in: 1...34, using: &random)), using: &random)
            samples.append(sample)
            histogram.record(sample)
        }
        samples.sort()
        let found = try #require(histogram.percentiles)
        #expect(histogram.count == 20_000)
        let shares = [0.5, 0.9, 0.99, 0.999, 1]
        for (share, value) in zip(shares, [found.p50, found.p90, found.p99, found.p999, found.max]) {
            let rank = Int((share * Double(samples.count)).rounded(.up))
            let low = Double(samples[max(0, rank - 2)]) * 0.998 - 1
            let high = Double(samples[min(samples.count - 1, rank)]) * 1.002 + 1
            let nanoseconds = value / .nanoseconds(1)
            #expect(low <= nanoseconds && nanoseconds <= high, "share \(share), seed \(seed)")
        }
    }

    @Test("a single sample is every percentile")
    func single() throws {
        var histogram = LatencyHistogram()
        histogram.record(1_000_000)
        let found = try #require(histogram.percentiles)
        for value in [found.p50, found.p90, found.p99, found.p999, found.max] {
            #expect(abs(value / .milliseconds(1) - 1) < 0.002)
        }
    }

    @Test("without a sample there are no percentiles")
    func empty() {
        #expect(LatencyHistogram().percentiles == nil)
    }

    @Test("a latency beyond every bound counts at the top and is not lost")
    func beyond() throws {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        histogram.record(0)
        #expect(histogram.count == 2)
        #expect(try #require(histogram.percentiles).max > .seconds(3590))
    }
}

/// S. Vigna's SplitMix64 (public domain), so that a printed seed repeats a test.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
