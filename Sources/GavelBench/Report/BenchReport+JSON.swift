import Foundation

extension BenchReport {
    /// The report as one JSON object: keys in order of the alphabet, on one line. Times are milliseconds, unless their
    /// name says otherwise; what was not measured is left out.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // It has numbers, texts and lists alone, and no number that is none.
        guard let data = try? encoder.encode(Document(self)) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Document: Encodable {
        let scenario: String
        let relay: String
        let rooms: Int
        let clients: Int
        let senders: Int
        let window: Int?
        let rate: Double?
        let payloadBytes: Int
        let clientsJoined: Int
        let measuredSeconds: Double
        let acceptedPerSecond: Double?
        let deliveredPerSecond: Double?
        let receivedBytesPerSecond: Double?
        let latencyMs: Latencies?
        let unsent: UInt64?
        let slow: Slow?
        let resumes: Resumes?
        let generatorLoad: Double?
        let violations: [String: UInt64]
        let errors: [String: UInt64]
        let failures: [String: Int]
        let clean: Bool

        init(_ report: BenchReport) {
            let plan = report.plan
            let seconds = report.measured / .seconds(1)
            func rate(_ count: UInt64) -> Double? { seconds > 0 ? Double(count) / seconds : nil }
            self.scenario = plan.scenario.rawValue
            self.relay = "ws://\(plan.relay.authority)\(plan.relay.path)"
            self.rooms = plan.rooms
            self.clients = plan.clients
            self.senders = (0..<plan.clients).count(where: plan.isSender)
            self.window = plan.rate == nil ? plan.window : nil
            self.rate = plan.rate
            self.payloadBytes = plan.payloadBytes
            self.clientsJoined = report.clientsJoined
            self.measuredSeconds = seconds
            self.acceptedPerSecond = rate(report.accepted)
            self.deliveredPerSecond = rate(report.delivered)
            self.receivedBytesPerSecond = rate(report.receivedBytes)
            self.latencyMs = report.latencies.map { Latencies($0, mean: report.meanLatency) }
            self.unsent = plan.rate == nil ? nil : report.unsent
            self.slow = plan.slowClients > 0 ? Slow(report) : nil
            self.resumes = plan.dropInterval.map { _ in Resumes(report) }
            self.generatorLoad = seconds > 0 ? report.processorTime / report.measured : nil
            self.violations = Dictionary(
                uniqueKeysWithValues: Violations.Kind.allCases.compactMap {
                    report.violations[$0] > 0 ? ($0.rawValue, report.violations[$0]) : nil
                }
            )
            self.errors = report.errors
            self.failures = report.failures
            self.clean = report.isClean
        }
    }

    private struct Latencies: Encodable {
        let mean: Double?
        let p50: Double
        let p90: Double
        let p99: Double
        let p999: Double
        let max: Double

        init(_ latencies: LatencyPercentiles, mean: Duration?) {
            func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
            self.mean = mean.map(milliseconds)
            self.p50 = milliseconds(latencies.p50)
            self.p90 = milliseconds(latencies.p90)
            self.p99 = milliseconds(latencies.p99)
            self.p999 = milliseconds(latencies.p999)
            self.max = milliseconds(latencies.max)
        }
    }

    private struct Slow: Encodable {
        let clients: Int
        let cut: Int
        let latencyMs: Latencies?

        init(_ report: BenchReport) {
            self.clients = report.plan.slowClients
            self.cut = report.slowClientsCut
            self.latencyMs = report.slowLatencies.map { Latencies($0, mean: nil) }
        }
    }

    private struct Resumes: Encodable {
        let recovered: UInt64
        let unrecovered: UInt64

        init(_ report: BenchReport) {
            self.recovered = report.recovered
            self.unrecovered = report.unrecovered
        }
    }
}
