internal import GavelCore
internal import Histogram

extension MetricFamily {
    /// Upper bounds in seconds, of what takes time.
    static let secondBounds = [
        0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05,
        0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    static let clientBounds: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096, 16_384]

    /// Of meters that measure nanoseconds.
    static func times(
        _ name: String,
        _ help: String,
        _ meters: [(labels: [(name: String, value: String)], meter: Meter)]
    ) -> MetricFamily {
        MetricFamily(
            name,
            .histogram,
            help,
            meters.flatMap { Self.buckets($0.meter, bounds: Self.secondBounds, scale: 1e9, labels: $0.labels) }
        )
    }

    /// - Parameter scale: Of what a meter measures to a unit of the metric.
    static func buckets(
        _ meter: Meter,
        bounds: [Double],
        scale: Double = 1,
        labels: [(name: String, value: String)] = []
    ) -> [Sample] {
        let counts = meter.counts(upTo: bounds.map { UInt64(($0 * scale).rounded()) })
        var samples = zip(bounds, counts).map { bound, count in
            Sample(suffix: "_bucket", labels: labels + [("le", Self.shown(bound))], value: Double(count))
        }
        samples.append(Sample(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: Double(meter.count)))
        samples.append(Sample(suffix: "_sum", labels: labels, value: Double(meter.sum) / scale))
        samples.append(Sample(suffix: "_count", labels: labels, value: Double(meter.count)))
        return samples
    }

    /// Of a meter that is taken anew each time.
    static func shares(_ meter: Meter) -> [Sample] {
        [0.5, 0.9, 0.99, 1].map { share in
            let value = meter.count == 0 ? 0 : meter.histogram.valueAtPercentile(share * 100)
            return Sample(labels: [("share", Self.shown(share))], value: Double(value))
        }
    }
}
