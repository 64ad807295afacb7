package import CoreMetrics
internal import Synchronization

/// Keeps what the parts of this program report through swift-metrics, for `/metrics` to tell.
///
/// A relay counts its messages by itself, without it: see ``RelayMetrics``.
package final class MetricStore: MetricsFactory {
    private struct Key: Hashable {
        var name: String
        /// In the order in which they were given.
        var labels: [[String]]
    }

    private let kept = Mutex<[Key: Kept]>([:])

    package init() {}

    private func keep(_ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> Kept {
        let labels = dimensions.map { [Self.name($0.0), $0.1] }
        return self.kept.withLock { kept in
            let key = Key(name: Self.name(label), labels: labels)
            if let known = kept[key], known.kind == kind { return known }
            let made = Kept(kind)
            kept[key] = made
            return made
        }
    }

    private func forget(_ handler: AnyObject) {
        self.kept.withLock { kept in kept = kept.filter { $0.value !== handler } }
    }

    /// As Prometheus has it: letters, digits and `_`.
    private static func name(_ label: String) -> String {
        String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.keep(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.keep(label, dimensions, .gauge)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        self.keep(label, dimensions, aggregate ? .summary : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.keep(label, dimensions, .summary)
    }

    package func destroyCounter(_ handler: any CounterHandler) { self.forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { self.forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { self.forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { self.forget(handler) }

    /// By name, their samples by labels.
    var families: [MetricFamily] {
        let kept = self.kept.withLock { $0 }
        var families: [String: MetricFamily] = [:]
        for (key, value) in kept.sorted(by: { $0.key.labels.joined().lexicographicallyPrecedes($1.key.labels.joined()) }
        ) {
            var family = families[key.name] ?? MetricFamily(key.name, value.kind, "Reported by a part of the program")
            guard family.kind == value.kind else { continue }
            family.samples += value.samples(labels: key.labels.map { ($0[0], $0[1]) })
            families[key.name] = family
        }
        return families.values.sorted { $0.name < $1.name }
    }
}

/// One number, or the count and the sum of many.
private final class Kept: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    let kind: MetricFamily.Kind
    private let state = Mutex((sum: 0.0, count: 0))

    init(_ kind: MetricFamily.Kind) {
        self.kind = kind
    }

    func samples(labels: [(name: String, value: String)]) -> [MetricFamily.Sample] {
        let state = self.state.withLock { $0 }
        guard self.kind == .summary else { return [.init(labels: labels, value: state.sum)] }
        return [
            .init(suffix: "_sum", labels: labels, value: state.sum),
            .init(suffix: "_count", labels: labels, value: Double(state.count)),
        ]
    }

    private func add(_ value: Double) {
        self.state.withLock { state in state = (state.sum + value, state.count + 1) }
    }

    func increment(by amount: Int64) { self.add(Double(amount)) }
    func increment(by amount: Double) { self.add(amount) }
    func decrement(by amount: Double) { self.add(-amount) }
    func reset() { self.state.withLock { $0 = (0, 0) } }
    func set(_ value: Int64) { self.set(Double(value)) }
    func set(_ value: Double) { self.state.withLock { $0.sum = value } }
    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) {
        if self.kind == .gauge { self.set(value) } else { self.add(value) }
    }

    /// Told in seconds.
    func recordNanoseconds(_ duration: Int64) { self.add(Double(duration) / 1e9) }
}
