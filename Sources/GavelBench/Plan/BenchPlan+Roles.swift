/// How fast a client reads.
enum ReadingPace {
    case full
    /// ``SlowReading/bytes`` every ``SlowReading/interval``.
    case slow
    /// It reads nothing until the measurement is over.
    case silent
}

/// How slow a slow client is.
enum SlowReading {
    static let bytes = 4 << 10
    static let interval = Duration.milliseconds(100)
    /// What its system may hold for it, so that what it does not read is the relay's to keep.
    static let receiveBufferBytes = 64 << 10
}

extension BenchPlan {
    private var slowPerRoom: Double { self.slowShare * Double(self.clientsPerRoom) }

    /// How many slow clients the rooms before this one have.
    private func slowClients(before room: Int) -> Int { Int(Double(room) * self.slowPerRoom + 1e-6) }

    /// How many of all clients read slowly or not at all.
    package var slowClients: Int { self.slowClients(before: self.rooms) }

    /// Slow clients are the last of their rooms, spread evenly over these; every second of them reads nothing.
    func pace(of client: Int) -> ReadingPace {
        let (room, place) = client.quotientAndRemainder(dividingBy: self.clientsPerRoom)
        let before = self.slowClients(before: room)
        let slow = self.slowClients(before: room + 1) - before
        let index = place - (self.clientsPerRoom - slow)
        guard index >= 0 else { return .full }
        return (before + index).isMultiple(of: 2) ? .silent : .slow
    }

    func isSender(_ client: Int) -> Bool {
        client % self.clientsPerRoom < self.sendersPerRoom && self.pace(of: client) == .full
    }

    var mistakesOfShares: [String] {
        guard self.slowShare != 0 else { return [] }
        guard (0..<1).contains(self.slowShare), self.slowPerRoom.rounded(.up) < Double(self.clientsPerRoom) else {
            return ["slow must leave at least one client of each room that is not"]
        }
        return self.slowClients > 0 ? [] : ["slow must be at least one client of all"]
    }
}
