import Testing

@testable import GavelBench

@Suite("A run at a rate, with slow clients, or with clients that come back", .serialized)
struct BenchTroublesTests {
    private func plan(port: Int) -> BenchPlan {
        var plan = BenchPlan(.rooms)
        plan.relay.port = port
        plan.rooms = 2
        plan.clientsPerRoom = 4
        plan.sendersPerRoom = 2
        plan.warmUp = .milliseconds(20)
        plan.duration = .milliseconds(300)
        // Ends as soon as all has come; long, for a slow machine must not look like a relay that loses messages.
        plan.drain = .seconds(20)
        return plan
    }

    @Test("sends as many messages as are due, whatever comes back")
    func rate() async throws {
        try await FakeRelay.run { port in
            var plan = self.plan(port: port)
            plan.rate = 2_000
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            #expect(report.unsent == 0)
            // Each of the 600 messages that were due goes to four clients: that is between a thousand and ten thousand.
            #expect(report.curve?.nines == 3)
            // Of the window's 600 some arrive behind it, more where the machine is slow.
            #expect((1...700).contains(report.accepted))
            #expect(report.latencies != nil)
        }
    }

    @Test("counts the time that a relay was asleep for every message that was due meanwhile")
    func omission() async throws {
        try await FakeRelay.run(.sleeps(at: 20)) { port in
            var plan = self.plan(port: port)
            plan.rooms = 1
            plan.rate = 1_000
            // Longer than it sleeps, so that something comes while it is measured.
            plan.duration = .milliseconds(700)
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            // Most were due while it slept, and had to wait for the rest of its sleep.
            #expect(try #require(report.latencies).p50 > .milliseconds(100))
        }
    }

    @Test("reports clients that read slowly apart from the others")
    func slow() async throws {
        try await FakeRelay.run { port in
            var plan = self.plan(port: port)
            plan.slowShare = 0.25
            plan.rate = 2_000
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            #expect(plan.slowClients == 2 && report.slowClientsCut == 0)
            #expect(report.delivered > 0)
            // Their own, which have waited for them: they are not among the others'.
            let (latencies, slow) = (try #require(report.latencies), try #require(report.slowLatencies))
            #expect(slow.p50 > latencies.p50)
        }
    }

    @Test("counts a slow client that is cut, which is no failure")
    func cut() async throws {
        try await FakeRelay.run(.cutsOthers(at: 10)) { port in
            var plan = self.plan(port: port)
            plan.rooms = 1
            plan.clientsPerRoom = 2
            plan.sendersPerRoom = 1
            plan.slowShare = 0.5
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            #expect(report.slowClientsCut == 1)
        }
    }

    @Test("has clients come back to all that they missed, at a window and at a rate", arguments: [nil, 2_000.0])
    func resumes(rate: Double?) async throws {
        try await FakeRelay.run { port in
            var plan = self.plan(port: port)
            plan.rate = rate
            plan.dropInterval = .milliseconds(100)
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            #expect(report.recovered > 4)
            #expect(report.unrecovered == 0)
        }
    }

    @Test("finds what a client that came back was not given")
    func missed() async throws {
        try await FakeRelay.run(.skipsMissed) { port in
            var plan = self.plan(port: port)
            plan.dropInterval = .milliseconds(100)
            let report = try await plan.run()
            #expect(report.violations[.gap] > 0)
        }
    }

    @Test("finds sessions that are not resumed")
    func forgotten() async throws {
        try await FakeRelay.run(.forgetsSessions) { port in
            var plan = self.plan(port: port)
            plan.dropInterval = .milliseconds(100)
            plan.drain = .milliseconds(100)
            let report = try await plan.run()
            #expect(report.violations[.resume] > 0)
            #expect(report.failures["a session was not resumed"] != nil)
        }
    }
}
