import Testing

@testable import GavelBench

@Suite("The plan of a run")
struct BenchPlanTests {
    @Test("has no mistakes as it comes", arguments: BenchScenario.allCases)
    func usual(scenario: BenchScenario) {
        let plan = BenchPlan(scenario)
        #expect(plan.mistakes.isEmpty)
        #expect(plan.sendersPerRoom == plan.usualSenders)
    }

    @Test("names every value out of bounds at once")
    func mistakes() {
        var plan = BenchPlan(.rooms)
        plan.rooms = 0
        plan.window = 5000
        plan.payloadBytes = 10
        plan.duration = .seconds(1000)
        plan.roomPrefix = "a\"b"
        plan.relay.port = 0
        plan.relay.path = "/a b"
        let mistakes = plan.mistakes
        for name in ["rooms ", "window ", "payload ", "duration ", "room-prefix ", "port ", "the path "] {
            #expect(mistakes.contains { $0.hasPrefix(name) }, "\(name)")
        }
        #expect(mistakes.count == 7)
    }

    @Test("bounds the clients of all rooms together, without overflow")
    func clients() {
        var plan = BenchPlan(.rooms)
        plan.rooms = 5000
        #expect(plan.mistakes == ["rooms x per-room must be at most 20000 clients, not 40000"])
        plan.rooms = .max
        #expect(plan.mistakes.count == 1)
    }

    @Test("spreads slow clients over the rooms, and has none of them send", arguments: [0.1, 0.125, 0.3, 0.5])
    func slowShare(share: Double) {
        var plan = BenchPlan(.rooms)
        plan.slowShare = share
        #expect(plan.mistakes.isEmpty)
        let paces = (0..<plan.clients).map { plan.pace(of: $0) }
        let slow = paces.indices.filter { paces[$0] != .full }
        #expect(slow.count == Int(share * 800) && plan.slowClients == slow.count)
        #expect(abs(paces.count { $0 == .silent } - paces.count { $0 == .slow }) <= 1)
        #expect(!slow.contains(where: plan.isSender))
        for room in 0..<100 {
            let inRoom = slow.count { $0 / 8 == room }
            #expect((Int(share * 8)...Int((share * 8).rounded(.up))).contains(inRoom))
        }
    }

    @Test("leaves somebody in each room who reads, and knows what rates and losses may be")
    func troubles() {
        var plan = BenchPlan(.pingpong)
        plan.slowShare = 0.5
        #expect(plan.mistakes == ["slow must leave at least one client of each room that is not"])
        plan = BenchPlan(.fanout)
        plan.slowShare = 0.001
        #expect(plan.mistakes == ["slow must be at least one client of all"])
        plan.slowShare = 0
        plan.rate = 0
        plan.dropInterval = .milliseconds(1)
        #expect(plan.mistakes.map { $0.prefix(5) } == ["rate ", "drop-"])
    }

    @Test("has at most as many senders as clients")
    func senders() {
        var plan = BenchPlan(.fanout)
        plan.clientsPerRoom = 4
        #expect(plan.usualSenders == 4)
        #expect(plan.mistakes == ["senders must be between 1 and 4, not 10"])
    }

    @Test(
        "takes a relay's URL",
        arguments: [
            ("ws://example.org", "example.org", 80, "/"), ("ws://127.0.0.1:8765/", "127.0.0.1", 8765, "/"),
            ("ws://[::1]:99/a/b?c=d", "::1", 99, "/a/b?c=d"), ("ws://host?x", "host", 80, "/?x"),
            ("ws://[fe80::1]", "fe80::1", 80, "/"),
        ]
    )
    func url(url: String, host: String, port: Int, path: String) throws {
        let relay = try RelayAddress(url: url)
        #expect(relay.host == host)
        #expect(relay.port == port)
        #expect(relay.path == path)
        #expect(relay.mistakes.isEmpty)
    }

    @Test(
        "refuses other URLs",
        arguments: ["", "wss://host", "http://host", "ws://host:x", "ws://host:", "ws://[::1]x"]
    )
    func otherURLs(url: String) {
        #expect(throws: RelayAddressError.self) { try RelayAddress(url: url) }
    }

    @Test("finds a URL without a host to be a mistake")
    func noHost() throws {
        #expect(try RelayAddress(url: "ws:///path").mistakes == ["host must be a name or an address"])
    }
}
