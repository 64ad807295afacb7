import GavelCore
import GavelTesting
import Testing

/// Rooms that go back from rules that fail.
@Suite("New rules on trial")
struct ProbationTests {
    private typealias Answer = RulesDouble.Answer

    private static let limits = ProbationLimits(messages: nil, time: .seconds(60), errors: 3)

    private func setup(durability: LogDurability? = nil) -> ReloadSetup {
        ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")), durability: durability)
    }

    private func rollbacks(_ setup: ReloadSetup) -> [Rollback] {
        setup.relay.events.compactMap { event in
            if case .rolledBack(let rollback) = event { return rollback }
            return nil
        }
    }

    private func adopt(_ setup: ReloadSetup, _ rules: any RulesProvider, _ limits: ProbationLimits = Self.limits) {
        #expect(setup.adopt(VersionedRules.settings(rules, probation: limits))?.changed == 1)
    }

    @Test(
        "give way to those before when they fail often: with the state as it is",
        arguments: [nil, LogDurability.strict]
    )
    func state(durability: LogDurability?) {
        let setup = self.setup(durability: durability)
        let client = setup.join()
        setup.say(client, times: 2)
        self.adopt(setup, VersionedRules.provider("2", failing: ["bad"]))
        setup.say(client, times: 3)
        _ = client.read()
        setup.say(client, "bad", times: 2)
        #expect(self.rollbacks(setup).isEmpty)
        setup.say(client, "bad", times: 2)
        #expect(client.read().map(\.type) == ["error", "error", "error", "bad"])
        let rollback = self.rollbacks(setup).first
        #expect(rollback?.way == .state && rollback?.from == "2" && rollback?.to == "1")
        #expect(rollback?.failure?.text == #""message":"count.lua:5: bad""# && rollback?.stateText == nil)
        let answer = setup.ask(client)
        #expect(answer?["version"] == "1" && answer?["kept"] == "6")
        #expect(setup.relay.loops[0].statistics.rollbacks == 1)
    }

    /// Version 1 takes nothing back.
    private func setupWithoutReturn(durability: LogDurability? = nil) -> ReloadSetup {
        let first = VersionedRules.provider("1", onReload: nil)
        return ReloadSetup(VersionedRules.settings(first), durability: durability)
    }

