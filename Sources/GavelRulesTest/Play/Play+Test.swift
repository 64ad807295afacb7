internal import GavelCore
internal import GavelScript
internal import GavelSimulation

/// What a test does by itself: `t:…`.
extension Play {
    func perform(_ call: PlayCall) throws(TestFailure) -> TestAnswer {
        switch call.name {
        case "join": return .client(try self.join(call, mustSucceed: true).number)
        case "try_join": return .client(try self.join(call, mustSucceed: false).number)
        case "expect_all": try self.expect(of: self.present, call, at: 0)
        case "expect_others": try self.expectOthers(call)
        case "expect_nothing": for client in self.clients { try self.expectNothing(of: client, call) }
        case "expect_failure": try self.expectFailure(call)
        case "expect_log": try self.expectLog(call)
        case "advance": try self.advance(call)
        case "signal": try self.signal(call)
        case "reload":
            guard let refusal = try self.reload(call) else { break }
            throw call.failure("the new version was refused: \(refusal)")
        case "try_reload":
            self.checks += 1
            let errors = self.log.errors.count
            guard let refusal = try self.reload(call) else { break }
            // The refusal tells that on_reload failed.
            self.log.forgetErrors(after: errors)
            return .json(Array(refusal.quoted.utf8))
        case "room":
            self.roomKeys.append(try call.string(at: 0, example: #"t:room("rps-1")"#))
            return .room(self.roomKeys.count)
        case "read": for client in self.clients { _ = client.readAll() }
        case "equal": try self.equal(call)
        case "assert": self.checks += 1
        default:
            self.checks += 1
            throw call.failure(call[0]?.string ?? "the test says so.")
        }
        return .nothing
    }

    // MARK: Joining

    private func join(_ call: PlayCall, mustSucceed: Bool) throws(TestFailure) -> PlayClient {
        var fields = call[0]?.members ?? []
        var name = ""
        if let text = call[0]?.string {
            name = text
            fields = try call.fields(at: 1)
        } else if call[0] != nil, fields.isEmpty {
            throw call.failure(#"join takes a name: t:join("Ada"), or t:join("Ada", { team = "red" })."#)
        }
        name = fields.first { $0.name == "name" }?.value.string ?? name
        let number = self.clients.count + 1
        let client = PlayClient(number: number, name: name, simulated: self.relay.connect())
        self.clients.append(client)
        client.send(Self.join(self.rooms.key, name: name, fields))
        try self.settle(call)
        if mustSucceed { try self.checkJoined(client, call) }
        return client
    }

    /// Reads the `joined` of a client that was to be let in.
    func checkJoined(_ client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        guard let index = client.unread.firstIndex(where: { $0.received.type == "joined" }) else {
            throw self.unmet(
                Expectation(.object([.init(name: "type", value: .string("joined"))])),
                by: client,
                call,
                "\(client.label) was not let in. Where that is right, write t:try_join and expect_error."
            )
        }
        _ = client.read(upTo: index)
    }

    /// The text of a join, which asks for a session unless its fields say otherwise.
    static func join(_ room: String, name: String, _ fields: [JSONValue.Member]) -> String {
        var members: [JSONValue.Member] = [.init(name: "type", value: .string("join"))]
        let defaults: [JSONValue.Member] = [
            .init(name: "room", value: .string(room)), .init(name: "name", value: .string(name)),
            .init(name: "resume", value: .bool(true)),
        ]
        for member in defaults where !fields.contains(where: { $0.name == member.name }) {
            if member.name != "name" || !name.isEmpty { members.append(member) }
        }
        return JSONValue.object(members + fields.filter { $0.name != "type" }).json
    }

    // MARK: Time and signals

    private func advance(_ call: PlayCall) throws(TestFailure) {
        let duration: Duration
        do {
            duration = try Duration(test: call[0] ?? .null)
        } catch {
            throw call.failure(call[0] == nil ? #"advance takes a time: t:advance("30s")."# : error.text)
        }
        self.passed += duration
        guard self.passed <= .seconds(7 * 86_400) else { throw call.failure("a test can let a week pass, no more.") }
        guard self.relay.pass(duration, atMost: Self.mostSteps) else { throw self.endless(call) }
        try self.settle(call)
    }

    private func signal(_ call: PlayCall) throws(TestFailure) {
        let name = try call.string(at: 0, example: #"t:signal("over", { winner = "Ada" })"#)
        let signal = Signal(
            key: RoomKey(self.rooms.key),
            source: RoomKey(call[2]?.string ?? "another-room"),
            name: Array(name.utf8),
            data: call[1].map { Array($0.json.utf8) } ?? []
        )
        self.relay.loops[0].send(signal)
        try self.settle(call)
    }

    // MARK: Checks

    private func expectFailure(_ call: PlayCall) throws(TestFailure) {
        self.checks += 1
        let word = call[0]?.string ?? ""
        guard !self.log.takeError(containing: word) else { return }
        let what = word.isEmpty ? "no hook of the rules has failed." : "no hook has failed with \(word.quoted)."
        throw call.failure(what)
    }

    private func expectLog(_ call: PlayCall) throws(TestFailure) {
        self.checks += 1
        let word = try call.string(at: 0, example: #"t:expect_log("the door is open")"#)
        guard !self.log.lines.contains(where: { $0.contains(word) }) else { return }
        throw call.failure("the rules have not logged \(word.quoted).")
    }

    private func equal(_ call: PlayCall) throws(TestFailure) {
        self.checks += 1
        let actual = call.arguments.first ?? .null
        let expected = call.arguments.count > 1 ? call.arguments[1] : .null
        guard !Expectation(expected, isExact: true).isMet(by: actual) else { return }
        var failure = call.failure("the two are not the same.")
        failure.comparison = TestFailure.Comparison(
            expectation: Expectation(expected, isExact: true),
            actual: actual
        )
        throw failure
    }
}
