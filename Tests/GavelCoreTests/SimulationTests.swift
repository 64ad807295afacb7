import GavelCore
import GavelTesting
import Testing

/// Random lives of clients over several loops, with mailboxes delivered in any order that FIFO per pair allows.
@Suite("In a simulation of loops and mailboxes")
struct SimulationTests {
    @Test(
        "10,000 schedules of joins, moves, leaves, disconnects, private sends and cuts keep every client's order",
        arguments: 0..<4
    )
    func randomSchedules(quarter: Int) {
        let first = UInt64.random(in: 0..<1 << 32)
        var tally = Tally()
        for seed in first..<first + 2_500 {
            let violations = Schedule(seed: seed).run(&tally)
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
            if !violations.isEmpty { return }
        }
        // The schedules did what they are for.
        #expect(tally.numbered > 100_000 && tally.placed > 5_000, "\(tally)")
        #expect(tally.cut > 50 && tally.kicked > 100 && tally.left > 500, "\(tally)")
        #expect(tally.moved > 500 && tally.closed > 100 && tally.steps > 10_000, "\(tally)")
    }
}

/// What schedules came to.
private struct Tally {
    var numbered = 0
    var placed = 0
    var left = 0
    var cut = 0
    var kicked = 0
    var moved = 0
    var closed = 0
    /// Messages of class latest received.
    var steps = 0
}

/// One random schedule.
private struct Schedule {
    private let seed: UInt64
    private let relay: SimulatedRelay
    private let loops: Int
    private var random: SeededGenerator
    private var players: [Player] = []
    private var everyone: [Player] = []

    private final class Player {
        let client: SimulatedClient
        var checker = OrderChecker(keepsTexts: true)
        var own = 0
        var steps = 0

        init(_ client: SimulatedClient) { self.client = client }

        func read() {
            for message in self.client.read() { self.checker.receive(message) }
        }
    }

    init(seed: UInt64) {
        self.seed = seed
        self.random = SeededGenerator(seed: seed &* 31)
        self.loops = Int.random(in: 1...4, using: &self.random)
        var outbound = OutboundLimits()
        outbound.softBytes = 300
        outbound.hardBytes = 900
        outbound.chunkBytes = 200
        var limits = RelayLimits()
        limits.mailboxBytes = Bool.random(using: &self.random) ? 1_000 : 1 << 20
        let rules = RulesDoubleProvider(Self.answer)
        self.relay = SimulatedRelay(loops: self.loops, seed: seed, limits: limits, outbound: outbound) { key in
            RoomPolicy(
                presence: key.bytes.last == UInt8(ascii: "1"),
                linger: .zero,
                rules: key.bytes.last == UInt8(ascii: "2") ? nil : rules
            )
        }
    }

