import Foundation
import Testing

@testable import GavelBench

@Suite("The plan of saves")
struct SavesPlanTests {
    private static let plan = SavesPlan(program: URL(filePath: "/bin/sh"))

    @Test("is right by default, with the traffic of both runs")
    func usual() {
        #expect(Self.plan.mistakes.isEmpty)
        let quiet = Self.plan.traffic(port: 1, round: 0)
        let saved = Self.plan.traffic(port: 1, round: 0, areRulesSaved: true)
        #expect(quiet.rate == saved.rate && quiet.clients == 800 && saved.clients == 800)
        #expect(quiet.roomPrefix != saved.roomPrefix)
    }

    @Test("cannot have an odd number of saves, more rounds than pairs of them, or a program that is none")
    func mistakes() {
        var plan = Self.plan
        plan.saves = 3
        plan.rounds = 1
        #expect(plan.mistakes.count == 1)
        plan.saves = 4
        plan.rounds = 3
        #expect(plan.mistakes.count == 1)
        plan.rounds = 2
        plan.rate = 0
        #expect(plan.mistakes.count == 1)
        #expect(SavesPlan(program: URL(filePath: "/nowhere")).mistakes.count == 1)
    }

    @Test("has each fault as often as any other, by the seed, and rules without one at the end of each round")
    func versions() {
        var plan = Self.plan
        plan.saves = 4 * RulesFault.allCases.count
        let versions = plan.versions()
        for fault in RulesFault.allCases { #expect(versions.count { $0.fault == fault } == 2) }
        #expect(versions.map(\.number) == Array(2..<(plan.saves + 2)))
        #expect(versions.map(\.fault) == plan.versions().map(\.fault))
        plan.seed += 1
        #expect(versions.map(\.fault) != plan.versions().map(\.fault))
        var next = 0
        for round in 0..<plan.rounds {
            next += plan.saves(in: round)
            #expect(versions[next - 1].fault == nil)
        }
        #expect(next == plan.saves)
    }

    @Test("saves no text twice")
    func texts() {
        let texts = Self.plan.versions().map(\.text)
        #expect(Set(texts).count == texts.count)
    }
}
