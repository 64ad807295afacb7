import Foundation
import NIOCore
import Testing

@testable import GavelBench

@Suite("The report of saves")
struct SavesReportTests {
    private static func latencies(p999: Int, max: Int) -> LatencyPercentiles {
        LatencyPercentiles(
            p50: .milliseconds(1),
            p90: .milliseconds(2),
            p99: .milliseconds(3),
            p999: .milliseconds(p999),
            max: .milliseconds(max)
        )
    }

    private static func bench(p999: Int) -> BenchReport {
        var report = BenchReport(plan: BenchPlan(.rooms))
        report.latencies = self.latencies(p999: p999, max: p999 + 5)
        return report
    }

    private static func report(excesses: [Int] = [1, 2], effect: Int = 300) -> SavesReport {
        var plan = SavesPlan(program: URL(filePath: "/bin/sh"))
        plan.seed = 7
        plan.saves = 4
        plan.rooms = 1
        plan.clientsPerRoom = 2
        var report = SavesReport(plan: plan)
        report.rounds = excesses.map { (Self.bench(p999: 30), Self.bench(p999: 30 + $0)) }
        report.saves = [nil: 2, .syntax: 1, .filter: 1]
        report.rolledBackRooms = 1
        report.effects = self.latencies(p999: effect, max: effect)
        return report
    }

    @Test("takes the median of what messages were later")
    func excess() {
        #expect(Self.report(excesses: [90, -4, 3]).excess == .milliseconds(3))
        #expect(Self.report(excesses: [1, 2]).excess == .microseconds(1_500))
        #expect(Self.report(excesses: []).excess == nil)
        #expect(Self.report(excesses: [20]).isClean)
        #expect(!Self.report(excesses: [21]).isClean)
        #expect(!Self.report(excesses: []).isClean)
    }

    @Test("is not clean where anything was wrong, or saves are missing")
    func clean() {
        #expect(Self.report().isClean)
        var report = Self.report()
        report.saves[.filter] = nil
        #expect(!report.isClean)
        report = Self.report()
        report.findings.note("version 3 …")
        #expect(!report.isClean && report.description.hasSuffix("  version 3 …"))
        report = Self.report()
        report.failure = "The relay does not listen."
        #expect(!report.isClean && report.description.hasSuffix("\nThe relay does not listen."))
        report = Self.report()
        report.rounds[1].saved.violations.note(.state) { "client 3 …" }
        #expect(!report.isClean && report.description.contains("first: client 3 …"))
        report = Self.report()
        report.rounds[0].quiet.failedByRules = 1
        #expect(!report.isClean)
    }

    @Test("is not clean where a version took more than half a second to reach a client, or none did")
    func late() {
        #expect(Self.report(effect: 500).isClean)
        #expect(!Self.report(effect: 501).isClean)
        var report = Self.report()
        report.effects = nil
        #expect(!report.isClean)
    }

    @Test("has the time from a save to each client's first message, in the round that it was saved in")
    func effects() {
        var report = Self.report()
        let saved = NIODeadline.uptimeNanoseconds(1_000)
        report.rounds[0].saved.sightings[3] = [saved + .milliseconds(200), saved + .milliseconds(300)]
        report.rounds[1].saved.sightings[3] = [saved + .seconds(9), saved + .seconds(9)]
        report.rounds[1].saved.sightings[5] = [saved + .milliseconds(400)]
        report.take(saved: [3: saved, 4: saved, 5: saved], lasting: [3])
        #expect(report.findings.count == 0)
        let most = report.effects.map { $0.max / .milliseconds(1) } ?? 0
        #expect((299...301).contains(most))
        report.take(saved: [3: saved, 4: saved, 5: saved], lasting: [3, 5])
        #expect(report.findings.texts == ["version 5 is in force, and 1 clients have seen it"])
    }

    @Test("is a table")
    func table() {
        let expected = """
                   seed              7
                  saves              4  each told once, 2 of them broken
                                     1  with a syntax error
                                     1  with a filter that fails
              went back              1  times a room, from rules that failed in use
                 failed              0  messages, answered by an error until then
             effect p50            1.0  ms from a save to a client's first message
                    max          300.0  ms; at most 500.0
                  p99.9           31.0  ms, 30.0 without saves; p50 1.0, 1.0; max 36.0, 35.0
                 excess            1.0  ms at p99.9, median of the rounds; at most 20.0
             violations              0
            """
        #expect(Self.report(excesses: [1]).description == expected)
    }
}
