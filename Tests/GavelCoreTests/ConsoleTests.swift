import GavelCore
import GavelTesting
import Testing

/// What somebody types into a running room.
@Suite("A console")
struct ConsoleTests {
    private let key = RoomKey("r")
    private let clock = ManualClock()

    private func message(_ text: String, from client: ClientID = 1) -> ConsoleInput {
        .message(Array(text.utf8), from: client)
    }

    private func attempt(_ setup: ReloadSetup, _ input: ConsoleInput) throws -> ConsoleResult {
        let beginning = try #require(setup.relay.loops[0].beginning(of: self.key))
        let provider = try #require(beginning.provider)
        return try ConsoleTrial.run(input, on: beginning, by: provider, depth: 32)
    }

    private func commit(_ setup: ReloadSetup, _ input: ConsoleInput) throws -> ConsoleResult? {
        defer { setup.settle() }
        return try setup.relay.loops[0].commit(input, to: self.key)?.get()
    }

    @Test("shows what a message would do, and the room hears nothing")
    func trial() throws {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        let client = setup.join()
        setup.say(client, times: 2)
        _ = client.read()
        let result = try self.attempt(setup, self.message(#"{"type":"say"}"#))
        #expect(result.answer.verdict == .relay)
        #expect(result.messageID == 3)
        #expect(result.changes.map(\.description) == [#"state: "2" -> "3""#])
        setup.settle()
        #expect(client.read().isEmpty)
        #expect(setup.ask(client)?["kept"] == "2")
        #expect(try self.attempt(setup, .evaluate(Array("x".utf8))).answer.payload == Array("x".utf8))
    }

    @Test("shows what hooks do of clients that the message sends away")
    func departures() throws {
        let rules = RulesDoubleProvider { rules, hook, _ in
            switch hook {
            case .message: .init(.relay, effects: [.kick(2, "out")])
            case .leave(let client, _): .init(.relay, effects: [.broadcast(#"{"type":"bye\#(client)"}"#)])
            default: .init(.relay)
            }
        }
        let setup = ReloadSetup(VersionedRules.settings(rules))
        _ = setup.join()
        _ = setup.join()
        let result = try self.attempt(setup, self.message(#"{"type":"say"}"#))
        #expect(result.departures.map(\.client) == [2])
        #expect(result.departures.first?.answer.effects.first?.kind == .broadcast)
        #expect(result.changes.map(\.path) == ["clients[2]"])
    }

    @Test("does a message for real when told to: it is numbered, and its sender is answered")
    func commitsMessage() throws {
        let setup = ReloadSetup(
            VersionedRules.settings(VersionedRules.provider("1", failing: ["bad"])),
            durability: .strict
        )
        let client = setup.join()
        _ = client.read()
        let result = try #require(try self.commit(setup, self.message(#"{"type":"say","msg_id":9}"#)))
        #expect(result.messageID == 1)
        #expect(result.changes.map(\.description) == [#"state: "0" -> "1""#])
        let said = client.read()
        #expect(said.map(\.type) == ["say"])
        #expect(said.first?[number: "msg_id"] == 1)
        #expect(try self.commit(setup, self.message(#"{"type":"bad"}"#))?.answer.verdict == .failed)
        #expect(client.read().map(\.type) == ["error"])
        // The log has it too.
        setup.restart(VersionedRules.settings(VersionedRules.provider("1")))
        #expect(setup.ask(setup.join())?["kept"] == "1")
    }

    @Test("does for real what is typed in the rules' language, and those who look on see it")
    func commitsEvaluation() throws {
        let setup = ReloadSetup(VersionedRules.settings(ConsoleProvider()))
        let client = setup.join()
        _ = client.read()
        let feed = ShadowFeed()
        setup.relay.loops[0].observe(self.key, feed)
        let result = try #require(try self.commit(setup, .evaluate(Array("room.state = 5".utf8))))
        #expect(result.answer.payload == Array("done".utf8))
        #expect(result.changes.map(\.description) == [#"state: "" -> "room.state = 5""#])
        #expect(client.read().map(\.type) == ["typed"])
        let kinds = feed.take().events.compactMap { event -> RulesCall.Kind? in
            if case .call(let call) = event { return call.kind } else { return nil }
        }
        #expect(kinds == [.evaluate])
    }

    @Test(
        "refuses what cannot be sent",
        arguments: [
            (#"{"type":"say"}"#, 7, "There is no client 7 in the room."),
            (#"{"type":"join"}"#, 1, "That type belongs to the relay."),
            (#"{"type":1}"#, 1, "A message has a type, a string that is not empty."),
            ("{", 1, "This is not JSON."),
            ("", 1, "This is not JSON."),
        ] as [(String, ClientID, String)]
    )
    func refuses(text: String, client: ClientID, reason: String) {
        let setup = ReloadSetup(VersionedRules.settings(VersionedRules.provider("1")))
        _ = setup.join()
        #expect(throws: ConsoleRefusal(reason)) { try self.attempt(setup, self.message(text, from: client)) }
        #expect(throws: ConsoleRefusal(reason)) { try self.commit(setup, self.message(text, from: client)) }
    }

    @Test("tries no message on rules that are switched off, as the room would hear none; what is typed runs there")
    func switchedOff() throws {
        let rules = RulesDoubleProvider { rules, hook, _ in
            if case .message(_, "off", _) = hook { rules.isSwitchedOff = true }
            return .init(.relay)
        }
        let setup = ReloadSetup(VersionedRules.settings(rules))
        setup.say(setup.join(), "off")
        #expect(throws: ConsoleRefusal("The room cannot be copied: the rules of the room are switched off.")) {
            try self.attempt(setup, self.message(#"{"type":"say"}"#))
        }
        #expect(try self.attempt(setup, .evaluate(Array("x".utf8))).answer.payload == Array("x".utf8))
    }

    @Test("sends nothing for a client that is away, and nothing too large")
    func limits() {
        var settings = VersionedRules.settings(VersionedRules.provider("1"))
        let rules = VersionedRules.provider("1")
        settings.directory = { _ in RoomPolicy(messageBytes: 20, resumeGrace: .seconds(60), rules: rules) }
        let setup = ReloadSetup(settings)
        let client = setup.join()
        #expect(throws: ConsoleRefusal("A message has at most 20 bytes in this room.")) {
            try self.commit(setup, self.message(#"{"type":"say","long":1}"#))
        }
        client.disconnect(.lost)
        setup.settle()
        #expect(throws: ConsoleRefusal("Client 1 is away.")) {
            try self.commit(setup, self.message(#"{"type":"say"}"#))
        }
    }

    @Test("finds no room that is not there, and no rules where there are none")
    func nothing() throws {
        let setup = ReloadSetup(RelaySettings { _ in RoomPolicy() })
        #expect(setup.relay.loops[0].beginning(of: self.key) == nil)
        #expect(try self.commit(setup, .evaluate([])) == nil)
        _ = setup.join(resume: "false")
        #expect(throws: ConsoleRefusal("The room has no rules.")) { try self.commit(setup, .evaluate([])) }
    }
}

/// Rules that keep what is typed.
private struct ConsoleProvider: RulesProvider {
    let name = "typed.lua"
    let version = "1"
    let identity = "1"

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        let rules = RulesDouble { _, _, _ in .init(.relay) }
        rules.console = { [unowned rules] text in
            rules.kept = text
            return .init(.handled, payload: "done", effects: [.broadcast(#"{"type":"typed"}"#)])
        }
        return rules
    }
}
