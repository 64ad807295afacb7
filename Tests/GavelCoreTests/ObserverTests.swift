import GavelCore
import GavelTesting
import Synchronization
import Testing

/// Who looks on at a room.
@Suite("An observer of a room")
struct ObserverTests {
    /// Notes what it is told, a line each.
    private final class Recorder: RulesObserver {
        private let noted = Mutex<[String]>([])
        var lines: [String] { self.noted.withLock { $0 } }

        private func note(_ line: String) { self.noted.withLock { $0.append(line) } }

        func began(_ beginning: RulesBeginning) {
            let copy = beginning.copy.map { String(decoding: $0, as: UTF8.self) } ?? "none"
            let clients = beginning.clients.map(\.id)
            self.note("\(beginning.cause) \(beginning.provider?.version ?? "plain") \(copy) \(clients)")
        }

        func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
            var line = "\(call.kind) \(call.client) \(outcome.verdict)"
            if let message = call.message { line += " " + String(decoding: Array(message.text), as: UTF8.self) }
            if let id = outcome.messageID(of: call) { line += " #\(id)" }
            for index in 0..<outcome.effectCount {
                line += " \(String(decoding: rules.effect(at: index).message, as: UTF8.self))"
            }
            self.note(line)
        }

        func ended(_ key: RoomKey) { self.note("ended \(key)") }
    }

    private let key = RoomKey(bytes: Array("r".utf8))

    private func observe(_ setup: ReloadSetup, _ recorder: Recorder) {
        for loop in setup.relay.loops { loop.observe(self.key, recorder) }
        setup.settle()
    }

    private func unobserve(_ setup: ReloadSetup, _ recorder: Recorder) {
        for loop in setup.relay.loops { loop.unobserve(self.key, recorder) }
        setup.settle()
    }

    @Test("is told each call in the room's order, with what came of it, over reloads, until it looks away")
    func calls() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        setup.say(client, times: 2)
        let recorder = Recorder()
        self.observe(setup, recorder)
        setup.say(client)
        let second = VersionedRules.provider("2", failing: ["bad"]) { rules, from in
            rules.kept += "+"
            return .init(.relay, effects: [.broadcast(#"{"type":"was\#(from)"}"#)])
        }
        let probation = ProbationLimits(messages: nil, time: .seconds(60), errors: 1)
        _ = setup.adopt(VersionedRules.settings(second, probation: probation))
        setup.say(client)
        setup.say(client, "bad")
        client.send(#"{"type":"leave"}"#)
        setup.settle()
        self.unobserve(setup, recorder)
        _ = setup.join()
        #expect(
            recorder.lines == [
                "observed 1 2 [1]",
                #"message 1 relay {"type":"say"} #3"#,
                #"reload 0 relay {"type":"was1"}"#,
                "reloaded 2 3+ [1]",
                #"message 1 relay {"type":"say"} #5"#,
                #"message 1 failed {"type":"bad"}"#,
                "reload 0 relay",
                "rolledBack 1 1 [1]",
                "leave 1 relay",
            ]
        )
    }

    @Test(
        "of a room that is not there is told when it begins, and when it ends",
        arguments: [nil, LogDurability.strict]
    )
    func begins(durability: LogDurability?) {
        var settings = VersionedRules.settings(VersionedRules.provider("1"))
        let rules = VersionedRules.provider("1")
        settings.directory = { _ in RoomPolicy(linger: .zero, rules: rules) }
        let setup = ReloadSetup(settings, durability: durability)
        let recorder = Recorder()
        self.observe(setup, recorder)
        for _ in 0..<2 {
            let client = setup.join(resume: "false")
            client.disconnect(.left)
            setup.settle()
        }
        let life = [
            "created 1  []", "create 0 relay", #"join 1 relay {"type":"join","room":"r","resume":false}"#,
            "leave 1 relay", "close 0 relay", "ended r",
        ]
        #expect(recorder.lines == life + life)
    }

    @Test("of a room that wakes is told with what")
    func wakes() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")), durability: .strict)
        setup.say(setup.join(), times: 2)
        setup.restart(VersionedRules.settings(VersionedRules.provider("2")))
        let recorder = Recorder()
        self.observe(setup, recorder)
        _ = setup.join(resume: "false")
        #expect(recorder.lines.prefix(2) == ["reload 0 relay", "woken 2 2 [1]"])
        for loop in setup.relay.loops { loop.sleep {} }
        setup.settle()
        #expect(recorder.lines.last == "ended r")
    }

    @Test("of a plain relay is told the same, and the room stays one", arguments: [nil, LogDurability.strict])
    func plain(durability: LogDurability?) {
        let settings = RelaySettings { _ in RoomPolicy(resumeGrace: .seconds(60)) }
        let setup = ReloadSetup(settings, durability: durability)
        let client = setup.join()
        let recorder = Recorder()
        self.observe(setup, recorder)
        setup.say(client)
        self.unobserve(setup, recorder)
        setup.say(client)
        #expect(recorder.lines == ["observed plain  [1]", #"message 1 relay {"type":"say"} #1"#])
        #expect(client.read().map(\.type) == ["joined", "say", "say"])
        self.observe(setup, recorder)
        setup.say(client)
        guard durability != nil else { return }
        // What rules of a later time find is not a copy of none.
        setup.restart(VersionedRules.settings(VersionedRules.provider("1")))
        #expect(setup.ask(setup.join())?["kept"] == "0")
    }

    @Test("of several is told as the others are")
    func several() {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        let (first, second) = (Recorder(), Recorder())
        self.observe(setup, first)
        self.observe(setup, second)
        setup.say(client)
        self.unobserve(setup, first)
        setup.say(client)
        #expect(first.lines.count == 2 && second.lines.count == 3)
        #expect(first.lines == Array(second.lines.prefix(2)))
    }
}
