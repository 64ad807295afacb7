import Testing

@testable import GavelBench

@Suite("What may be answered to a resume")
struct ResumeCircumstancesTests {
    private static let outcomes: [ResumeOutcome] = [
        .recovered, .missed("epoch"), .missed("history"), .missed("future"), .over,
    ]

    private func admitted(_ circumstances: ResumeCircumstances) -> [ResumeOutcome] {
        Self.outcomes.filter(circumstances.admit)
    }

    @Test("under strict durability a session is recovered whatever happens to the relay")
    func strict() {
        #expect(
            self.admitted(ResumeCircumstances(durability: .strict, wasKilled: true, wasStopped: true)) == [.recovered]
        )
        let short = ResumeCircumstances(durability: .strict, hasShortHistory: true)
        #expect(self.admitted(short) == [.recovered, .missed("history")])
    }

    @Test("under relaxed durability only a kill costs an epoch or a session")
    func relaxed() {
        #expect(self.admitted(ResumeCircumstances(durability: .relaxed, wasStopped: true)) == [.recovered])
        let killed = ResumeCircumstances(durability: .relaxed, wasKilled: true)
        #expect(self.admitted(killed) == [.recovered, .missed("epoch"), .over])
    }

    @Test("a relay without a log may forget all when it ends, and only then")
    func memory() {
        #expect(self.admitted(ResumeCircumstances(durability: .memory)) == [.recovered])
        #expect(self.admitted(ResumeCircumstances(durability: .memory, wasStopped: true)) == [.recovered, .over])
    }

    @Test(
        "the answer is read as it is written",
        arguments: [
            (true, nil, .recovered), (false, "session", .over), (false, "epoch", .missed("epoch")),
            (false, "weather", nil), (true, "epoch", nil), (nil, nil, nil), (false, nil, nil),
        ] as [(Bool?, String?, ResumeOutcome?)]
    )
    func reads(recovered: Bool?, reason: String?, outcome: ResumeOutcome?) {
        #expect(ResumeOutcome(recovered: recovered, reason: reason) == outcome)
    }
}
