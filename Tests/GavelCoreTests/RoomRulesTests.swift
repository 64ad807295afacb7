import GavelCore
import GavelTesting
import NIOCore
import Testing

/// What the core does with the verdicts and effects of rules.
@Suite("A room with rules")
struct RoomRulesTests {
    private typealias Answer = RulesDouble.Answer

    private func relay(
        presence: Bool = false,
        _ answer: @escaping @Sendable (RulesDouble, RulesDouble.Hook, HookContext) -> Answer
    ) -> SimulatedRelay {
        let policy = RoomPolicy(presence: presence, rules: RulesDoubleProvider(answer))
        return SimulatedRelay(loops: 1, seed: 1, directory: { _ in policy })
    }

    private func joined(_ relay: SimulatedRelay) -> SimulatedClient {
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        return client
    }

    @Test("relays verbatim, changed, not at all, or answers, as the verdict says")
    func verdicts() {
        let relay = self.relay { _, hook, _ in
            guard case .message(_, let type, _) = hook else { return Answer(.relay) }
            switch type {
            case "change": return Answer(.changed, payload: #"{"type":"change","new":[]}"#)
            case "drop": return Answer(.dropped)
            case "ask": return Answer(.handled, hasReply: true, payload: #""n":1"#)
            case "order": return Answer(.handled)
            case "refuse": return Answer(.rejected, payload: #""reason":"no","message":"Not now.","left":3"#)
            case "break": return Answer(.failed)
            case "broken": return Answer(.failed, payload: #""message":"a.lua:1: no""#)
            case "odd": return Answer(.unknownType)
            case "shape": return Answer(.invalid, payload: #""message":"x: missing""#)
            case "often": return Answer(.limited, retryAfterMilliseconds: 250)
            default: return Answer(.relay)
            }
        }
        let client = self.joined(relay)
        _ = client.read()
        for type in [
            "say", "change", "drop", "ask", "order", "refuse", "break", "broken", "odd", "shape", "often", "say",
        ] {
            client.send(#"{"type":"\#(type)"}"#)
        }
        for type in ["drop", "order"] { client.send(#"{"type":"\#(type)","ref":"x"}"#) }
        relay.settle()
        #expect(
            client.read().map(\.description) == [
                #"{"type":"say","client_id":1,"msg_id":1}"#,
                #"{"type":"change","new":[],"client_id":1,"msg_id":2}"#,
                #"{"type":"reply","client_id":0,"to":"ask","n":1}"#,
                #"{"type":"error","client_id":1,"code":"rejected","reason":"no","message":"Not now.","left":3,"to":"refuse","temporary":false}"#,
                #"{"type":"error","client_id":1,"code":"rules_failed","message":"The room's rules failed on this message; nothing of it was sent.","to":"break","temporary":false}"#,
                #"{"type":"error","client_id":1,"code":"rules_failed","message":"a.lua:1: no","to":"broken","temporary":false}"#,
                #"{"type":"error","client_id":1,"code":"unknown_type","message":"This room knows no message of that type.","to":"odd","temporary":false}"#,
                #"{"type":"error","client_id":1,"code":"bad_message","message":"x: missing","to":"shape","temporary":false}"#,
                #"{"type":"error","client_id":1,"code":"rate_limited","message":"Too many messages of that type.","to":"often","retry_after_ms":250,"temporary":true}"#,
                #"{"type":"say","client_id":1,"msg_id":3}"#,
                #"{"type":"reply","client_id":0,"to":"drop","ref":"x"}"#,
                #"{"type":"reply","client_id":0,"to":"order","ref":"x"}"#,
            ]
        )
    }

    @Test("answers joins and messages unavailable where the rules are switched off")
    func switchedOff() {
        let relay = self.relay { _, hook, _ in
            switch hook {
            case .message: Answer(.switchedOff)
            case .join(_, let name, _): Answer(name == "late" ? .switchedOff : .relay)
            default: Answer(.relay)
            }
        }
        let one = self.joined(relay)
        one.send(#"{"type":"go","ref":7}"#)
        let two = relay.connect()
        two.send(#"{"type":"join","room":"r","name":"late"}"#)
        relay.settle()
        #expect(
            one.read().map(\.description).last
                == #"{"type":"error","client_id":1,"code":"unavailable","message":"The room's rules failed too often and are switched off.","to":"go","ref":7,"temporary":true}"#
        )
        #expect(two.read().map(\.type) == ["error"])
        // The one that was refused has taken no number.
        two.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        #expect(two.read().first?.description.contains(#""client_id":2"#) == true)
    }

    @Test("does effects after the verdict, in the order of the calls, at the same place for everyone")
    func effects() {
        let relay = self.relay { rules, hook, context in
            guard case .message(let client, _, _) = hook else { return Answer(.relay) }
            let others = rules.clients.filter { $0 != client }
            return Answer(
                .relay,
                effects: [
                    .send(others, #"{"type":"first"}"#), .broadcast(#"{"type":"second"}"#),
                    .send(rules.clients, #"{"type":"third","at":\#(context.lastID + 2)}"#),
                    .send([99], #"{"type":"nobody"}"#),
                ]
            )
        }
        let one = self.joined(relay)
        let two = self.joined(relay)
        one.send(#"{"type":"go"}"#)
        two.send(#"{"type":"go"}"#)
        relay.settle()
        #expect(
            one.read().map(\.type) == ["joined", "go", "second", "third", "go", "first", "second", "third"]
        )
        #expect(
            two.read().map(\.description).dropFirst() == [
                #"{"type":"go","client_id":1,"msg_id":1}"#, #"{"type":"first","client_id":0}"#,
                #"{"type":"second","client_id":0,"msg_id":2}"#, #"{"type":"third","at":2,"client_id":0}"#,
                #"{"type":"go","client_id":2,"msg_id":3}"#, #"{"type":"second","client_id":0,"msg_id":4}"#,
                #"{"type":"third","at":4,"client_id":0}"#,
            ]
        )
    }

    @Test("answers a join with joined first, then presence, then what the hook sent")
    func joinOrder() {
        let relay = self.relay(presence: true) { _, hook, _ in
            switch hook {
            case .join(let client, _, _):
                return Answer(
                    .handled,
                    payload: #""seat":\#(client)"#,
                    effects: [.broadcast(#"{"type":"welcome"}"#), .send([client], #"{"type":"psst"}"#)]
                )
            case .leave(let client, let reason):
                return Answer(
                    .relay,
                    effects: [.broadcast(#"{"type":"bye","who":\#(client),"why":"\#(reason.text)"}"#)]
                )
            default: return Answer(.relay)
            }
        }
        let ann = relay.connect()
        ann.send(#"{"type":"join","room":"r","name":"Ann \"A\""}"#)
        relay.settle()
        let bob = self.joined(relay)
        bob.disconnect()
        relay.settle()
        let messages = ann.read()
        #expect(
            messages.map(\.type) == [
                "joined", "client_joined", "welcome", "psst", "client_joined", "welcome", "client_left", "bye",
            ]
        )
        #expect(messages[0].description.hasSuffix(#""clients":[],"seat":1}"#))
        #expect(messages[1].description == #"{"type":"client_joined","name":"Ann \"A\"","client_id":1,"msg_id":1}"#)
        #expect(messages[6].description == #"{"type":"client_left","reason":"lost","client_id":2,"msg_id":5}"#)
        #expect(messages[7]["why"] == "lost")
        let joined = bob.read()[0]
        #expect(joined.description.contains(#""clients":[{"client_id":1,"name":"Ann \"A\""}]"#))
    }

    @Test("refuses a join that the rules refuse or fail on, and answers what was sent behind it")
    func refusedJoin() {
        let relay = self.relay { rules, hook, _ in
            guard case .join = hook else { return Answer(.relay) }
            switch rules.clients.count {
            case 1: return Answer(.handled)
            case 2: return Answer(.rejected, payload: #""reason":"full""#)
            default: return Answer(.failed)
            }
        }
        let inside = self.joined(relay)
        let outside = relay.connect()
        outside.send(#"{"type":"join","room":"r","ref":1}"#)
        outside.send(#"{"type":"say","ref":2}"#)
        outside.send(#"{"type":"leave","ref":3}"#)
        relay.settle()
        outside.pump()
        relay.settle()
        let messages = outside.read()
        #expect(messages.map { $0["code"] } == ["rejected", "not_joined", "not_joined"])
        #expect(messages.map { $0[number: "ref"] } == [1, 2, 3])
        #expect(messages[0]["reason"] == "full")
        #expect(inside.read().map(\.type) == ["joined"])
        let next = self.joined(relay)
        #expect(next.read()[0]["code"] == "rejected")
    }

    @Test("refuses a join that is not as its schema says, and gives its number to the next")
    func unmetJoin() {
        let relay = self.relay { _, hook, _ in
            guard case .join(_, let name, _) = hook, name.isEmpty else { return Answer(.relay) }
            return Answer(.invalid, payload: #""message":"team: missing""#)
        }
        let outside = self.joined(relay)
        #expect(
            outside.read().map(\.description) == [
                #"{"type":"error","client_id":0,"code":"bad_message","message":"team: missing","to":"join","temporary":false}"#
            ]
        )
        outside.send(#"{"type":"join","room":"r","name":"Ann"}"#)
        relay.settle()
        #expect(outside.read().map { $0[number: "client_id"] } == [1])
    }

    @Test("that cannot begin refuses the join and begins anew with the next")
    func failedCreate() {
        let relay = self.relay { _, hook, context in
            guard case .create = hook else { return Answer(.relay) }
            return Answer(context.wallMilliseconds < 5_000 ? .failed : .handled)
        }
        let early = self.joined(relay)
        #expect(early.read()[0]["code"] == "unavailable")
        relay.pass(.seconds(10))
        early.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        #expect(early.read().map(\.type) == ["joined"])
    }

    @Test("throws out whom the rules kick: told so, closed with 4502, and on_leave runs after the block")
    func kick() {
        let relay = self.relay(presence: true) { _, hook, _ in
            switch hook {
            case .message(_, "kick", _):
                return Answer(.dropped, effects: [.kick(2, "cheating"), .broadcast(#"{"type":"gone"}"#)])
            case .leave(let client, let reason):
                return Answer(
                    .relay,
                    effects: [.broadcast(#"{"type":"left_hook","who":\#(client),"why":"\#(reason.text)"}"#)]
                )
            default: return Answer(.relay)
            }
        }
        let host = self.joined(relay)
        let cheat = self.joined(relay)
        _ = host.read()
        _ = cheat.read()
        host.send(#"{"type":"kick"}"#)
        cheat.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(host.read().map(\.type) == ["client_left", "gone", "left_hook"])
        #expect(
            cheat.read().map(\.description) == [
                #"{"type":"left","client_id":2,"room":"r","reason":"kicked","message":"cheating"}"#
            ]
        )
        #expect(cheat.closeCodes == [4502])
    }

    @Test("goes on in the next tick when its rules have used up their share of this one, in the same order")
    func fairness() {
        let clock = ManualClock()
        let policy = RoomPolicy(
            inboundBytes: 2_000,
            rules: RulesDoubleProvider { _, hook, _ in
                if case .message = hook { clock.advance(by: .milliseconds(3)) }
                return Answer(.relay)
            }
        )
        let relay = SingleLoop(clock: clock) { $0.bytes == Array("busy".utf8) ? policy : RoomPolicy() }
        let busy = relay.join("busy")
        let calm = relay.join("calm")
        _ = busy.read()
        _ = calm.read()
        for number in 1...40 {
            busy.send(#"{"type":"work","own":\#(number),"pad":"\#(String(repeating: "x", count: 100))"}"#)
        }
        calm.send(#"{"type":"say"}"#)
        relay.tick()
        #expect(calm.read().count == 1)
        let first = busy.read()
        #expect(first.count == 2)
        #expect(!busy.outlet.isReading)
        var rest: [ReceivedMessage] = []
        _ = relay.run(limit: 40) {
            busy.pump()
            rest += busy.read()
        }
        #expect((first + rest).compactMap { $0[number: "own"] } == Array(1...40))
        #expect((first + rest).compactMap { $0[number: "msg_id"] } == Array(1...40))
        #expect(busy.outlet.isReading)
    }
}