    /// Whispers say where they were put; a shout is relayed, then broadcast on; a boot throws its sender out.
    private static func answer(_ rules: RulesDouble, _ hook: RulesDouble.Hook, _ context: HookContext)
        -> RulesDouble.Answer
    {
        switch hook {
        case .create, .close, .timer, .drop, .resume, .reload: return .init(.relay)
        case .signal: return .init(.relay, effects: [.broadcast(#"{"type":"heard"}"#)])
        case .join(let client, _, _):
            return .init(
                .handled,
                payload: #""extra":1"#,
                effects: [.broadcast(#"{"type":"hello","new":\#(client)}"#)]
            )
        case .leave(let client, _):
            return .init(.relay, effects: [.broadcast(#"{"type":"bye","old":\#(client)}"#)])
        case .message(let client, let type, _):
            switch type {
            case "whisper":
                let other = rules.clients[Int(context.lastID) % rules.clients.count]
                return .init(
                    .handled,
                    hasReply: true,
                    payload: #""at":\#(context.lastID)"#,
                    effects: [.send([other, client], #"{"type":"whispered","at":\#(context.lastID)}"#)]
                )
            case "shout":
                let place = context.lastID + 2
                return .init(
                    .relay,
                    effects: [.broadcast(#"{"type":"echo"}"#), .send([client], #"{"type":"sent","at":\#(place)}"#)]
                )
            case "boot": return .init(.dropped, effects: [.kick(client, "out")])
            case "go": return .init(.relay, effects: [.move(client, to: "r\(context.lastID % 3)", data: "{}")])
            case "tell":
                let signal = RulesDouble.Effect.signal("hear", to: "r\(context.lastID % 3)", data: "1")
                return .init(.relay, effects: [signal, signal])
            case "end": return .init(.relay, effects: [.close("over")])
            case "cursor": return .init(.relay, latest: RulesDouble.Latest())
            default: return .init(.relay)
            }
        }
    }

    func run(_ tally: inout Tally) -> [String] {
        var schedule = self
        for _ in 0..<50 { schedule.act() }
        schedule.finish()
        return schedule.judge(&tally)
    }

    private mutating func act() {
        for _ in 0..<Int.random(in: 0...6, using: &self.random) { _ = self.relay.step() }
        guard let player = self.players.randomElement(using: &self.random), self.players.count > 2,
            Int.random(in: 0..<12, using: &self.random) > 0
        else { return self.connect() }
        player.client.pump()
        switch Int.random(in: 0..<26, using: &self.random) {
        case 20: player.client.send(#"{"type":"go"}"#)
        case 21: player.client.send(#"{"type":"tell"}"#)
        case 22 where Int.random(in: 0..<4, using: &self.random) == 0: player.client.send(#"{"type":"end"}"#)
        case 22...25:
            for _ in 0..<Int.random(in: 1...4, using: &self.random) {
                player.steps += 1
                player.client.send(#"{"type":"cursor","step":\#(player.steps)}"#)
            }
        case 0...2: player.client.send(#"{"type":"join","room":"r\#(Int.random(in: 0...2, using: &self.random))"}"#)
        case 3: player.client.send(#"{"type":"leave"}"#)
        case 4: self.disconnect(player)
        case 5, 6: player.client.outlet.open(Int.random(in: 0...200, using: &self.random))
        case 7 where Bool.random(using: &self.random): player.client.outlet.open(nil)
        case 8: player.client.send(#"{"type":"boot"}"#)
        case 9...11: player.client.send(#"{"type":"whisper","ref":7}"#)
        case 12, 13: player.client.send(#"{"type":"shout"}"#)
        default:
            for _ in 0..<Int.random(in: 1...4, using: &self.random) {
                player.own += 1
                player.client.send(#"{"type":"say","own":\#(player.own),"client_id":99}"#)
            }
        }
        if !player.client.isOpen { self.disconnect(player) }
    }

    private mutating func connect() {
        let client = self.relay.connect(on: Int.random(in: 0..<self.loops, using: &self.random))
        let player = Player(client)
        self.players.append(player)
        self.everyone.append(player)
        client.send(#"{"type":"join","room":"r\#(Int.random(in: 0...2, using: &self.random))"}"#)
    }

    private mutating func disconnect(_ player: Player) {
        player.client.disconnect(Bool.random(using: &self.random) ? .left : .lost)
        self.players.removeAll { $0 === player }
    }

    private mutating func finish() {
        // Opening a window may let a held sender go on, which fills another's: until nothing moves.
        for _ in 0..<200 {
            for player in self.players {
                player.client.outlet.open(nil)
                player.client.pump()
            }
            if !self.relay.step() { break }
            self.relay.settle()
        }
    }

    private func judge(_ tally: inout Tally) -> [String] {
        var violations: [String] = []
        var places: [OrderChecker.Place: [UInt8]] = [:]
        var last: [String: Set<Int64>] = [:]
        var steps: [OrderChecker.Sender: Set<Int64>] = [:]
        var present: Set<OrderChecker.Sender> = []
        for player in self.everyone {
            player.read()
            violations += player.checker.violations
            tally.numbered += player.checker.numbered
            tally.placed += player.checker.placed
            tally.left += player.checker.departures
            tally.cut += player.client.closeCodes.count { $0 == 4002 }
            tally.kicked += player.client.closeCodes.count { $0 == 4502 }
            for (place, text) in player.checker.received {
                if let other = places[place], other != text { violations.append("two contents at \(place)") }
                places[place] = text
            }
            if player.client.isOpen, !player.client.isIdle || !player.client.outlet.isReading {
                violations.append("a client waits for ever")
            }
            tally.steps += player.checker.stepCount
            tally.moved += player.checker.moves
            tally.closed += player.checker.closings
            if player.client.isOpen, let room = player.checker.room {
                last[room, default: []].insert(player.checker.lastID)
                present.insert(player.checker.place)
                for (sender, step) in player.checker.steps { steps[sender, default: []].insert(step) }
            }
        }
        for sender in present where (steps[sender] ?? []).count > 1 {
            violations.append("the newest of \(sender) is \(steps[sender]!)")
        }
        for (room, ids) in last where ids.count > 1 { violations.append("members of \(room) end at \(ids)") }
        return violations
    }
}
