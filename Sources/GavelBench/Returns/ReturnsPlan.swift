package import Foundation

/// A restart of a relay, and how its clients come back.
package struct ReturnsPlan: Sendable {
    package var clients = 10_000
    package var rooms = 1_250
    package var durability = TortureDurability.strict
    /// Whether the relay is killed (SIGKILL) rather than stopped.
    package var kills = false
    /// The program whose `serve` is the relay.
    package var program: URL

    package init(program: URL) {
        self.program = program
    }

    /// How many connections are made at a time before the restart.
    static let pace = 500
    /// How long clients have to come back.
    static let limit = Duration.seconds(60)
    /// Every so many clients of a room, the first is one that sends.
    static let senderInterval = 4
    /// Messages of each sender before the restart: while all are there, while some are away, and as the last words.
    static let messages = (all: 4, few: 3, last: 1)

    package var mistakes: [String] {
        var mistakes: [String] = []
        if !(1...BenchPlan.mostClients).contains(self.clients) {
            mistakes.append("clients must be from 1 to \(BenchPlan.mostClients)")
        }
        if !(1...max(1, self.clients)).contains(self.rooms) {
            mistakes.append("rooms must be from 1 to as many as there are clients")
        }
        if self.durability == .memory {
            mistakes.append("durability must be strict or relaxed: nobody returns to memory")
        }
        if !FileManager.default.isExecutableFile(atPath: self.program.path) {
            mistakes.append("\(self.program.path) is no program")
        }
        return mistakes
    }

    func room(of client: Int) -> Int { client % self.rooms }

    /// Its place among the clients of its room, from 0 on.
    private func place(of client: Int) -> Int { client / self.rooms }

    func isSender(_ client: Int) -> Bool { self.place(of: client).isMultiple(of: Self.senderInterval) }

    /// Whether a client is away when the last messages but one are sent, so that it has something to catch up with.
    func isAway(_ client: Int) -> Bool { self.place(of: client) % Self.senderInterval == Self.senderInterval - 1 }
}
