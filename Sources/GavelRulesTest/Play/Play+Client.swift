internal import GavelScript
internal import GavelSimulation

/// What a client does: `ada:…`.
extension Play {
    func perform(_ call: PlayCall, by client: PlayClient) throws(TestFailure) -> TestAnswer {
        switch call.name {
        case "send": try self.send(call.text, by: client, call)
        case "ask": return .json(try self.ask(call, by: client))
        case "expect", "expect_exactly":
            return .json(try self.expect(of: client, call, at: 0, isExact: call.name == "expect_exactly"))
        case "expect_error": return .json(try self.expectError(of: client, call))
        case "expect_reply":
            let fields = try call.fields(at: 0)
            return .json(try self.expectNext("reply", fields, of: client, call))
        case "expect_none": try self.expectNone(of: client, call)
        case "expect_nothing": try self.expectNothing(of: client, call)
        case "expect_closed": try self.expectClosed(client, call)
        case "read":
            return .json(Array("[\(client.readAll().map(\.received.description).joined(separator: ","))]".utf8))
        case "drop":
            try self.checkConnected(client, call)
            client.drop()
            try self.settle(call)
        case "come_back": return .json(try self.comeBack(client, call))
        case "leave": try self.send(Array(#"{"type":"leave"}"#.utf8), by: client, call)
        default:
            try self.checkConnected(client, call)
            let room = call[0]?.string ?? self.rooms.key
            var fields = call[0]?.members ?? []
            if call[0]?.members == nil { fields = try call.fields(at: 1) }
            client.send(Self.join(room, name: client.name, fields))
            try self.settle(call)
        }
        return .nothing
    }

    private func checkConnected(_ client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        if client.isConnected { return }
        let why = client.closeCode.map { "the relay closed it, with \($0)" } ?? "it was dropped"
        throw call.failure("\(client.label) has no connection: \(why).")
    }

    private func send(_ text: [UInt8], by client: PlayClient, _ call: PlayCall) throws(TestFailure) {
        try self.checkConnected(client, call)
        client.send(try self.message(text, call))
        try self.settle(call)
    }

    /// What is sent: an object with a type, or a text as it is.
    private func message(_ text: [UInt8], _ call: PlayCall) throws(TestFailure) -> String {
        let example = #"ada:\#(call.name) { type = "move", cell = 5 }"#
        if text.first == UInt8(ascii: "\"") { return JSONValue(text)?.string ?? "" }
        guard let message = ReceivedMessage(text: text) else {
            throw call.failure("\(call.name) takes a message: \(example).")
        }
        if message.type.isEmpty { throw call.failure("the message has no type. Write \(example).") }
        let words = String(decoding: text, as: UTF8.self)
        if words.contains("\"\\u0001") {
            throw call.failure("gavel.any and gavel.absent say what is expected; they cannot be sent.")
        }
        return words
    }

    /// Sends with a `ref`, and reads the reply.
    private func ask(_ call: PlayCall, by client: PlayClient) throws(TestFailure) -> [UInt8] {
        let text = try self.message(call.text, call)
        let ref = JSONValue.string("ask-\(client.nextRef())")
        let rest = text.dropFirst()
        try self.checkConnected(client, call)
        client.send(#"{"ref":\#(ref.json),\#(rest)"#)
        try self.settle(call)
        self.checks += 1
        let expectation = Expectation(
            .object([.init(name: "type", value: .string("reply")), .init(name: "ref", value: ref)])
        )
        guard let index = client.unread.firstIndex(where: { expectation.isMet(by: $0.value) }) else {
            throw self.unmet(expectation, by: client, call, "\(client.label) got no reply.")
        }
        return client.read(upTo: index).received.text
    }

    private func comeBack(_ client: PlayClient, _ call: PlayCall) throws(TestFailure) -> [UInt8] {
        guard !client.isConnected else {
            throw call.failure("\(client.label) has a connection. First ada:drop().")
        }
        guard let join = client.resume(with: self.relay.connect()) else {
            throw call.failure(
                "\(client.label) has no session to come back to: it left, was sent away, or joined without one."
            )
        }
        client.send(join)
        try self.settle(call)
        try self.checkJoined(client, call)
        return client.joined?.received.text ?? []
    }
}
