import GavelCore
import GavelTesting
import Testing

/// The room `lobby` and the rooms `game-…` have rules that a test gives.
@Suite("Between rooms")
struct ElsewhereTests {
    private typealias Answer = RulesDouble.Answer
    private typealias Hook = RulesDouble.Hook

    /// Touched by one thread.
    private final class Notes: @unchecked Sendable {
        var lines: [String] = []
    }

    private func relay(
        loops: Int = 1,
        presence: Bool = false,
        _ answer: @escaping @Sendable (RulesDouble, Hook) -> Answer
    ) -> SimulatedRelay {
        let policy = RoomPolicy(
            presence: presence,
            linger: .zero,
            rules: RulesDoubleProvider { rules, hook, _ in answer(rules, hook) }
        )
        return SimulatedRelay(loops: loops, seed: 3, directory: { _ in policy })
    }

    private func join(_ relay: SimulatedRelay, _ room: String, name: String? = nil, on loop: Int = 0) -> SimulatedClient
    {
        let client = relay.connect(on: loop)
        client.send(#"{"type":"join","room":"\#(room)"\#(name.map { #","name":"\#($0)""# } ?? "")}"#)
        relay.settle()
        return client
    }

    // MARK: Locks

    @Test("a locked room takes nobody in until it is unlocked")
    func lock() {
        let relay = self.relay { _, hook in
            guard case .message(_, let type, _) = hook else { return Answer(.relay) }
            return Answer(.handled, effects: [type == "lock" ? .lock : .unlock])
        }
        let first = self.join(relay, "game")
        first.send(#"{"type":"lock"}"#)
        relay.settle()
        let second = self.join(relay, "game")
        let refusal = second.read().last
        #expect(refusal?.type == "error" && refusal?["code"] == "locked")
        first.send(#"{"type":"unlock"}"#)
        relay.settle()
        #expect(self.join(relay, "game").read().first?.type == "joined")
    }

    @Test("what on_create does beyond the room happens: its lock holds, its signals arrive, and its end is one")
    func create() {
        let notes = Notes()
        let effects: [RulesDouble.Effect] = [.signal("made", to: "lobby", data: ""), .lock]
        let relay = self.relay { rules, hook in
            switch hook {
            case .create where notes.lines.isEmpty: notes.lines.append("lobby")
            case .create where notes.lines.count == 1:
                notes.lines.append("game")
                return Answer(.handled, effects: effects)
            case .create: return Answer(.handled, effects: [.close("never")])
            case .signal(let name, _, _): notes.lines.append(name)
            default: break
            }
            return Answer(.relay)
        }
        let host = self.join(relay, "lobby")
        #expect(host.read().first?.type == "joined")
        #expect(self.join(relay, "game").read().first?["code"] == "locked")
        #expect(notes.lines == ["lobby", "game", "made"])
        #expect(self.join(relay, "shut").read().first?["code"] == "unavailable")
        #expect(relay.roomCount == 1)
    }

    // MARK: Closing

    @Test(
        "a room that is closed tells everyone, runs on_leave for each, then on_close, and is gone",
        arguments: [1, 3]
    )
    func close(loops: Int) {
        let notes = Notes()
        let relay = self.relay(loops: loops, presence: true) { _, hook in
            switch hook {
            case .message: return Answer(.relay, effects: [.close("done"), .broadcast(#"{"type":"after"}"#)])
            case .leave(let client, let reason): notes.lines.append("\(client) \(reason.text)")
            case .close(let reason): notes.lines.append("close \(reason)")
            default: break
            }
            return Answer(.relay)
        }
        let clients = (0..<4).map { self.join(relay, "game", on: $0 % loops) }
        for client in clients { _ = client.read() }
        clients[1].send(#"{"type":"end"}"#)
        relay.settle()
        for client in clients {
            let messages = client.read()
            #expect(messages.map(\.type) == ["end", "left"])
            #expect(messages[1]["reason"] == "closed" && messages[1]["message"] == "done")
            #expect(client.isOpen)
        }
        #expect(notes.lines == ["1 closed", "2 closed", "3 closed", "4 closed", "close done"])
        #expect(relay.roomCount == 0)
        clients[0].send(#"{"type":"say"}"#)
        relay.settle()
        #expect(clients[0].read().last?["code"] == "not_joined")
    }

    @Test("who joins while a closed room still runs its hooks is in a new room, with ids and numbers from 1")
    func rejoin() {
        let clock = ManualClock()
        let policy = RoomPolicy(
            linger: .zero,
            rules: RulesDoubleProvider { _, hook, _ in
                if case .leave = hook { clock.advance(by: .milliseconds(3)) }
                if case .message(_, "end", _) = hook { return Answer(.handled, effects: [.close("")]) }
                return Answer(.relay)
            }
        )
        let relay = SingleLoop(clock: clock) { _ in policy }
        let clients = (0..<10).map { _ in relay.join("game") }
        let late = SimulatedClient(relay: relay.loop, window: nil)
        clients[0].send(#"{"type":"end"}"#)
        relay.tick()
        #expect(relay.isDue)
        late.send(#"{"type":"join","room":"game"}"#)
        late.send(#"{"type":"say"}"#)
        relay.tick()
        let messages = late.read()
        #expect(messages.map(\.type) == ["joined", "say"])
        #expect(messages[0][number: "client_id"] == 1 && messages[1][number: "msg_id"] == 1)
        #expect(relay.environment.rooms == 2)
        _ = relay.run(limit: 20)
        #expect(relay.environment.rooms == 1)
        late.send(#"{"type":"say"}"#)
        relay.tick()
        #expect(late.read().first?[number: "msg_id"] == 2)
    }

    @Test("a closed room's timers do not run")
    func timers() {
        let notes = Notes()
        let relay = self.relay { rules, hook in
            switch hook {
            case .message:
                rules.nextTimer = 1
                return Answer(.handled, effects: [.close("")])
            case .timer: notes.lines.append("timer")
            default: break
            }
            return Answer(.relay)
        }
        let client = self.join(relay, "game")
        client.send(#"{"type":"end"}"#)
        relay.settle()
        relay.pass(.seconds(5))
        #expect(notes.lines.isEmpty && relay.roomCount == 0)
    }

    // MARK: Moving

    @Test("a client that is moved leaves one room and joins the other with what was sent along", arguments: [1, 2, 4])
    func move(loops: Int) {
        let notes = Notes()
        let relay = self.relay(loops: loops) { _, hook in
            switch hook {
            case .message(let client, "go", _):
                return Answer(.relay, effects: [.move(client, to: "game-é\"7", data: #"{"seat":1}"#)])
            case .join(_, let name, let moved): notes.lines.append("join \(name) \(moved ?? "-")")
            case .leave(_, let reason): notes.lines.append("leave \(reason.text)")
            default: break
            }
            return Answer(.relay)
        }
        let other = self.join(relay, "lobby", name: "Bo", on: loops - 1)
        let client = self.join(relay, "lobby", name: "A\\\"da", on: loops - 1)
        _ = (other.read(), client.read())
        client.send(#"{"type":"go"}"#)
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type) == ["go", "left", "joined"])
        #expect(messages[1]["reason"] == "moved" && messages[1]["room"] == "lobby")
        #expect(messages[2]["room"] == "game-é\"7" && messages[2][number: "client_id"] == 1)
        #expect(notes.lines == ["join Bo -", "join A\"da -", "leave moved", #"join A"da {"seat":1}"#])
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["say"])
        #expect(other.read().map(\.type) == ["go"])
    }

    @Test("a client that the other room refuses is told so, and is in no room")
    func refusedMove() {
        let relay = self.relay { _, hook in
            switch hook {
            case .message(let client, "go", _):
                return Answer(.handled, effects: [.move(client, to: "full", data: "{}")])
            case .join(_, _, .some): return Answer(.rejected, payload: #""reason":"full""#)
            default: return Answer(.relay)
            }
        }
        let client = self.join(relay, "lobby")
        _ = client.read()
        client.send(#"{"type":"go"}"#)
        client.send(#"{"type":"say","ref":1}"#)
        relay.settle()
        let messages = client.read()
        #expect(messages.first?.type == "left")
        #expect(messages.contains { $0["code"] == "rejected" && $0["reason"] == "full" })
        #expect(messages.contains { $0["code"] == "not_joined" })
        client.send(#"{"type":"join","room":"lobby"}"#)
        relay.settle()
        #expect(client.read().last?.type == "joined")
    }

    @Test("a client that was on its way to a room of its own choice goes there")
    func ownWish() {
        let relay = self.relay(loops: 2) { _, hook in
            guard case .message(let client, "go", _) = hook else { return Answer(.relay) }
            return Answer(.handled, effects: [.move(client, to: "game", data: "{}")])
        }
        let client = self.join(relay, "lobby", on: 1)
        _ = client.read()
        client.send(#"{"type":"go"}"#)
        client.send(#"{"type":"join","room":"mine"}"#)
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type) == ["left", "joined"])
        #expect(messages.last?["room"] == "mine")
        #expect(relay.roomCount == 1)
    }

    // MARK: Signals

    @Test("signals reach the rules of the other room in order, also from other loops, and say where they come from")
    func signals() {
        let notes = Notes()
        let relay = self.relay(loops: 3) { _, hook in
            switch hook {
            case .message(_, "tell", let text):
                let n = text.filter(\.isNumber)
                return Answer(.relay, effects: (0..<3).map { .signal("note", to: "lobby", data: "\(n)\($0)") })
            case .signal(let name, let data, let source):
                notes.lines.append("\(source) \(name) \(data)")
                return Answer(.relay, effects: [.broadcast(#"{"type":"heard","n":\#(data)}"#)])
            default: return Answer(.relay)
            }
        }
        let host = self.join(relay, "lobby")
        let players = (0..<4).map { self.join(relay, "game-\($0)", on: $0 % 3) }
        _ = host.read()
        for round in 1...5 {
            for player in players { player.send(#"{"type":"tell","n":\#(round)}"#) }
            relay.settle()
        }
        let heard = host.read()
        #expect(heard.count == 60 && heard.map { $0[number: "msg_id"] } == Array(1...60))
        for room in 0..<4 {
            let own = notes.lines.filter { $0.hasPrefix("game-\(room) ") }
            let all = (1...5).flatMap { round in (0..<3).map { "game-\(room) note \(round)\($0)" } }
            #expect(own == all)
        }
    }

    @Test("a signal to a room that is not there is lost, and makes none")
    func nobodyThere() {
        let relay = self.relay { _, hook in
            guard case .message = hook else { return Answer(.relay) }
            return Answer(.relay, effects: [.signal("x", to: "nowhere", data: "")])
        }
        let client = self.join(relay, "game")
        client.send(#"{"type":"tell"}"#)
        relay.settle()
        #expect(relay.roomCount == 1)
    }

    @Test("rooms that signal each other without end leave others their turn, and what waits is bounded")
    func endless() {
        let clock = ManualClock()
        let policy = RoomPolicy(
            inboundBytes: 10_000,
            rules: RulesDoubleProvider { _, hook, _ in
                switch hook {
                case .message(_, "start", _), .signal:
                    clock.advance(by: .milliseconds(1))
                    return Answer(.handled, effects: (0..<8).map { _ in .signal("x", to: "loud", data: "[1]") })
                default: return Answer(.relay)
                }
            }
        )
        let relay = SingleLoop(clock: clock) { _ in policy }
        let loud = relay.join("loud")
        let calm = relay.join("calm")
        _ = calm.read()
        loud.send(#"{"type":"start"}"#)
        for number in 1...200 {
            calm.send(#"{"type":"say"}"#)
            relay.tick()
            #expect(calm.read().map { $0[number: "msg_id"] } == [Int64(number)])
        }
        #expect(relay.loop.statistics.backlogBytes < 200_000)
    }
}
