import GavelCore
import GavelTesting
import Testing

@Suite("Sessions")
struct ResumeTests {
    /// Touched by one thread.
    private final class Notes: @unchecked Sendable {
        var lines: [String] = []
    }

    private func relay(
        loops: Int = 1,
        presence: Bool = false,
        history: HistoryLimits? = HistoryLimits(),
        grace: Duration? = .seconds(60),
        outbound: OutboundLimits = OutboundLimits(),
        rules: RulesDoubleProvider? = nil
    ) -> SimulatedRelay {
        let policy = RoomPolicy(
            presence: presence,
            linger: .seconds(600),
            history: history,
            resumeGrace: grace,
            rules: rules
        )
        return SimulatedRelay(loops: loops, seed: 5, outbound: outbound, directory: { _ in policy })
    }

    private func connect(_ relay: SimulatedRelay, _ join: String, on loop: Int = 0) -> SimulatedClient {
        let client = relay.connect(on: loop)
        client.send(join)
        relay.settle()
        return client
    }

    private func begin(_ relay: SimulatedRelay, on loop: Int = 0) -> (SimulatedClient, ReceivedMessage) {
        let client = self.connect(relay, #"{"type":"join","room":"r","resume":true}"#, on: loop)
        return (client, client.read().first { $0.type == "joined" }!)
    }

    private func resume(
        _ relay: SimulatedRelay,
        _ joined: ReceivedMessage,
        from id: Int64,
        epoch: String? = nil,
        on loop: Int = 0
    ) -> SimulatedClient {
        let position =
            #"{"session":"\#(joined["session"] ?? "")","epoch":"\#(epoch ?? joined["epoch"]!)","msg_id":\#(id)}"#
        return self.connect(relay, #"{"type":"join","room":"r","resume":\#(position)}"#, on: loop)
    }

    private func say(_ client: SimulatedClient, _ count: Int, _ relay: SimulatedRelay) {
        for index in 1...count { client.send(#"{"type":"say","n":\#(index)}"#) }
        relay.settle()
    }

    private func ids(_ messages: [ReceivedMessage]) -> [Int64] { messages.compactMap { $0[number: "msg_id"] } }

    @Test("a session is given to who asks for one, its secret to nobody else")
    func asking() {
        let relay = self.relay(presence: true)
        let (_, joined) = self.begin(relay)
        #expect(joined["session"]?.utf8.count == 26)
        #expect(joined[number: "handled"] == 0)
        let other = self.connect(relay, #"{"type":"join","room":"r","history":9}"#)
        #expect(other.read().allSatisfy { !$0.description.contains(joined["session"]!) })
        #expect(other.read().allSatisfy { $0["session"] == nil })
    }

    @Test("a client that lost its connection returns as the same client and misses nothing", arguments: [1, 3])
    func recovered(loops: Int) {
        let relay = self.relay(loops: loops, presence: true)
        let (client, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#, on: loops - 1)
        let seen = self.ids(client.read()).last ?? joined[number: "msg_id"]!
        client.disconnect()
        self.say(other, 10, relay)
        let back = self.resume(relay, joined, from: seen, on: loops / 2)
        let read = back.read()
        #expect(read[0].type == "joined" && read[0][number: "client_id"] == joined[number: "client_id"])
        #expect(read[0].description.contains(#""recovered":true"#))
        #expect(read[0]["session"] == joined["session"])
        #expect(self.ids(Array(read[1...])) == Array(seen + 1...seen + 10))
        self.say(other, 1, relay)
        #expect(self.ids(back.read()) == [seen + 11])
        #expect(!other.read().contains { $0.type == "client_left" })
    }

    @Test("nothing was missed: a resume at the very last message, in a quiet room")
    func nothingMissed() {
        let relay = self.relay(history: nil)
        let (client, joined) = self.begin(relay)
        self.say(client, 3, relay)
        client.disconnect()
        let read = self.resume(relay, joined, from: 3).read()
        #expect(read.count == 1 && read[0].description.contains(#""recovered":true"#))
        #expect(read[0][number: "handled"] == 3)
    }

    @Test("what cannot be recovered is not recovered in part", arguments: ["epoch", "history", "future"])
    func notRecovered(reason: String) {
        let relay = self.relay(history: HistoryLimits(messages: 5, bytes: 1 << 20, age: .seconds(60)))
        let (client, joined) = self.begin(relay)
        self.say(client, 20, relay)
        client.disconnect()
        let id: Int64 = reason == "epoch" ? 20 : reason == "history" ? 14 : 21
        let read = self.resume(relay, joined, from: id, epoch: reason == "epoch" ? "other" : nil).read()
        #expect(read.count == 1 && read[0]["reason"] == reason)
        #expect(read[0].description.contains(#""recovered":false"#))
        #expect(read[0][number: "client_id"] == joined[number: "client_id"])
        #expect(self.ids(self.resume(relay, joined, from: 15).read()) == [20, 16, 17, 18, 19, 20])
    }

    @Test("history that is too old is gone")
    func agedHistory() {
        let relay = self.relay(history: HistoryLimits(messages: 50, bytes: 1 << 20, age: .seconds(10)))
        let (client, joined) = self.begin(relay)
        self.say(client, 2, relay)
        client.disconnect()
        relay.pass(.seconds(20))
        #expect(self.resume(relay, joined, from: 0).read().first?["reason"] == "history")
    }

    @Test("an unknown session is an ordinary join that says so", arguments: ["", "nonsense", "é"])
    func unknownSession(secret: String) {
        let relay = self.relay()
        let (_, joined) = self.begin(relay)
        let client = relay.connect()
        let position = #"{"session":"\#(secret)","epoch":"\#(joined["epoch"]!)","msg_id":0}"#
        client.send(#"{"type":"join","room":"r","resume":\#(position)}"#)
        relay.settle()
        let answer = client.read()[0]
        #expect(answer["reason"] == "session" && answer[number: "client_id"] == 2)
        #expect(answer["session"] != nil && answer["session"] != joined["session"])
    }

    @Test(
        "a malformed resume or history is refused",
        arguments: [
            #""resume":1"#, #""resume":{}"#, #""resume":{"session":"a","epoch":"b"}"#,
            #""resume":{"session":"a","epoch":"b","msg_id":-1}"#, #""resume":{"session":"a","epoch":"b","msg_id":1.5}"#,
            #""resume":{"session":1,"epoch":"b","msg_id":1}"#, #""resume":[]"#, #""history":"5""#, #""history":-5"#,
            #""resume":{"session":"a","session":"a","epoch":"b","msg_id":1}"#,
        ]
    )
    func malformed(member: String) {
        let relay = self.relay()
        let client = self.connect(relay, #"{"type":"join","room":"r",\#(member)}"#)
        #expect(client.read().map { $0["code"] } == ["bad_message"])
    }

    @Test(
        "leave, a close with 1000 and a kick end a session at once",
        arguments: ["leave", "close", "kick", "expelled"]
    )
    func over(how: String) {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .message(let client, "boot", _) = hook { return .init(.dropped, effects: [.kick(client, "")]) }
            return .init(.relay)
        }
        let relay = self.relay(presence: true, rules: rules)
        let (client, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#)
        _ = other.read()
        switch how {
        case "leave": client.send(#"{"type":"leave"}"#)
        case "close": client.disconnect(.left)
        case "expelled": client.disconnect(.expelled)
        default: client.send(#"{"type":"boot"}"#)
        }
        relay.settle()
        #expect(other.read().contains { $0.type == "client_left" })
        #expect(self.resume(relay, joined, from: 1).read().first?["reason"] == "session")
    }

    @Test("a client that does not come back leaves when its time is over, once")
    func grace() {
        let notes = Notes()
        let rules = RulesDoubleProvider { _, hook, _ in
            switch hook {
            case .drop(let client): notes.lines.append("drop \(client)")
            case .resume(let client, let recovered): notes.lines.append("resume \(client) \(recovered)")
            case .leave(let client, let reason): notes.lines.append("leave \(client) \(reason)")
            default: break
            }
            return .init(.relay)
        }
        let relay = self.relay(presence: true, grace: .seconds(10), rules: rules)
        let (client, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#)
        client.disconnect()
        relay.pass(.seconds(8))
        let back = self.resume(relay, joined, from: 2)
        #expect(back.read()[0].description.contains(#""recovered":true"#))
        relay.pass(.seconds(20))
        #expect(!other.read().contains { $0.type == "client_left" })
        back.disconnect()
        relay.pass(.seconds(12))
        #expect(other.read().filter { $0.type == "client_left" }.map { $0["reason"] } == ["lost"])
        #expect(notes.lines == ["drop 1", "resume 1 true", "drop 1", "leave 1 lost"])
        #expect(relay.loops[0].statistics.recoveredResumes == 1 && relay.loops[0].statistics.expiredSessions == 1)
        #expect(self.resume(relay, joined, from: 2).read().first?["reason"] == "session")
    }

    @Test("without a session, or where rooms have none, a lost connection is a leave")
    func noSession() {
        for grace: Duration? in [.seconds(60), nil] {
            let relay = self.relay(presence: true, grace: grace)
            let resume = grace == nil ? #","resume":true"# : ""
            let client = self.connect(relay, #"{"type":"join","room":"r"\#(resume)}"#)
            #expect(client.read()[0]["session"] == nil)
            let other = self.connect(relay, #"{"type":"join","room":"r"}"#)
            client.disconnect()
            relay.settle()
            #expect(other.read().contains { $0.type == "client_left" })
        }
    }

    @Test(
        "the newer of two connections with one session wins; the older is closed, and what it sends is not taken",
        arguments: [1, 3]
    )
    func twoConnections(loops: Int) {
        let relay = self.relay(loops: loops, presence: true)
        let (old, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#, on: loops - 1)
        self.say(old, 2, relay)
        let new = relay.connect(on: loops / 2)
        let position = #"{"session":"\#(joined["session"]!)","epoch":"\#(joined["epoch"]!)","msg_id":4}"#
        new.send(#"{"type":"join","room":"r","resume":\#(position)}"#)
        for index in 3...50 {
            old.send(#"{"type":"say","n":\#(index)}"#)
            if index % 4 == 0 { _ = relay.step() }
        }
        relay.settle()
        #expect(old.outlet.closed?.code == .replaced)
        let answer = new.read()
        let handled = answer[0][number: "handled"]!
        let taken = other.read().filter { $0.type == "say" }.compactMap { $0[number: "n"] }
        #expect(taken == Array(1...handled))
        old.disconnect()
        self.say(new, 1, relay)
        #expect(other.read().map(\.type) == ["say"])
        #expect(new.isOpen)
    }

    @Test("handled counts refused messages and pings, and no joins")
    func handled() {
        let relay = self.relay()
        let (client, joined) = self.begin(relay)
        for text in [#"{"type":"say"}"#, "rubbish", #"{"type":"joined"}"#, #"{"type":"gavel.ping"}"#, #"{"no":1}"#] {
            client.send(text)
        }
        relay.settle()
        client.disconnect()
        relay.settle()
        let back = self.resume(relay, joined, from: 1)
        #expect(back.read()[0][number: "handled"] == 5)
        back.send(#"{"type":"say"}"#)
        relay.settle()
        back.disconnect()
        #expect(self.resume(relay, joined, from: 2).read()[0][number: "handled"] == 6)
    }

    @Test("a join that is refused before its room is not counted in handled")
    func refusedJoin() {
        let relay = self.relay()
        let (client, joined) = self.begin(relay)
        client.send(#"{"type":"say"}"#)
        client.send(#"{"type":"join","room":"r","room":"q"}"#)
        client.send(#"{"type":"join","room":""}"#)
        client.send(#"{"type":"say"}"#)
        relay.settle()
        client.disconnect()
        relay.settle()
        #expect(self.resume(relay, joined, from: 2).read()[0][number: "handled"] == 2)
    }

    @Test("rules see a client drop and return, and what they show comes behind what it missed")
    func hooks() {
        let rules = RulesDoubleProvider { _, hook, context in
            switch hook {
            case .drop(let client): .init(.relay, effects: [.broadcast(#"{"type":"dropped","who":\#(client)}"#)])
            case .resume(let client, let recovered):
                .init(
                    .relay,
                    effects: [
                        .snapshot(client, #""at":\#(context.lastID)"#),
                        .broadcast(#"{"type":"returned","all":\#(recovered)}"#),
                    ]
                )
            default: .init(.relay)
            }
        }
        let relay = self.relay(rules: rules)
        let (client, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#)
        client.disconnect()
        self.say(other, 2, relay)
        let read = self.resume(relay, joined, from: 0).read()
        #expect(read.map(\.type) == ["joined", "dropped", "say", "say", "snapshot", "returned"])
        #expect(read[4][number: "at"] == 3)
    }

    @Test("an away client counts as a member, and can be thrown out")
    func awayMember() {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .message(_, "boot", _) = hook { return .init(.dropped, effects: [.kick(1, "")]) }
            return .init(.relay)
        }
        let relay = self.relay(rules: rules)
        let (client, joined) = self.begin(relay)
        let other = self.connect(relay, #"{"type":"join","room":"r"}"#)
        client.disconnect()
        relay.settle()
        other.send(#"{"type":"boot"}"#)
        relay.settle()
        #expect(self.resume(relay, joined, from: 0).read().first?["reason"] == "session")
    }

    @Test("a client that rules move keeps what it asked for: it gets a session of the other room")
    func moved() {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .message(let client, "go", _) = hook {
                return .init(.dropped, effects: [.move(client, to: "q", data: "{}")])
            }
            return .init(.relay)
        }
        let relay = self.relay(rules: rules)
        let (client, joined) = self.begin(relay)
        client.send(#"{"type":"go"}"#)
        relay.settle()
        let answer = client.read().last!
        #expect(answer.type == "joined" && answer["room"] == "q")
        #expect(answer["session"] != nil && answer["session"] != joined["session"])
    }
}
