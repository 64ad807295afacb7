package import Foundation

/// Saves of rules while people play.
package struct SavesPlan: Sendable {
    /// Decides what is wrong with which save, and who saves it how.
    package var seed: UInt64 = 1
    /// In all; every second one is broken.
    package var saves = 100
    /// Into how many parts they are divided, each behind a run of the same traffic without saves.
    package var rounds = 4
    package var rooms = 100
    package var clientsPerRoom = 8
    /// Messages in a second, of all clients together.
    package var rate = 4_000.0
    /// How much later messages may come, at the 99.9th percentile, than without saves.
    package var mostExcess = Duration.milliseconds(20)
    /// From a save to the first message under it, of any client; the time to that message is part of it.
    package var mostEffect = Duration.milliseconds(500)
    /// The program whose `serve` is the relay.
    package var program: URL

    package init(program: URL) {
        self.program = program
    }

    /// From one save to the next.
    static let interval = Duration.milliseconds(600)
    package var mistakes: [String] {
        var mistakes: [String] = []
        if !(2...10_000).contains(self.saves) || !self.saves.isMultiple(of: 2) {
            mistakes.append("saves must be an even number from 2 to 10000")
        }
        if !(1...max(1, self.pairs)).contains(self.rounds) {
            mistakes.append("rounds must be from 1 to half as many as there are saves")
        }
        if !FileManager.default.isExecutableFile(atPath: self.program.path) {
            mistakes.append("\(self.program.path) is no program")
        }
        return mistakes + self.traffic(port: RelayAddress().port, round: 0).mistakes
    }

    /// Of a broken version and one without a fault: rooms of the next round are to begin under the latter.
    private var pairs: Int { self.saves / 2 }

    /// How many saves a round has.
    func saves(in round: Int) -> Int {
        2 * (self.pairs * (round + 1) / self.rounds - self.pairs * round / self.rounds)
    }

    /// What clients do for as long as a round's saves take, in rooms that nobody was in before.
    func traffic(port: Int, round: Int, areRulesSaved: Bool = false) -> BenchPlan {
        var plan = BenchPlan(.rooms)
        plan.relay.port = port
        plan.roomPrefix = "saves-\(round)-\(areRulesSaved ? "saved" : "quiet")-"
        plan.rooms = self.rooms
        plan.clientsPerRoom = self.clientsPerRoom
        plan.sendersPerRoom = self.clientsPerRoom
        plan.rate = self.rate
        plan.hasCountingRules = true
        plan.duration = min(.seconds(120), Self.interval * max(1, self.saves(in: round)))
        return plan
    }

    /// What is saved, in this order.
    func versions() -> [SavedRules] {
        var random = TortureRandom(seed: self.seed)
        var faults: [RulesFault] = []
        return (0..<self.saves).map { index in
            // 1 is what the relay starts with.
            let number = index + 2
            guard index.isMultiple(of: 2) else { return SavedRules(number: number) }
            if faults.isEmpty { faults = RulesFault.allCases.shuffled(using: &random) }
            return SavedRules(number: number, fault: faults.removeLast())
        }
    }
}
