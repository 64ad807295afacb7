import GavelCore
import GavelTesting
import Testing

/// `cursor` is of class latest, by sender; `pin` by the value of its field `n`, a digit; `ghost` without echo.
@Suite("Messages of class latest")
struct LatestTests {
    private func relay(loops: Int = 1, outbound: OutboundLimits = OutboundLimits()) -> SimulatedRelay {
        let policy = RoomPolicy(
            rules: RulesDoubleProvider { _, hook, _ in
                guard case .message(_, let type, let text) = hook else { return RulesDouble.Answer(.relay) }
                switch type {
                case "cursor": return RulesDouble.Answer(.relay, latest: RulesDouble.Latest())
                case "ghost": return RulesDouble.Answer(.relay, latest: RulesDouble.Latest(echoes: false))
                case "pin":
                    let value = text.digits(after: #""n":"#)
                    return RulesDouble.Answer(.relay, latest: RulesDouble.Latest(value: value))
                case "changed":
                    let payload = #"{"type":"cursor","x":9}"#
                    return RulesDouble.Answer(.changed, payload: payload, latest: RulesDouble.Latest())
                default: return RulesDouble.Answer(.relay)
                }
            }
        )
        return SimulatedRelay(loops: loops, seed: 11, outbound: outbound, directory: { _ in policy })
    }

    private func join(_ relay: SimulatedRelay, on loop: Int = 0) -> SimulatedClient {
        let client = relay.connect(on: loop)
        client.send(#"{"type":"join","room":"board"}"#)
        relay.settle()
        return client
    }

    @Test("have no number and use none up, and their sender gets them, too")
    func unnumbered() {
        let relay = self.relay()
        let first = self.join(relay)
        let second = self.join(relay)
        _ = (first.read(), second.read())
        let before = relay.loops[0].currentMeters
        for text in [#"{"type":"say"}"#, #"{"type":"cursor","x":1}"#, #"{"type":"changed"}"#, #"{"type":"say"}"#] {
            first.send(text)
        }
        relay.settle()
        let meters = relay.loops[0].currentMeters
        #expect(meters.orderedOut - before.orderedOut == 4)
        #expect(meters.latestOut - before.latestOut == 4)
        #expect(meters.messagesOut - before.messagesOut == 8)
        for client in [first, second] {
            let messages = client.read()
            #expect(messages.map(\.type) == ["say", "cursor", "cursor", "say"])
            #expect(messages.map { $0[number: "msg_id"] } == [1, nil, nil, 2])
            #expect(messages.allSatisfy { $0[number: "client_id"] == 1 })
            #expect(messages[2][number: "x"] == 9)
        }
    }

    @Test("have a client_id and msg_id taken out that the sender put in")
    func stripped() {
        let relay = self.relay()
        let client = self.join(relay)
        _ = client.read()
        client.send(#"{"type":"cursor","client_id":7,"msg_id":8,"x":1}"#)
        relay.settle()
        let message = client.read().first
        #expect(message?.description == #"{"type":"cursor","x":1,"client_id":1}"#)
    }

    @Test("are sent to a newcomer, the newest of each key in the order they came, and not those of who left")
    func newcomer() {
        let relay = self.relay(loops: 2)
        let first = self.join(relay)
        let second = self.join(relay, on: 1)
        let third = self.join(relay)
        for x in 1...3 { first.send(#"{"type":"cursor","x":\#(x)}"#) }
        relay.settle()
        second.send(#"{"type":"cursor","x":4}"#)
        third.send(#"{"type":"cursor","x":5}"#)
        relay.settle()
        second.send(#"{"type":"pin","n":1,"x":6}"#)
        relay.settle()
        first.send(#"{"type":"pin","n":1,"x":7}"#)
        first.send(#"{"type":"pin","n":2,"x":8}"#)
        relay.settle()
        third.disconnect()
        relay.settle()
        let late = self.join(relay, on: 1).read()
        #expect(late.map(\.type) == ["joined", "cursor", "cursor", "pin", "pin"])
        #expect(late.dropFirst().map { $0[number: "x"] } == [3, 4, 7, 8])
        #expect(late.dropFirst().map { $0[number: "client_id"] } == [1, 2, 1, 1])
    }

    @Test(
        "are no more sent to newcomers where the room is given rules in which their type is something else",
        arguments: ["", "n", nil]
    )
    func reload(field: String?) {
        func settings(_ version: String, field: String?) -> RelaySettings {
            let rules = RulesDoubleProvider(version: version) { rules, hook, _ in
                rules.latestField = field
                guard case .message(_, "cursor", _) = hook else { return RulesDouble.Answer(.relay) }
                return RulesDouble.Answer(.relay, latest: RulesDouble.Latest())
            }
            return RelaySettings { _ in RoomPolicy(rules: rules) }
        }
        let relay = SimulatedRelay(loops: 1, seed: 11, settings: settings("1", field: ""))
        let sender = self.join(relay)
        sender.send(#"{"type":"cursor","x":1}"#)
        relay.settle()
        #expect(self.join(relay).read().map(\.type) == ["joined", "cursor"])
        #expect(relay.adopt(settings("2", field: field))?.changed == 1)
        #expect(self.join(relay).read().map(\.type) == (field == "" ? ["joined", "cursor"] : ["joined"]))
    }

    @Test("are answered by a reply where they have a ref, since their own copy may be overtaken")
    func references() {
        let relay = self.relay()
        let client = self.join(relay)
        _ = client.read()
        client.send(#"{"type":"cursor","x":1,"ref":7}"#)
        client.send(#"{"type":"changed","ref":8}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["cursor", "reply", "cursor", "reply"])
    }

    @Test("go to all but their sender where it gets no echo, with a ref or without")
    func withoutEcho() {
        let relay = self.relay(loops: 2)
        let first = self.join(relay)
        let second = self.join(relay, on: 1)
        _ = (first.read(), second.read())
        first.send(#"{"type":"say","n":1}"#)
        first.send(#"{"type":"ghost","x":1}"#)
        first.send(#"{"type":"ghost","x":2,"ref":"r"}"#)
        first.send(#"{"type":"say","n":2}"#)
        relay.settle()
        #expect(second.read().map(\.type) == ["say", "ghost", "ghost", "say"])
        let own = first.read()
        #expect(own.map(\.type) == ["say", "reply", "say"])
        #expect(own[1].description.contains(#""ref":"r""#))
    }

    @Test("are conflated for a client that is behind, and none overtakes a numbered one that it followed")
    func behind() {
        var outbound = OutboundLimits()
        outbound.softBytes = 1 << 20
        outbound.hardBytes = 4 << 20
        let relay = self.relay(outbound: outbound)
        let sender = self.join(relay)
        let other = self.join(relay)
        let reader = self.join(relay)
        _ = reader.read()
        reader.outlet.window = 0
        let pad = String(repeating: "x", count: 200)
        sender.send(#"{"type":"say","n":0}"#)
        relay.settle()
        for n in 1...300 {
            sender.send(#"{"type":"cursor","x":\#(n),"pad":"\#(pad)"}"#)
            if n % 100 == 0 { sender.send(#"{"type":"say","n":\#(n)}"#) }
            if n == 150 { other.send(#"{"type":"cursor","x":\#(n)}"#) }
            relay.settle()
        }
        #expect(reader.connection!.queuedBytes < 2_000)
        sender.send(#"{"type":"cursor","x":301}"#)
        relay.settle()
        reader.outlet.open(nil)
        relay.settle()
        let messages = reader.read()
        #expect(messages.filter { $0.type == "say" }.map { $0[number: "msg_id"] } == [1, 2, 3, 4])
        let cursors = messages.filter { $0.type == "cursor" && $0[number: "client_id"] == 1 }
        #expect(cursors.last?[number: "x"] == 301)
        #expect(cursors.count <= 2)
        let statistics = relay.loops[0].statistics
        #expect(statistics.conflatedMessages == 301 - cursors.count && statistics.conflatedBytes > 60_000)
        #expect(messages.last?[number: "x"] == 301)
        #expect(messages.filter { $0[number: "client_id"] == 2 }.map { $0[number: "x"] } == [150])
    }

    @Test("are kept for newcomers only so many, the older go first")
    func bounded() {
        let relay = self.relay()
        let client = self.join(relay)
        for n in 0..<1_500 { client.send(#"{"type":"pin","n":\#(n)}"#) }
        relay.settle()
        let late = self.join(relay).read()
        #expect(late.count > 500 && late.count <= 1_025)
        #expect(late.last?[number: "n"] == 1_499)
        #expect(late.dropFirst().map { $0[number: "n"]! } == Array(Int64(1_500 - late.count + 1)..<1_500))
    }
}

extension String {
    /// What follows `mark`, as far as digits go.
    fileprivate func digits(after mark: String) -> String {
        var rest = self[...]
        while !rest.isEmpty, !rest.hasPrefix(mark) { rest.removeFirst() }
        return String(rest.dropFirst(mark.count).prefix(while: \.isNumber))
    }
}
