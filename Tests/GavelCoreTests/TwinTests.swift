import GavelCore
import GavelTesting
import Testing

/// Rules beside those of a room, asked the same.
@Suite("A twin of a room's rules")
struct TwinTests {
    /// Lets a twin follow the room, and notes in what it differs, a line each.
    private final class Follower: RulesObserver {
        private struct State: ~Copyable {
            var twin: RulesTwin?
            var due: Int64?
            var lines: [String] = []
        }

        private let provider: any RulesProvider
        // Confined to the one loop of the test.
        private nonisolated(unsafe) var state = State()

        init(_ provider: any RulesProvider) { self.provider = provider }

        var lines: [String] { self.state.lines }
        var twin: RulesTwin? { self.state.twin }

        func began(_ beginning: RulesBeginning) {
            do {
                self.state.twin = try RulesTwin(beginning, of: self.provider)
            } catch {
                self.state.lines.append(error.text)
            }
        }

        func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
            let answer = RulesAnswer(outcome, by: rules)
            defer { self.state.due = answer.nextTimer }
            guard let step = self.state.twin?.follow(call, answered: answer, due: self.state.due) else { return }
            for _ in step.ownTimers { self.state.lines.append("own timer") }
            for difference in step.answer.map({ answer.differences(to: $0) }) ?? [] {
                self.state.lines.append("\(call.kind) \(difference.kind): \(difference.before) -> \(difference.now)")
            }
            for departure in step.departures { self.state.lines.append("\(departure.client) leaves") }
            if step.answer == nil { self.state.lines.append("\(call.kind) passed over") }
        }
    }

    private let key = RoomKey("r")

    private func follow(_ setup: ReloadSetup, _ provider: any RulesProvider) -> Follower {
        let follower = Follower(provider)
        for loop in setup.relay.loops { loop.observe(self.key, follower) }
        setup.settle()
        return follower
    }

    @Test("of the same version answers the same, from the midst of the room's life on")
    func same() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        setup.say(client, times: 2)
        let follower = self.follow(setup, VersionedRules.provider("1"))
        setup.say(client, "later")
        setup.relay.pass(.seconds(2))
        setup.settle()
        setup.say(setup.join(), times: 3)
        _ = setup.ask(client)
        #expect(follower.lines.isEmpty)
        #expect(follower.twin?.rules.copy() == Array("6".utf8))
    }

    @Test("of another version runs its on_reload, and differs where it decides otherwise")
    func other() {
        let other = RulesDoubleProvider(name: "count.lua", version: "2") { rules, hook, _ in
            switch hook {
            case .reload(let from):
                rules.kept += "+\(from)"
                return .init(.relay)
            case .message(_, "bad", _): return .init(.relay)
            case .message(_, "say", _): return .init(.changed, payload: #"{"type":"said"}"#)
            case .message(_, "what", _): return .init(.rejected, payload: #""reason":"no""#)
            case .message(_, "more", _): return .init(.relay, effects: [.broadcast(#"{"type":"x"}"#), .lock])
            default: return .init(.relay)
            }
        }
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1", failing: ["bad"])))
        let client = setup.join()
        let follower = self.follow(setup, other)
        for type in ["say", "bad", "what", "more", "same"] { setup.say(client, type) }
        #expect(
            follower.lines == [
                #"message transformed: relayed as it was sent -> relayed as {"type":"said"}"#,
                #"message accepted: failed {"message":"count.lua:5: bad"} -> relayed as it was sent"#,
                #"message refused: replied {"version":"1","kept":"1","clients":"[1]","connected":"[1]"} -> "#
                    + #"rejected {"reason":"no"}"#,
                "message effects: nothing -> broadcast {\"type\":\"x\"}\nlock",
            ]
        )
        #expect(follower.twin?.rules.copy() == Array("0+1".utf8))
    }

    @Test("that cannot take over says why", arguments: [true, false])
    func refuses(strands: Bool) {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        _ = setup.join()
        let other = RulesDoubleProvider(name: "count.lua", version: "2") { rules, hook, _ in
            .init(.failed, payload: "count.lua:3: no")
        }
        let stranded = StrandedProvider()
        let follower = self.follow(setup, strands ? stranded : other)
        #expect(
            follower.lines == [
                strands
                    ? #"The timer "turn" is running, and there is no rules.timers.turn. "#
                        + "Keep it, or cancel the timer first."
                    : #"count.lua:3: no (reload(from: "1"))"#
            ]
        )
    }

    @Test("lets those leave whom it alone admits or sends away, and passes over what they do")
    func clients() {
        let other = RulesDoubleProvider(name: "count.lua", version: "2") { _, hook, _ in
            switch hook {
            case .join(2, _, _): .init(.rejected)
            case .message(1, "out", _): .init(.relay, effects: [.kick(1, "out")])
            default: .init(.relay)
            }
        }
        let first = RulesDoubleProvider(name: "count.lua", version: "1") { rules, hook, _ in
            if case .join(3, _, _) = hook { return .init(.rejected) }
            return .init(.relay)
        }
        let setup = ReloadSetup(VersionedRules.settings(first))
        let client = setup.join()
        let follower = self.follow(setup, other)
        setup.say(setup.join())
        _ = setup.join()
        setup.say(client, "out")
        setup.say(client)
        #expect(
            follower.lines == [
                "join refused: relayed as it was sent -> rejected",
                "message passed over",
                "join accepted: rejected -> relayed as it was sent",
                "3 leaves",
                "message effects: nothing -> kick 1: out",
                "1 leaves",
                "message passed over",
            ]
        )
    }

    @Test("runs timers of its own when they are due, and those of both when the room does")
    func timers() {
        let other = RulesDoubleProvider(name: "count.lua", version: "2") { rules, hook, context in
            if case .message(_, "later", _) = hook { rules.nextTimer = context.uptimeMilliseconds + 400 }
            return .init(.relay)
        }
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let follower = self.follow(setup, other)
        setup.say(client, "later")
        setup.clock.advance(by: .milliseconds(500))
        setup.say(client)
        #expect(follower.lines == ["own timer"])
        setup.relay.pass(.milliseconds(600))
        setup.settle()
        #expect(follower.lines == ["own timer", "timer passed over"])
    }
}

/// Rules that have no function for a timer that runs.
private struct StrandedProvider: RulesProvider {
    let name = "count.lua"
    let version = "3"
    let identity = "3"

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        let rules = RulesDouble { _, _, _ in .init(.relay) }
        rules.strandedTimers = ["turn"]
        return rules
    }
}
