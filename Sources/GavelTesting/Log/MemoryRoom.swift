internal import GavelCore

/// What a ``MemoryMessageLog`` keeps of a room.
struct MemoryRoom {
    /// Empty until the first entry.
    private(set) var epoch: [UInt8] = []
    /// Whether outputs may have left that are not kept.
    var isExposed = false
    private var lastID: MessageID = 0
    private var copy: [UInt8]?
    private var changes: [[UInt8]] = []
    /// One for each message, up to `lastID`.
    private var messages: [StoredFrames] = []

    /// Takes what a tick brought.
    /// - Returns: `false` where its numbers do not follow on the last one.
    mutating func take(_ entry: LogEntry, durability: LogDurability, now: Int64) -> Bool {
        if let messages = entry.messages {
            guard messages.firstID == self.lastID + 1, messages.lastID == entry.lastID else { return false }
            let frames = messages.withBytes { FrameBytes.split(Array($0)) }
            guard UInt64(frames.count) == messages.lastID - self.lastID else { return false }
            for (index, bytes) in frames.enumerated() {
                let id = messages.firstID + MessageID(index)
                self.messages.append(StoredFrames(firstID: id, lastID: id, wallMilliseconds: now, bytes: bytes))
            }
        } else if entry.lastID != self.lastID {
            return false
        }
        self.lastID = entry.lastID
        if let copy = entry.copy {
            self.copy = copy
            self.changes = []
        } else if !entry.changes.isEmpty {
            self.changes.append(entry.changes)
        }
        if durability == .strict, entry.epoch != self.epoch { self.isExposed = false }
        if entry.kind == .sleep { self.isExposed = false }
        self.epoch = entry.epoch
        return true
    }

    func stored(history: HistoryLimits, now: Int64) -> StoredRoom {
        let (seconds, attoseconds) = history.age.components
        let oldest = now - seconds * 1_000 - attoseconds / 1_000_000_000_000_000
        var bytes = 0
        let latest = self.messages.reversed().prefix(history.messages).prefix { message in
            bytes += message.bytes.count
            return bytes <= history.bytes && message.wallMilliseconds >= oldest
        }
        return StoredRoom(
            epoch: self.epoch,
            lastID: self.lastID,
            isWhole: !self.isExposed,
            copy: self.copy,
            changes: self.changes,
            messages: latest.reversed()
        )
    }
}
