import GavelCore
import GavelScript
import GavelTesting
import Logging
import Testing

@Suite("rules that were copied into others of the same version in the midst of a game")
struct CopiedGameTests {
    @Test(
        "answer, send, log, wait and keep the same as those they were copied of, byte for byte",
        arguments: AnyPlayTests.games
    )
    func goesOn(game: AnyPlayTests.Game) throws {
        for seed in UInt64(1)...10 {
            var play = try Play(game, seed: seed)
            let copiedAt = Int(seed) * 9
            for step in 0..<160 {
                if step == copiedAt { try play.copy() }
                try play.step()
            }
            try play.end()
        }
    }

    /// A game and, from some point on, its copy, which are given the same random inputs.
    private struct Play {
        private let game: AnyPlayTests.Game
        private let params: String
        private let seed: UInt64
        private var random: SeededGenerator
        private let original: ScriptedRoom
        private var other: ScriptedRoom?
        private var members: [ClientID] = []
        private var away: Set<ClientID> = []
        private var isLocked = false
        private var next: ClientID = 1

        init(_ game: AnyPlayTests.Game, seed: UInt64) throws {
            self.game = game
            self.params = game.params.replacing("@", with: "7")
            self.seed = seed
            self.random = SeededGenerator(seed: seed)
            self.original = try ScriptedRoom(file: game.file, params: self.params, seed: (seed, 2, 3, 4))
            try self.give("create") { $0.create() }
        }

        mutating func copy() throws {
            let other = try ScriptedRoom(file: self.game.file, params: self.params, seed: (9, 9, 9, self.seed))
            try other.takeOver(
                from: self.original,
                self.members.map {
                    RestoredClient(id: $0, name: Array("c\($0)".utf8), isConnected: !self.away.contains($0))
                }
            )
            self.other = other
        }

        func end() throws {
            let other = try #require(self.other)
            let uptime = self.original.context.uptimeMilliseconds
            #expect(other.rules.copy(at: uptime) == self.original.rules.copy(at: uptime), "seed \(self.seed)")
        }

        private mutating func give(_ what: String, _ input: (ScriptedRoom) -> ScriptedRoom.Answer) throws {
            let told = self.original.log.entries.count
            let answer = input(self.original)
            if let other = self.other {
                let theirs = other.log.entries.count
                #expect(input(other) == answer, "seed \(self.seed): \(what)")
                #expect(other.rules.nextTimer == self.original.rules.nextTimer, "seed \(self.seed): \(what)")
                let logs = [self.original.log.entries[told...], other.log.entries[theirs...]].map {
                    $0.map { "\($0.message) \($0.metadata.sorted { $0.key < $1.key })" }
                }
                #expect(logs[0] == logs[1], "seed \(self.seed): \(what)")
            }
            for effect in answer.effects { try self.apply(effect) }
        }

        private mutating func apply(_ effect: ScriptedRoom.Effect) throws {
            switch effect.kind {
            case .lock: self.isLocked = true
            case .unlock: self.isLocked = false
            case .kick: for client in effect.recipients { try self.leave(client, .kicked) }
            case .move: for client in effect.recipients { try self.leave(client, .moved) }
            case .close: for client in self.members { try self.leave(client, .closed) }
            case .broadcast, .send, .snapshot, .signal: break
            }
        }

        private mutating func leave(_ client: ClientID, _ reason: LeaveReason) throws {
            guard let place = self.members.firstIndex(of: client) else { return }
            self.members.remove(at: place)
            self.away.remove(client)
            try self.give("leave \(client)") { $0.leave(client, reason) }
        }

        private mutating func wait(_ milliseconds: Int64) throws {
            let end = self.original.now + milliseconds
            var runs = 0
            while let due = self.original.rules.nextTimer, due <= end {
                runs += 1
                try #require(runs < 10_000, "timers do not end")
                self.move(to: max(self.original.now, due))
                try self.give("timer") { $0.timer() }
            }
            self.move(to: end)
        }

        private func move(to now: Int64) {
            self.original.now = now
            self.other?.now = now
        }

        mutating func step() throws {
            try self.wait(.random(in: 0...900, using: &self.random))
            let member = self.members.randomElement(using: &self.random)
            switch Int.random(in: 0..<20, using: &self.random) {
            case 0...2 where self.members.count < 7 && !self.isLocked:
                let client = self.next
                self.next += 1
                var verdict = HookOutcome.Verdict.relay
                self.members.append(client)
                try self.give("join \(client)") {
                    let answer = $0.join(client, name: "c\(client)")
                    verdict = answer.verdict
                    return answer
                }
                if verdict != .relay && verdict != .handled { self.members.removeAll { $0 == client } }
            case 3: if let member { try self.leave(member, .left) }
            case 4: try self.wait(.random(in: 0...40_000, using: &self.random))
            case 5:
                guard let member, !self.away.contains(member) else { return }
                self.away.insert(member)
                try self.give("drop \(member)") { $0.drop(member) }
            case 6:
                guard let member, self.away.contains(member) else { return }
                self.away.remove(member)
                let recovered = Bool.random(using: &self.random)
                try self.give("resume \(member)") { $0.resume(member, recovered: recovered) }
            default:
                guard let member, !self.away.contains(member) else { return }
                let number = Int.random(in: 1...9, using: &self.random)
                let text = self.game.messages.randomElement(using: &self.random)!.replacing("@", with: "\(number)")
                try self.give(text) { $0.send(member, text) }
            }
        }
    }
}
