internal import GavelCore

extension MessageLogConformance {
    static let random: [MessageLogCase] = (1...4).map { seed in
        MessageLogCase("a random play of rooms, entries and restarts is kept, seed \(seed)") { client in
            var play = RandomLogPlay(seed: seed)
            try await play.run(client)
        }
    }
}

/// Rooms that are opened, written, put to sleep and ended by chance, and what must be kept of them.
private struct RandomLogPlay {
    struct Expected: Equatable {
        var epoch: [UInt8]
        var lastID: MessageID = 0
        var isWhole = true
        var copy: String?
        var changes: [String] = []
        var frames: [[UInt8]] = []
    }

    private var generator: SeededGenerator
    private var kept: [RoomKey: Expected] = [:]
    private var open: [RoomKey: LoggedRoom] = [:]
    private var epochs = 0

    init(seed: Int) {
        self.generator = SeededGenerator(seed: UInt64(seed))
    }

    mutating func run(_ client: MessageLogClient) async throws {
        for _ in 0..<120 {
            switch Int.random(in: 0..<20, using: &self.generator) {
            case 0:
                try await client.restart(Bool.random(using: &self.generator) ? .killed : .inGoodOrder)
                self.open = [:]
            case 1...4: try await self.openRoom(client)
            default: try await self.append(client)
            }
        }
    }

    private mutating func openRoom(_ client: MessageLogClient) async throws {
        let key = RoomKey("room \(Int.random(in: 0..<5, using: &self.generator))")
        var (stored, room) = try await client.open(key)
        let found = try stored.map {
            Expected(
                epoch: $0.epoch,
                lastID: $0.lastID,
                isWhole: $0.isWhole,
                copy: $0.copyText,
                changes: $0.changeTexts,
                frames: try $0.frames()
            )
        }
        try expect(found == self.kept[key], "\(key): \(String(describing: found)) is kept")
        if stored?.isWhole != true {
            self.epochs += 1
            room.epoch = Array("epoch \(self.epochs)".utf8)
        }
        if client.log.durability == .relaxed { self.kept[key]?.isWhole = false }
        self.open[key] = room
    }

    private mutating func append(_ client: MessageLogClient) async throws {
        var entries: [LogEntry] = []
        for _ in 0..<Int.random(in: 1...6, using: &self.generator) {
            let keys = self.open.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            guard let key = keys.randomElement(using: &self.generator), let room = self.open[key] else { break }
            entries.append(self.entry(of: key, room, isStrict: client.log.durability == .strict))
        }
        let refused = await client.append(entries)
        try expect(refused.isEmpty, "refused \(refused)")
    }

    private mutating func entry(of key: RoomKey, _ before: LoggedRoom, isStrict: Bool) -> LogEntry {
        var room = before
        let chance = Int.random(in: 0..<30, using: &self.generator)
        let kind = chance == 0 ? LogEntry.Kind.end : chance == 1 ? .sleep : .tick
        let count = Int.random(in: 0...3, using: &self.generator)
        let padding = chance == 2 ? 20_000 : chance
        let changes = Bool.random(using: &self.generator) ? "change \(chance)" : ""
        let copy = kind == .sleep || chance == 3 ? "copy \(room.lastID)" : nil
        let entry = room.entry(kind, messages: count, padding: padding, changes: changes, copy: copy)
        self.open[key] = kind == .tick ? room : nil
        guard kind != .end else {
            self.kept[key] = nil
            return entry
        }
        var expected = self.kept[key] ?? Expected(epoch: [])
        expected.epoch = room.epoch
        expected.isWhole = isStrict || kind == .sleep
        if count > 0 {
            expected.frames += (before.lastID + 1...room.lastID).map { FrameBytes.message($0, padding: padding) }
        }
        expected.lastID = room.lastID
        if copy != nil {
            (expected.copy, expected.changes) = (copy, [])
        } else if !changes.isEmpty {
            expected.changes.append(changes)
        }
        self.kept[key] = expected
        return entry
    }
}
