import GavelCore
import GavelTesting
import Testing

/// New rules beside a running room.
@Suite("A shadow")
struct ShadowTests {
    private let key = RoomKey("r")

    /// A room with a shadow on it.
    private final class Shadowed {
        let setup: ReloadSetup
        let feed: ShadowFeed
        let shadow: Shadow
        private let key = RoomKey("r")

        init(_ setup: ReloadSetup, _ provider: any RulesProvider, limitBytes: Int = ShadowFeed.limitBytes) {
            self.setup = setup
            self.feed = ShadowFeed(limitBytes: limitBytes)
            self.shadow = Shadow(provider)
            setup.relay.loops[0].observe(self.key, self.feed)
            setup.settle()
        }

        /// What it has to tell since the last time, a line each.
        func look(isBehind: Bool = false) -> [String] {
            self.feed.take().events.flatMap { self.shadow.take($0, isBehind: isBehind) }.flatMap(self.lines)
        }

        private func lines(_ finding: Shadow.Finding) -> [String] {
            switch finding {
            case .began(let beginning):
                let reload = beginning.reload.map { " \($0.verdict)" } ?? ""
                return ["\(beginning.cause) \(beginning.from ?? "none")>\(beginning.to)\(reload)"]
                    + beginning.changes.map(\.description)
            case .difference(let difference):
                let id = difference.messageID.map { " #\($0)" } ?? ""
                let failure = difference.failure.map { " ! \($0.text)" } ?? ""
                let gone = difference.departures.isEmpty ? "" : " gone \(difference.departures)"
                let kinds = difference.differences.map(\.kind.rawValue)
                let line = "\(difference.kind) \(difference.client)\(id): \(kinds)\(failure)\(gone)"
                return [line] + difference.changes.map(\.description)
            case .same: return ["same"]
            case .ended(let text): return ["ended: \(text)"]
            }
        }
    }

    private static func candidate(
        _ answer: @escaping @Sendable (RulesDouble, RulesDouble.Hook) -> RulesDouble.Answer
    ) -> RulesDoubleProvider {
        RulesDoubleProvider(name: "new.lua", version: "2") { rules, hook, _ in answer(rules, hook) }
    }

    @Test("tells in what it differs from the room, the state from the first message on at which it does")
    func differences() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1", failing: ["bad"])))
        let client = setup.join()
        setup.say(client, times: 2)
        let candidate = Self.candidate { rules, hook in
            switch hook {
            case .reload: return .init(.relay)
            case .message(_, "no", _): return .init(.rejected, payload: #""reason":"no""#)
            case .message(_, "bad", _): return .init(.failed, payload: "new.lua:7: bad")
            case .message(_, "out", _): return .init(.relay, effects: [.kick(1, "")])
            case .message:
                rules.kept = "\((Int(rules.kept) ?? 0) + 1)"
                return .init(.relay)
            default: return .init(.relay)
            }
        }
        let shadowed = Shadowed(setup, candidate)
        #expect(shadowed.look() == ["observed 1>2 relay"])
        _ = client.read()
        setup.say(client, "say", times: 2)
        #expect(shadowed.look() == [])
        setup.say(client, "no")
        #expect(shadowed.look() == ["message 1 #5: [\"refused\"]", #"state: "5" -> "4""#])
        setup.say(client, "say")
        // It differs as before.
        #expect(shadowed.look() == [])
        setup.say(client, "bad")
        #expect(shadowed.look() == [])
        setup.say(client, "out")
        #expect(shadowed.look() == ["message 1 #7: [\"effects\"] gone [1]", "clients[1]: gone: {}"])
        let tally = shadowed.shadow.tally
        #expect(tally.calls == 6 && tally.messages == 6 && tally.different == 2 && tally.failures == 1)
        #expect(tally.kinds == [.refused: 1, .effects: 1, .state: 2] && tally.statePlaces == 2)
        // The room knows nothing of it.
        #expect(client.read().map(\.type) == ["say", "say", "no", "say", "error", "out"])
    }

