import GavelCore
import GavelTesting
import Synchronization
import Testing

/// Rooms that the log kept, under rules of another version.
@Suite("A room that wakes under other rules")
struct WakeTests {
    private func settings(_ rules: any RulesProvider) -> RelaySettings { VersionedRules.settings(rules) }

    private func setup(_ durability: LogDurability) -> ReloadSetup {
        let setup = ReloadSetup(self.settings(VersionedRules.provider("1")), durability: durability)
        let client = setup.join()
        setup.say(client, times: 3)
        return setup
    }

    @Test("hands what was kept to on_reload, once", arguments: [LogDurability.strict, .relaxed])
    func reloads(durability: LogDurability) {
        let setup = self.setup(durability)
        let second = VersionedRules.provider("2") { rules, from in
            rules.kept += "0"
            return .init(.relay, effects: [.broadcast(#"{"type":"was\#(from)"}"#)])
        }
        setup.restart(self.settings(second))
        let client = setup.join()
        #expect(setup.ask(client)?["kept"] == "30")
        client.disconnect(.lost)
        setup.restart(self.settings(second))
        let answer = setup.ask(setup.join())
        #expect(answer?["kept"] == "30" && answer?["version"] == "2")
    }

    @Test("knows the last number that was given as its rules take over, or begin")
    func lastNumber() {
        let rules = RulesDoubleProvider(name: "count.lua", version: "2") { rules, hook, context in
            switch hook {
            case .reload, .create: rules.kept = "at \(context.lastID)"
            case .message: return .init(.handled, hasReply: true, payload: #""kept":"\#(rules.kept)""#)
            default: break
            }
            return .init(.relay)
        }
        let reloaded = self.setup(.strict)
        reloaded.restart(self.settings(rules))
        #expect(reloaded.ask(reloaded.join())?["kept"] == "at 3")

        let plain = ReloadSetup(RelaySettings { _ in RoomPolicy(resumeGrace: .seconds(60)) }, durability: .strict)
        plain.say(plain.join(), times: 2)
        plain.restart(self.settings(rules))
        #expect(plain.ask(plain.join())?["kept"] == "at 2")
    }

    @Test("stays as it is kept where that fails: joins are refused, and it is said why", arguments: [1, 3])
    func refuses(loops: Int) {
        let setup = self.setup(.strict)
        setup.restart(self.settings(VersionedRules.provider("2", onReload: nil)))
        for _ in 0..<2 { #expect(setup.join().read().map { $0["code"] } == ["unavailable"]) }
        guard case .wakeRefused(_, "1", "2", let text)? = setup.relay.events.first else {
            Issue.record("\(setup.relay.events)")
            return
        }
        #expect(text.hasPrefix("count.lua:1: no"))
        #expect(setup.relay.events.count == 1)
        // The next good version finds all of it, in the relay that runs.
        #expect(setup.adopt(self.settings(VersionedRules.provider("3")))?.refused == 0)
        let answer = setup.ask(setup.join())
        #expect(answer?["version"] == "3" && answer?["kept"] == "3")
    }

    @Test("that cannot asks the log now and then only, whoever joins, and is told of once a minute for each version")
    func refusesMany() {
        let setup = self.setup(.strict)
        func version(_ name: String) -> RelaySettings { self.settings(VersionedRules.provider(name, onReload: nil)) }
        setup.restart(version("2"))
        let calls = Calls()
        setup.log!.setFault { calls.note($0) }
        func joinMany() { for _ in 0..<20 { #expect(setup.join().read().map { $0["code"] } == ["unavailable"]) } }
        joinMany()
        #expect(calls.openings == 1 && calls.all <= 2 && setup.relay.events.count == 1)
        setup.relay.pass(.seconds(6))
        #expect(setup.relay.roomCount == 0)
        joinMany()
        #expect(calls.openings == 2 && setup.relay.events.count == 1)
        setup.relay.pass(.seconds(60))
        joinMany()
        #expect(calls.openings == 3 && setup.relay.events.count == 2)
        _ = setup.adopt(version("3"))
        joinMany()
        #expect(calls.openings == 4 && setup.relay.events.count == 3)
    }

    @Test("keeps its epoch over a wake that failed, where it slept", arguments: [LogDurability.strict, .relaxed])
    func keepsEpoch(durability: LogDurability) {
        let setup = ReloadSetup(self.settings(VersionedRules.provider("1")), durability: durability)
        let client = setup.join()
        let epoch = client.read()[0]["epoch"]
        for loop in setup.relay.loops { loop.sleep {} }
        setup.settle()
        setup.restart(self.settings(VersionedRules.provider("2", onReload: nil)))
        #expect(setup.join().read().map { $0["code"] } == ["unavailable"])
        setup.restart(self.settings(VersionedRules.provider("3")))
        #expect(setup.join().read()[0]["epoch"] == epoch)
    }

    @Test("of which an older log does not say what rules it had goes on without on_reload")
    func unknownVersion() {
        let setup = ReloadSetup(self.settings(VersionedRules.provider("2", onReload: nil)), durability: .strict)
        let key = RoomKey(bytes: Array("r".utf8))
        setup.log!.open(key, life: 1 << 40, history: HistoryLimits()) { _ in }
        // The last client id given; then a copy of the rules.
        let copy: [UInt8] = [10, 4, 9, 2] + Array("42".utf8)
        let entry = LogEntry(.tick, key: key, life: 1 << 40, epoch: Array("old".utf8), lastID: 0, copy: copy)
        setup.log!.append([entry]) { #expect($0.isEmpty) }
        setup.log!.deliverAll()
        let client = setup.join()
        #expect(client.read()[0][number: "client_id"] == 5)
        #expect(setup.ask(client)?["kept"] == "42")
    }
}

/// What a log was asked.
private final class Calls: Sendable {
    private let counts = Mutex((all: 0, openings: 0))

    var all: Int { self.counts.withLock { $0.all } }
    var openings: Int { self.counts.withLock { $0.openings } }

    func note(_ operation: MemoryMessageLog.Operation) -> MessageLogError? {
        self.counts.withLock { counts in
            counts.all += 1
            if case .open = operation { counts.openings += 1 }
        }
        return nil
    }
}
