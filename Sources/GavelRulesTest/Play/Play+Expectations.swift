internal import GavelScript
internal import GavelSimulation

/// What a test expects its clients to have received.
extension Play {
    /// Finds the first unread message that is as expected, and reads up to it.
    func expect(of client: PlayClient, _ call: PlayCall, at index: Int, isExact: Bool) throws(TestFailure) -> [UInt8] {
        let expectation = Expectation(try self.expected(call, at: index), isExact: isExact)
        self.checks += 1
        if isExact {
            let next = client.unread.firstIndex { !["client_joined", "client_left"].contains($0.received.type) }
            guard let next, expectation.isMet(by: client.unread[next].value) else {
                throw self.unmet(expectation, by: client, call, "\(client.label) was not sent exactly this.", next)
            }
            return client.read(upTo: next).received.text
        }
        guard let found = client.unread.firstIndex(where: { expectation.isMet(by: $0.value) }) else {
            throw self.unmet(expectation, by: client, call, "\(client.label) was not sent this.")
        }
        return client.read(upTo: found).received.text
    }

    func expect(of clients: [PlayClient], _ call: PlayCall, at index: Int) throws(TestFailure) {
        guard !clients.isEmpty else { throw call.failure("there is nobody in the room who could receive it.") }
        for client in clients { _ = try self.expect(of: client, call, at: index, isExact: false) }
    }

    func expectOthers(_ call: PlayCall) throws(TestFailure) {
        guard let one = call.client(at: 0) else {
            throw call.failure(#"expect_others takes a client and a message: t:expect_others(ada, { type = "move" })."#)
        }
        try self.expect(of: self.present.filter { $0.number != one }, call, at: 1)
    }

    private func expected(_ call: PlayCall, at index: Int) throws(TestFailure) -> JSONValue {
        let before = call.name == "expect_others" ? "t:expect_others(ada, " : "ada:\(call.name) "
        let example = #"\#(before){ type = "move", cell = 5 }\#(call.name == "expect_others" ? ")" : "")"#
        let value = try call.table(at: index, example: example)
        if value["type"] == nil {
            throw call.failure("what is expected has no type. Write \(example).")
        }
        return value
    }

    /// The next error: its code, or the reason of a reject.
    func expectError(of client: PlayClient, _ call: PlayCall) throws(TestFailure) -> [UInt8] {
        let code = try call.string(at: 0, example: #"ada:expect_error("not_your_turn")"#)
        let next = client.unread.first { $0.received.type == "error" }
        let isReason = next?.received["code"] == "rejected"
        let fields = try call.fields(at: 1)
        return try self.expectNext(
            "error",
            [.init(name: isReason && code != "rejected" ? "reason" : "code", value: .string(code))] + fields,
            of: client,
            call
        )
    }

    /// The next message of a type must have the fields.
    func expectNext(
        _ type: String,
        _ fields: [JSONValue.Member],
        of client: PlayClient,
        _ call: PlayCall
    ) throws(TestFailure) -> [UInt8] {
        self.checks += 1
        let expectation = Expectation(.object([.init(name: "type", value: .string(type))] + fields))
        let index = client.unread.firstIndex { $0.received.type == type }
        guard let index, expectation.isMet(by: client.unread[index].value) else {
            throw self.unmet(expectation, by: client, call, "\(client.label) was not sent this \(type).", index)
        }
        return client.read(upTo: index).received.text
    }

    func expectNone(of client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        let expectation = Expectation(try self.expected(call, at: 0))
        self.checks += 1
        guard let index = client.unread.firstIndex(where: { expectation.isMet(by: $0.value) }) else { return }
        throw self.unmet(expectation, by: client, call, "\(client.label) was sent this, and should not be.", index)
    }

    func expectNothing(of client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        self.checks += 1
        guard !client.news.isEmpty else {
            _ = client.readAll()
            return
        }
        var failure = call.failure("\(client.label) was sent what nobody expected.")
        failure.receiver = client.label
        failure.unread = client.news.map(\.received.description)
        throw failure
    }

    func expectClosed(_ client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        self.checks += 1
        let wanted = call[0]?.integer
        guard let code = client.closeCode else {
            throw call.failure("the connection of \(client.label) is \(client.isConnected ? "open" : "dropped").")
        }
        guard wanted ?? Int(code) == Int(code) else {
            throw call.failure("the connection of \(client.label) was closed with \(code), not \(wanted ?? 0).")
        }
    }

    /// An expectation that is not met, beside the message that comes nearest to it.
    /// - Parameter index: Of the unread message that it was held against; `nil`: the nearest.
    func unmet(
        _ expectation: Expectation,
        by client: PlayClient,
        _ call: PlayCall,
        _ text: String,
        _ index: Int? = nil
    ) -> TestFailure {
        var failure = call.failure(text)
        let values = client.unread.map(\.value)
        let nearest = index ?? Self.nearest(to: expectation, among: values)
        failure.comparison = TestFailure.Comparison(
            expectation: expectation,
            actual: nearest.map { values[$0] }
        )
        failure.receiver = client.label
        failure.unread = client.unread.indices.filter { $0 != nearest }.map { client.unread[$0].received.description }
        return failure
    }

    /// Of the same type, then with the most members as expected; the earliest of equals.
    private static func nearest(to expectation: Expectation, among values: [JSONValue]) -> Int? {
        let members = expectation.value.members ?? []
        func score(_ value: JSONValue) -> Int {
            members.reduce(0) { sum, member in
                let isMet = expectation.isMet(member: member.name, by: value[member.name])
                return sum + (isMet ? (member.name == "type" ? 100 : 1) : 0)
            }
        }
        let scores = values.map(score)
        guard let best = scores.max() else { return nil }
        return scores.firstIndex(of: best)
    }
}