    @Test("tells what its on_reload makes of what the room keeps, and begins anew when the room reloads")
    func reloads() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let candidate = Self.candidate { rules, hook in
            if case .reload(let from) = hook { rules.kept += "+\(from)" }
            return .init(.relay)
        }
        let shadowed = Shadowed(setup, candidate)
        #expect(shadowed.look() == ["observed 1>2 relay", #"state: "0" -> "0+1""#])
        setup.say(client)
        #expect(shadowed.look() == [])
        _ = setup.adopt(VersionedRules.settings(VersionedRules.provider("3")))
        #expect(shadowed.look() == ["reloaded 3>2 relay", #"state: "1" -> "1+3""#])
    }

    @Test("says why it cannot go on from where the room is")
    func refused() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let shadowed = Shadowed(setup, Self.candidate { _, _ in .init(.failed, payload: "new.lua:3: no") })
        setup.say(client)
        #expect(
            shadowed.look() == [
                #"ended: It cannot go on from where the room is: new.lua:3: no (reload(from: "1"))"#
            ]
        )
        let same = Shadowed(setup, VersionedRules.provider("1"))
        #expect(same.look() == ["same"])
    }

    @Test("compares states now and then while more waits")
    func behind() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let shadowed = Shadowed(setup, Self.candidate { _, _ in .init(.relay) })
        _ = shadowed.look()
        setup.say(client, times: 63)
        #expect(shadowed.look(isBehind: true) == [])
        setup.say(client)
        #expect(shadowed.look(isBehind: true) == ["message 1 #64: []", #"state: "64" -> "0""#])
    }

    @Test("ends when it has spent its budget too often")
    func stops() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let candidate = Self.candidate { rules, hook in
            guard case .message = hook else { return .init(.relay) }
            rules.lastStop = HookStop(budget: .steps, hook: "on_say", file: "new.lua", line: 4, text: "too long")
            return .init(.failed)
        }
        let shadowed = Shadowed(setup, candidate)
        _ = shadowed.look()
        setup.say(client, times: Shadow.mostStops + 5)
        let lines = shadowed.look(isBehind: true)
        #expect(lines.count == Shadow.mostStops + 1)
        #expect(lines.last == "ended: It spent its budget 10 times, at last at new.lua:4: too long")
    }

    @Test("ends when the room's rules are switched off, and cannot begin where they are")
    func switchedOff() {
        let rules = RulesDoubleProvider(name: "count.lua", version: "1") { rules, hook, _ in
            if case .message(_, "off", _) = hook { rules.isSwitchedOff = true }
            return .init(.relay)
        }
        let setup = ReloadSetup(VersionedRules.settings(rules))
        let client = setup.join()
        let candidate = Self.candidate { _, _ in .init(.relay) }
        let shadowed = Shadowed(setup, candidate)
        #expect(shadowed.look() == ["observed 1>2 relay"])
        setup.say(client, "off")
        setup.say(client)
        #expect(shadowed.look() == ["ended: The rules of the room are switched off."])
        #expect(
            Shadowed(setup, candidate).look() == [
                "ended: It cannot go on from where the room is: the rules of the room are switched off."
            ]
        )
    }

    @Test("ends when its rules close the room, and with the room")
    func ends() {
        let rules = VersionedRules.provider("1")
        let setup = ReloadSetup(RelaySettings { _ in RoomPolicy(linger: .zero, rules: rules) })
        let client = setup.join(resume: "false")
        let candidate = Self.candidate { _, hook in
            if case .message = hook { return .init(.relay, effects: [.close("over")]) }
            return .init(.relay)
        }
        let shadowed = Shadowed(setup, candidate)
        _ = shadowed.look()
        setup.say(client)
        #expect(shadowed.look().last == "ended: By its rules the room is closed.")
        client.disconnect(.left)
        setup.settle()
        #expect(shadowed.feed.take().end == .roomEnded)
    }

    @Test("that cannot keep up costs the room no more than its bound, and is told so")
    func overflows() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let shadowed = Shadowed(setup, Self.candidate { _, _ in .init(.relay) }, limitBytes: 8000)
        setup.say(client, times: 100)
        let rest = shadowed.feed.take()
        #expect(rest.events.isEmpty)
        #expect(rest.end == .behind)
        shadowed.feed.end(.dropped)
        #expect(shadowed.feed.take().end == .behind)
    }

    @Test("of a plain relay shows what rules would make of it")
    func plain() {
        let setup = ReloadSetup(RelaySettings { _ in RoomPolicy() })
        let client = setup.join(resume: "false")
        let candidate = Self.candidate { _, hook in
            if case .message = hook { return .init(.rejected) }
            return .init(.relay)
        }
        let shadowed = Shadowed(setup, candidate)
        #expect(shadowed.look() == ["observed none>2"])
        setup.say(client)
        #expect(shadowed.look() == ["message 1 #1: [\"refused\"]"])
    }
}

