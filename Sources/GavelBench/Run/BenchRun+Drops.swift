import NIOCore

/// Which client loses its connection next, and when; the same in every run.
struct DropSequence {
    private var random = TortureRandom(seed: 1)
    /// How many were due and have not happened; less than one.
    private var rest = 0.0

    /// The clients, by their numbers among `clients`, that lose their connection in a part of `interval`.
    mutating func next(of clients: Int, share: Double) -> [Int] {
        self.rest += Double(clients) * share
        var chosen: [Int] = []
        while self.rest >= 1 {
            self.rest -= 1
            chosen.append(Int.random(in: 0..<clients, using: &self.random))
        }
        return chosen
    }

    /// How long a client stays away.
    mutating func pause() -> Duration { .milliseconds(Int64.random(in: 0..<200, using: &self.random)) }

    /// Whether the connection is reset rather than ended.
    mutating func resets() -> Bool { self.random.chance(0.5) }
}

/// Clients that lose their connections at random, and come back.
extension BenchRun {
    private static let dropCheckInterval = Duration.milliseconds(10)

    func beginDrops() {
        guard let interval = self.plan.dropInterval else { return }
        self.drop(every: interval, since: self.now())
    }

    /// - Parameter time: When it was done before; a busy machine may be late.
    private func drop(every interval: Duration, since time: UInt64) {
        self.after(Self.dropCheckInterval) { run in
            guard run.isSending else { return }
            let now = run.now()
            let share = Duration.nanoseconds(Int64(now - time)) / interval
            for index in run.drops.next(of: run.clients.count, share: share) { run.drop(index) }
            run.drop(every: interval, since: now)
        }
    }

    private func drop(_ index: Int) {
        guard let client = self.clients[index].vanish(resets: self.drops.resets()) else { return }
        self.clientDropped()
        let handler = BenchClientHandler(client: client, run: self, index: index, isReturning: true)
        self.clients[index] = handler
        self.after(self.drops.pause()) { run in
            guard run.stage != .over else { return }
            run.connectAgain(handler)
        }
    }
}
