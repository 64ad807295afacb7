import GavelCore
import GavelTesting
import Testing

/// The protocol as one connection meets it, over a relay of one loop.
@Suite("A connection")
struct ConnectionTests {
    private func relay(_ limits: RelayLimits = RelayLimits(), _ policy: RoomPolicy = RoomPolicy()) -> SimulatedRelay {
        SimulatedRelay(loops: 1, seed: 7, limits: limits, directory: { key in key.bytes == [0x21] ? nil : policy })
    }

    private func joined(_ relay: SimulatedRelay, _ room: String = "r", name: String? = nil) -> SimulatedClient {
        let client = relay.connect()
        client.send(#"{"type":"join","room":"\#(room)"\#(name.map { #","name":"\#($0)""# } ?? "")}"#)
        relay.settle()
        return client
    }

    @Test("is told that it joined before any message of the room, with the last number given")
    func join() {
        let relay = self.relay()
        let first = self.joined(relay)
        first.send(#"{"type":"say"}"#)
        let second = relay.connect()
        second.send(#"{"type":"join","room":"r","ref":"a"}"#)
        second.send(#"{"type":"say","n":2}"#)
        relay.settle()
        #expect(
            first.read().map(\.description).dropFirst() == [
                #"{"type":"say","client_id":1,"msg_id":1}"#, #"{"type":"say","n":2,"client_id":2,"msg_id":2}"#,
            ]
        )
        let messages = second.read()
        #expect(messages.map(\.type) == ["joined", "say"])
        #expect(messages[0][number: "client_id"] == 2)
        #expect(messages[0][number: "msg_id"] == 1)
        #expect(messages[0]["room"] == "r")
        #expect(messages[0]["ref"] == "a")
        #expect(messages[0]["epoch"]?.count == 16)
        #expect(messages[1][number: "msg_id"] == 2)
    }

    @Test("that joins again first leaves the old room, whatever the new one says")
    func secondJoin() {
        let relay = self.relay()
        let client = self.joined(relay, "a")
        client.send(#"{"type":"join","room":"b"}"#)
        client.send(#"{"type":"say"}"#)
        relay.settle()
        client.pump()
        relay.settle()
        #expect(client.read().map(\.type) == ["joined", "left", "joined", "say"])
        client.send(#"{"type":"join","room":"!"}"#)
        relay.settle()
        client.send(#"{"type":"say"}"#)
        let messages = client.read()
        #expect(messages.map(\.type) == ["left", "error", "error"])
        #expect(messages.map { $0["code"] } == [nil, "forbidden", "not_joined"])
    }

    @Test("that joins the same room again leaves it first and gets a new id")
    func joinSameRoom() {
        let relay = self.relay()
        let client = self.joined(relay)
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type) == ["joined", "left", "joined"])
        #expect(messages.compactMap { $0[number: "client_id"] } == [1, 1, 2])
    }

    @Test("whose second join is malformed stays where it is")
    func malformedSecondJoin() {
        let relay = self.relay()
        let client = self.joined(relay)
        client.send(#"{"type":"join","room":7}"#)
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["joined", "error", "say"])
    }

    @Test("that leaves is told so, once, and nothing of the room follows")
    func leave() {
        let relay = self.relay()
        let client = self.joined(relay)
        let other = self.joined(relay)
        client.send(#"{"type":"leave","ref":5}"#)
        other.send(#"{"type":"say"}"#)
        relay.settle()
        client.send(#"{"type":"leave"}"#)
        let messages = client.read()
        #expect(messages.map(\.type) == ["joined", "left", "error"])
        #expect(messages[1]["reason"] == "left")
        #expect(messages[1][number: "ref"] == 5)
        #expect(messages[1][number: "client_id"] == 1)
        #expect(messages[2]["code"] == "not_joined")
    }

    @Test(
        "answers what is wrong with one error and stays",
        arguments: [
            ("", "bad_json"), ("{", "bad_json"), ("[1]", "bad_message"), ("7", "bad_message"),
            (#"{"a":1}"#, "bad_message"), (#"{"type":""}"#, "bad_message"), (#"{"type":7}"#, "bad_message"),
            (#"{"type":"say","type":"say"}"#, "bad_message"), (#"{"type":"say","ty\u0070e":"x"}"#, "bad_message"),
            (#"{"type":"say","ref":1.5}"#, "bad_message"), (#"{"type":"say","ref":null}"#, "bad_message"),
            (#"{"type":"say","ref":"\#(String(repeating: "r", count: 65))"}"#, "bad_message"),
            (#"{"type":"say","ref":1,"ref":2}"#, "bad_message"), (#"{"type":"join"}"#, "bad_message"),
            (#"{"type":"join","room":""}"#, "bad_message"), (#"{"type":"join","room":"a\u0000"}"#, "bad_message"),
            (#"{"type":"join","room":"\#(String(repeating: "é", count: 65))"}"#, "bad_message"),
            (#"{"type":"join","room":"a","name":3}"#, "bad_message"),
            (#"{"type":"join","room":"a","name":"\#(String(repeating: "n", count: 65))"}"#, "bad_message"),
            (
                #"{"type":"say","x":\#(String(repeating: "[", count: 40))\#(String(repeating: "]", count: 40))}"#,
                "bad_message"
            ),
            (#"{"type":"joined"}"#, "reserved_type"), (#"{"type":"gavel.kick"}"#, "reserved_type"),
            (#"{"type":"client\u005fleft"}"#, "reserved_type"), (#"{"type":"error"}"#, "reserved_type"),
        ]
    )
    func errors(text: String, code: String) {
        let relay = self.relay()
        let client = self.joined(relay)
        client.send(text)
        client.send(#"{"type":"say","ok":1}"#)
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type).sorted() == ["error", "joined", "say"])
        let error = messages.first { $0.type == "error" }
        #expect(error?["code"] == code)
        #expect(error?[number: "client_id"] == 1)
        #expect(messages.first { $0.type == "say" }?[number: "msg_id"] == 1)
    }

    @Test("gets ref and type back in an error, and a message of many words")
    func errorReference() {
        let relay = self.relay()
        let client = relay.connect()
        client.send(#"{"type":"move","ref":"m-1"}"#)
        let error = client.read()[0]
        #expect(
            error.description
                == #"{"type":"error","client_id":0,"code":"not_joined","message":"Join a room first.","to":"move","ref":"m-1","temporary":false}"#
        )
    }

    @Test("cannot forge client_id or msg_id, however written")
    func forgery() {
        let relay = self.relay()
        let client = self.joined(relay)
        _ = client.read()
        for text in [
            #"{"client_id":9,"type":"say"}"#, #"{"type":"say","msg_id":9}"#,
            #"{"type":"say","client\u005fid":9,"\u006dsg_id":{"a":[1]},"client_id":8}"#,
        ] {
            client.send(text)
        }
        relay.settle()
        #expect(
            client.read().map(\.description) == (1...3).map { #"{"type":"say","client_id":1,"msg_id":\#($0)}"# }
        )
    }

    @Test("is answered gavel.pong, joined or not")
    func ping() {
        let relay = self.relay()
        let client = relay.connect()
        client.send(#"{"type":"gavel.ping","ref":1}"#)
        #expect(client.read().map(\.description) == [#"{"type":"gavel.pong","ref":1}"#])
    }

    @Test("is closed with 4503 after too many malformed messages in a minute, and not when they are spread")
    func badMessages() {
        var limits = RelayLimits()
        limits.badMessages = 3
        limits.joinTimeout = nil
        let relay = self.relay(limits)
        let patient = relay.connect()
        for _ in 0..<3 {
            for _ in 0..<3 { patient.send("{") }
            relay.pass(.seconds(61))
        }
        #expect(patient.isOpen)
        let client = relay.connect()
        for _ in 0..<4 { client.send("{") }
        #expect(client.outlet.closed?.code == .badMessages)
        #expect(client.read().count == 4)
        #expect(client.closeCodes == [4503])
    }

    @Test("is closed with 4007 when it does not join in time")
    func joinTimeout() {
        var limits = RelayLimits()
        limits.joinTimeout = .seconds(5)
        let relay = self.relay(limits)
        let idle = relay.connect()
        let member = self.joined(relay)
        relay.pass(.seconds(4))
        #expect(idle.isOpen)
        relay.pass(.seconds(2))
        #expect(idle.outlet.closed?.code == .joinTimeout)
        #expect(member.isOpen)
    }

    @Test("that sends faster than its rate is told when to try again, and cut when it goes on regardless")
    func rateLimit() {
        var limits = RelayLimits()
        limits.messagesPerSecond = 10
        let relay = self.relay(limits)
        let client = self.joined(relay)
        relay.pass(.seconds(1))
        for _ in 0..<12 { client.send(#"{"type":"say"}"#) }
        relay.settle()
        let messages = client.read()
        #expect(messages.count { $0.type == "say" } == 10)
        let errors = messages.filter { $0["code"] == "rate_limited" }
        #expect(errors.count == 2)
        #expect((1...100).contains(errors[0][number: "retry_after_ms"] ?? 0))
        relay.pass(.milliseconds(100))
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["say"])
        for _ in 0..<5_300 { client.send(#"{"type":"say"}"#) }
        #expect(client.isOpen)
        for _ in 0..<200 { client.send(#"{"type":"say"}"#) }
        #expect(client.outlet.closed?.code == .rateLimit)
    }

    @Test("may join only so many rooms in a minute")
    func joinsPerMinute() {
        var limits = RelayLimits()
        limits.joinsPerMinute = 2
        let relay = self.relay(limits)
        let client = self.joined(relay, "a")
        client.send(#"{"type":"join","room":"b"}"#)
        relay.settle()
        client.send(#"{"type":"join","room":"c"}"#)
        relay.settle()
        #expect(client.read().map { $0["code"] } == [nil, nil, nil, "rate_limited"])
        relay.pass(.seconds(61))
        client.send(#"{"type":"join","room":"c"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["left", "joined"])
    }

    @Test("hears closing and 1001 when the relay drains, and can join no more")
    func drain() {
        let relay = self.relay()
        let member = self.joined(relay)
        let late = relay.connect()
        relay.loops[0].sayFarewell()
        let closing = member.read().last
        #expect(closing?.type == "closing")
        #expect(closing?[number: "client_id"] == 0)
        #expect((500..<2_500).contains(closing?[number: "reconnect_in_ms"] ?? 0))
        #expect(member.closeCodes == [1001])
        late.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        #expect(late.read().map(\.type) == ["closing"])
        #expect(late.closeCodes == [1001])
    }

    @Test("is told to come back at a moment of its own, so that a thousand do not return at once")
    func spread() {
        let relay = self.relay()
        let clients = (0..<1_000).map { _ in relay.connect() }
        relay.loops[0].sayFarewell()
        let delays = clients.map { Int($0.read().last?[number: "reconnect_in_ms"] ?? 0) }
        for second in 0..<2 { #expect(delays.count { ($0 - 500) / 1_000 == second } > 300) }
    }
}
