import Testing

@testable import GavelBench

@Suite("A run against a relay", .serialized)
struct BenchRunTests {
    private func plan(_ scenario: BenchScenario, port: Int) -> BenchPlan {
        var plan = BenchPlan(scenario)
        plan.relay.port = port
        plan.rooms = scenario == .fanout ? 1 : 3
        plan.clientsPerRoom = scenario == .pingpong ? 1 : 4
        plan.sendersPerRoom = min(2, plan.clientsPerRoom)
        plan.warmUp = .milliseconds(20)
        plan.duration = .milliseconds(60)
        // Ends as soon as all has come; long, for a slow machine must not look like a relay that loses messages.
        plan.drain = .seconds(20)
        return plan
    }

    @Test("finds nothing wrong with a relay that is right", arguments: BenchScenario.allCases)
    func right(scenario: BenchScenario) async throws {
        try await FakeRelay.run { port in
            let plan = self.plan(scenario, port: port)
            let report = try await plan.run()
            #expect(report.isClean, "\(report)")
            #expect(report.clientsJoined == plan.clients)
            #expect(report.accepted > 0)
            #expect(report.delivered >= report.accepted)
            #expect(report.measured >= plan.duration)
            let latencies = try #require(report.latencies)
            #expect(latencies.p50 > .zero && latencies.p50 <= latencies.max)
        }
    }

    @Test("lasts as long as what is done meanwhile")
    func meanwhile() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let report = try await FakeRelay.run { port in
            var plan = self.plan(.rooms, port: port)
            plan.duration = .seconds(120)
            return try await plan.run(
                onProgress: { if $0.stage == .measuring, $0.delivered > 0 { continuation.finish() } },
                meanwhile: { for await _ in stream {} }
            )
        }
        #expect(report.isClean && report.delivered > 0 && report.measured < .seconds(60), "\(report)")
    }

    @Test("takes fragments, pings and a room that is not new for right")
    func unusual() async throws {
        for fault in [FakeRelay.Fault.fragments, .beginsAt(41)] {
            let report = try await FakeRelay.run(fault) { try await self.plan(.rooms, port: $0).run() }
            #expect(report.isClean, "\(fault): \(report)")
            #expect(report.delivered > 0)
        }
    }

    @Test("reports a repeated number at every client")
    func repeats() async throws {
        let report = try await FakeRelay.run(.repeatsNumber(at: 10)) { try await self.plan(.fanout, port: $0).run() }
        #expect(report.violations[.repeated] == 4)
        #expect(report.violations.total == 4)
        #expect(report.violations.first(of: .repeated)?.hasSuffix("of room bench-0: number 9 came after 9") == true)
        #expect(!report.isClean)
    }

    @Test("reports a number left out at every client")
    func skips() async throws {
        let report = try await FakeRelay.run(.skipsNumber(at: 10)) { try await self.plan(.fanout, port: $0).run() }
        #expect(report.violations[.gap] == 4)
        #expect(report.violations.total == 4)
        #expect(!report.isClean)
    }

    @Test("reports own messages that come back out of order")
    func reorders() async throws {
        let report = try await FakeRelay.run(.reorders(at: 10)) { port in
            var plan = self.plan(.fanout, port: port)
            plan.sendersPerRoom = 1
            return try await plan.run()
        }
        #expect(report.violations[.ownOrder] == 2)
        #expect(report.violations.total == 2)
    }

    @Test("reports own messages that never come back")
    func losses() async throws {
        let report = try await FakeRelay.run(.stops(at: 1)) { port in
            var plan = self.plan(.pingpong, port: port)
            plan.drain = .milliseconds(30)
            return try await plan.run()
        }
        #expect(report.violations[.lost] == 3)
        #expect(report.violations.total == 3)
    }

    @Test("reports a client that is left without its room's last messages")
    func forgotten() async throws {
        let report = try await FakeRelay.run(.forgetsLastClient(at: 2)) { port in
            var plan = self.plan(.fanout, port: port)
            plan.window = 1
            plan.drain = .milliseconds(300)
            return try await plan.run()
        }
        #expect(report.violations[.behind] == 1)
    }

    @Test("reports messages that the relay refuses")
    func refusals() async throws {
        let report = try await FakeRelay.run(.refuses(at: 10)) { try await self.plan(.fanout, port: $0).run() }
        #expect(report.errors == ["rejected": 1])
        #expect(!report.isClean)
    }

    @Test("reports clients that are cut, and goes on with the others")
    func cuts() async throws {
        let report = try await FakeRelay.run(.cuts(at: 10)) { try await self.plan(.fanout, port: $0).run() }
        #expect(report.failures == ["the relay closed the connection with 4002": 1])
        #expect(report.delivered > 0)
        #expect(!report.isClean)
    }

    @Test("ends at once when the relay refuses a join")
    func refusedJoins() async throws {
        let report = try await FakeRelay.run(.refusesJoins) { try await self.plan(.rooms, port: $0).run() }
        #expect(report.failures.keys.contains("the relay refused the join: room_full"))
        #expect(report.measured == .zero)
        #expect(!report.isClean)
    }

    @Test("ends at once when nobody listens")
    func nobody() async throws {
        let port = try await FakeRelay.run { $0 }
        let report = try await self.plan(.rooms, port: port).run()
        #expect(report.failures == ["could not connect to 127.0.0.1:\(port): Connection refused": 1])
        #expect(!report.isClean)
    }
}
