import NIOCore
import Testing

@testable import GavelBench

@Suite("The report of a run")
struct BenchReportTests {
    private static func report() -> BenchReport {
        var report = BenchReport(plan: BenchPlan(.rooms))
        report.clientsJoined = 800
        report.joinTime = .milliseconds(120)
        report.measured = .seconds(4)
        report.processorTime = .seconds(2)
        report.accepted = 800_000
        report.delivered = 6_400_001
        report.receivedBytes = 800_000_000
        report.latencies = LatencyPercentiles(
            p50: .microseconds(900),
            p90: .milliseconds(2),
            p99: .milliseconds(3),
            p999: .milliseconds(4),
            max: .microseconds(5_678)
        )
        return report
    }

    @Test("has rates, percentiles and the generator's own load, aligned")
    func figures() {
        let expected = """
                 joined     800 of 800  clients in 0.12 s
               accepted        200,000  messages/s
              delivered      1,600,000  messages/s, 200.0 MB/s
            latency p50          0.900  ms
                    p90          2.000  ms
                    p99          3.000  ms
                  p99.9          4.000  ms
                    max          5.678  ms
              generator             50  % of one core
             violations              0
            """
        #expect(Self.report().description == expected)
        #expect(Self.report().isClean)
    }

    @Test("says when the generator was itself the limit")
    func limit() {
        var report = Self.report()
        report.processorTime = .seconds(4)
        #expect(report.description.contains("100  % of one core: it was itself the limit"))
    }

    @Test("shows violations by kind, each with its first")
    func violations() {
        var report = Self.report()
        report.violations.note(.gap) { "the first" }
        report.violations.note(.gap, count: 1999) { "the second" }
        #expect(!report.isClean)
        #expect(
            report.description.hasSuffix("violations          2,000\n  2,000 numbers left out\n    first: the first")
        )
    }

    @Test("tells failures and errors in words, a bounded number of different ones")
    func failures() {
        var report = Self.report()
        report.noteFailure("the link broke")
        for _ in 1...3 { report.noteFailure("the relay said no") }
        #expect(!report.isClean)
        #expect(report.description.hasSuffix("  the link broke\n  3 times: the relay said no"))
        for number in 0..<100 { report.noteFailure("reason \(number)") }
        #expect(report.failures.count == 17)
        #expect(report.failures["other failures"] == 86)
        var refused = Self.report()
        refused.errors = ["rate_limited": 12]
        #expect(!refused.isClean)
        #expect(refused.description.hasSuffix("  12 messages were answered by the error rate_limited"))
    }

    @Test("a measurement without a single delivery is a failure")
    func silence() {
        var report = Self.report()
        report.take(Tally(), startedAt: .now())
        #expect(report.failures == ["no message arrived while measuring": 1])
    }

    @Test("has a header that says what is measured")
    func header() {
        let expected = """
            fanout on ws://127.0.0.1:8765/: rooms 1, clients in each 100, 10 of each room send
            in flight per sender 8, message 100 bytes, warm-up 1.00 s, measured 4.00 s
            latency from a sender's send to each client's receipt, queues on the way included
            """
        #expect(BenchPlan(.fanout).header == expected)
    }

    @Test("tells of slow clients, of returns and of what could not be sent where there were such")
    func troubles() {
        var plan = BenchPlan(.rooms)
        plan.rate = 20_000
        plan.slowShare = 0.1
        plan.dropInterval = .seconds(5)
        var report = BenchReport(plan: plan)
        report.measured = .seconds(1)
        report.unsent = 1_200
        report.slowClientsCut = 40
        report.recovered = 3_000
        report.unrecovered = 7
        #expect(
            report.description.contains(
                """
                     unsent          1,200  messages were due and could not be sent
                       slow             80  clients, 40 were cut
                  recovered          3,000  returns, and 7 with a history that did not reach back so far
                """
            )
        )
        #expect(report.isClean)
        let expected = """
            rooms on ws://127.0.0.1:8765/: rooms 100, clients in each 8, all send
            20,000 messages/s of all senders together, message 100 bytes, warm-up 1.00 s, measured 4.00 s
            latency from when a message is due to each client's receipt, queues on the way included
            80 of 800 clients read slowly or not at all, and send nothing
            each client loses its connection every 5.00 s on average, and comes back
            """
        #expect(plan.header == expected)
    }

    @Test("is JSON for programs, with what was measured and nothing else")
    func json() throws {
        var report = Self.report()
        report.meanLatency = .milliseconds(1)
        report.violations.note(.gap) { "the first" }
        let expected = #"""
            {"accepted_per_second":200000,"clean":false,"clients":800,"clients_joined":800,\#
            "delivered_per_second":1600000.25,"errors":{},"failures":{},"generator_load":0.5,\#
            "latency_ms":{"max":5.678,"mean":1,"p50":0.9,"p90":2,"p99":3,"p999":4},"measured_seconds":4,\#
            "payload_bytes":100,"received_bytes_per_second":200000000,"relay":"ws://127.0.0.1:8765/","rooms":100,\#
            "scenario":"rooms","senders":800,"violations":{"numbers left out":1},"window":8}
            """#
        #expect(report.json == expected)
        var plan = BenchPlan(.rooms)
        plan.rate = 5
        plan.slowShare = 0.1
        plan.dropInterval = .seconds(5)
        let json = BenchReport(plan: plan).json
        for part in [#""rate":5,"#, #""resumes":{"recovered":0,"unrecovered":0}"#, #""slow":{"clients":80,"cut":0}"#] {
            #expect(json.contains(part), "\(part) in \(json)")
        }
        #expect(!json.contains("latency_ms") && !json.contains("window"))
    }

    @Test("figures are rounded and grouped")
    func text() {
        #expect(Text.grouped(0) == "0")
        #expect(Text.grouped(999) == "999")
        #expect(Text.grouped(1_000_000) == "1,000,000")
        #expect(Text.decimal(1234.5678, places: 2) == "1,234.57")
        #expect(Text.decimal(0.05, places: 3) == "0.050")
        #expect(Text.decimal(-1, places: 1) == "0.0")
        #expect(Text.decimal(99.6, places: 0) == "100")
    }
}