    @Test("or, where those cannot go on with that, with what was kept before: who came stays, who went leaves")
    func snapshot() {
        let setup = self.setupWithoutReturn()
        let client = setup.join()
        let gone = setup.join()
        setup.say(client, times: 2)
        self.adopt(setup, VersionedRules.provider("2", failing: ["bad"]))
        setup.say(client, times: 3)
        gone.send(#"{"type":"leave"}"#)
        let newcomer = setup.join()
        setup.say(newcomer, "bad", times: 3)
        let rollback = self.rollbacks(setup).first
        #expect(rollback?.way == .snapshot && rollback?.stateText?.hasPrefix("count.lua:1: no") ?? false)
        #expect(rollback?.newcomers == [3] && rollback?.lastID.before == 2 && rollback?.lastID.now == 5)
        let answer = setup.ask(newcomer)
        #expect(answer?["version"] == "1" && answer?["kept"] == "2")
        #expect(answer?["clients"] == "[1, 3]" && answer?["connected"] == "[1, 3]")
        _ = client.read()
        setup.say(newcomer)
        #expect(client.read().map { $0[number: "msg_id"] } == [6])
    }

    @Test("or stay where there is no way back, and that is said once")
    func none() {
        let setup = self.setupWithoutReturn()
        let client = setup.join()
        self.adopt(setup, VersionedRules.provider("2", failing: ["bad"]))
        let back = OnceProvider(inner: VersionedRules.provider("3"))
        self.adopt(setup, back)
        self.adopt(setup, VersionedRules.provider("4", failing: ["bad"]))
        setup.say(client, "bad", times: 10)
        let rollbacks = self.rollbacks(setup)
        #expect(rollbacks.map(\.way) == [.none] && rollbacks[0].snapshotText == "made once")
        #expect(setup.ask(client)?["version"] == "4")
    }

    @Test("count what their timers do")
    func timers() {
        let setup = self.setup()
        let client = setup.join()
        self.adopt(setup, VersionedRules.provider("2", failing: ["timer"]))
        for _ in 0..<3 {
            setup.say(client, "later")
            setup.relay.pass(.seconds(2))
        }
        #expect(self.rollbacks(setup).map(\.failure?.text) == ["count.lua:9: tick"])
        #expect(setup.ask(client)?["version"] == "1")
    }

    @Test("are theirs to stay when the time is over, or so many messages were taken")
    func ends() {
        for isByTime in [true, false] {
            let setup = self.setup()
            let client = setup.join()
            let limits = ProbationLimits(messages: 10, time: .seconds(60), errors: 3)
            self.adopt(setup, VersionedRules.provider("2", failing: ["bad"]), limits)
            setup.say(client, "bad", times: 2)
            if isByTime { setup.relay.pass(.seconds(61)) } else { setup.say(client, times: 8) }
            setup.say(client, "bad", times: 5)
            #expect(self.rollbacks(setup).isEmpty)
            #expect(setup.ask(client)?["version"] == "2")
        }
    }

    @Test("are not on trial where no time is set for it")
    func off() {
        let setup = self.setup()
        let client = setup.join()
        self.adopt(
            setup,
            VersionedRules.provider("2", failing: ["bad"]),
            ProbationLimits(messages: nil, time: .zero, errors: 3)
        )
        setup.say(client, "bad", times: 10)
        #expect(self.rollbacks(setup).isEmpty)
    }

    @Test("that a room went back from are not given to it again; others are")
    func notAgain() {
        let setup = self.setup()
        let client = setup.join()
        let bad = VersionedRules.provider("2", failing: ["bad"])
        self.adopt(setup, bad)
        setup.say(client, "bad", times: 3)
        let report = setup.adopt(VersionedRules.settings(bad, probation: Self.limits))
        #expect(report?.changed == 0 && report?.returned.count == 1)
        #expect(setup.ask(client)?["version"] == "1")
        self.adopt(setup, VersionedRules.provider("3"))
        self.adopt(setup, bad)
        #expect(setup.ask(client)?["version"] == "2")
    }

    @Test("leave in the log which rules the room has gone back to")
    func logged() {
        let setup = self.setup(durability: .strict)
        let client = setup.join()
        self.adopt(setup, VersionedRules.provider("2", failing: ["bad"]))
        setup.say(client, times: 4)
        setup.say(client, "bad", times: 3)
        setup.restart(VersionedRules.settings(VersionedRules.provider("1", onReload: nil)))
        let answer = setup.ask(setup.join())
        #expect(answer?["version"] == "1" && answer?["kept"] == "4")
    }

    @Test("that are replaced again go back one step")
    func again() {
        let setup = self.setup()
        let client = setup.join()
        self.adopt(setup, VersionedRules.provider("2"))
        self.adopt(setup, VersionedRules.provider("3", failing: ["bad"]))
        setup.say(client, "bad", times: 3)
        #expect(setup.ask(client)?["version"] == "2")
    }
}

/// Makes rules for a room once.
private final class OnceProvider: RulesProvider, @unchecked Sendable {
    struct Spent: Error, CustomStringConvertible { let description = "made once" }

    let inner: RulesDoubleProvider
    /// Touched by the thread of the test.
    private var isSpent = false
    var name: String { self.inner.name }
    var version: String { self.inner.version }
    var identity: String { self.inner.identity }

    init(inner: RulesDoubleProvider) { self.inner = inner }

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        if self.isSpent { throw Spent() }
        self.isSpent = true
        return try self.inner.makeRules(for: key)
    }
}