/// Rules that one room was given for itself.
@Suite("A room that was given rules of its own")
struct PromotionTests {
    private let key = RoomKey("r")
    private let candidate = RulesDoubleProvider(name: "new.lua", version: "2") { rules, hook, _ in
        switch hook {
        case .reload(let from):
            rules.kept += "+\(from)"
            return .init(.relay)
        case .message(_, "what", _):
            return .init(.handled, hasReply: true, payload: #""version":"2","kept":"\#(rules.kept)""#)
        case .message(_, "bad", _): return .init(.failed, payload: #""message":"new.lua:7: bad""#)
        default: return .init(.relay)
        }
    }

    private func setup(probation: ProbationLimits = ProbationLimits()) -> ReloadSetup {
        ReloadSetup(VersionedRules.settings(VersionedRules.provider("1"), probation: probation))
    }

    private func promote(_ setup: ReloadSetup, _ provider: any RulesProvider) -> ReloadReport? {
        defer { setup.settle() }
        return setup.relay.loops[0].promote(self.key, to: provider)
    }

    @Test("keeps them while the others' stay the same, and follows when those change")
    func follows() {
        let setup = self.setup()
        let (client, other) = (setup.join(), setup.join("other"))
        #expect(self.promote(setup, self.candidate)?.changed == 1)
        #expect(setup.ask(client)?["kept"] == "0+1")
        #expect(setup.ask(other)?["version"] == "1")
        #expect(setup.adopt(VersionedRules.settings(VersionedRules.provider("1")))?.unchanged == 2)
        #expect(setup.ask(client)?["version"] == "2")
        let third = VersionedRules.settings(VersionedRules.provider("3"))
        #expect(setup.adopt(third)?.changed == 2)
        #expect(setup.ask(client)?["version"] == "3")
        #expect(setup.adopt(third)?.unchanged == 2)
    }

    @Test("is on probation, and goes back")
    func probation() {
        let setup = self.setup(probation: ProbationLimits(messages: nil, time: .seconds(60), errors: 1))
        let client = setup.join()
        _ = self.promote(setup, self.candidate)
        setup.say(client, "bad")
        #expect(setup.ask(client)?["version"] == "1")
        // It follows as any other from then on.
        #expect(setup.adopt(VersionedRules.settings(VersionedRules.provider("3")))?.changed == 1)
        #expect(setup.ask(client)?["version"] == "3")
    }

    @Test("goes back to them from rules of its kind that fail, and follows when those change again")
    func backToItsOwn() {
        let limits = ProbationLimits(messages: nil, time: .seconds(60), errors: 1)
        let setup = self.setup(probation: limits)
        let client = setup.join()
        _ = self.promote(setup, self.candidate)
        func adopt(_ version: String, failing: Set<String> = []) -> ReloadReport? {
            let provider = VersionedRules.provider(version, failing: failing)
            return setup.adopt(VersionedRules.settings(provider, probation: limits))
        }
        #expect(adopt("3", failing: ["bad"])?.changed == 1)
        setup.say(client, "bad")
        #expect(setup.ask(client)?["version"] == "2")
        let again = adopt("3", failing: ["bad"])
        #expect(again?.unchanged == 1 && again?.returned == [self.key])
        #expect(setup.ask(client)?["version"] == "2")
        let next = adopt("4")
        #expect(next?.changed == 1 && next?.kept == [])
        #expect(setup.ask(client)?["version"] == "4")
        #expect(adopt("5")?.changed == 1)
    }

    @Test("stays as it is where it cannot go on under them")
    func refuses() {
        let setup = self.setup()
        let client = setup.join()
        #expect(self.promote(setup, BrokenProvider())?.refused == 1)
        #expect(setup.ask(client)?["version"] == "1")
        #expect(setup.relay.loops[0].promote(RoomKey("none"), to: self.candidate) == nil)
    }
}
