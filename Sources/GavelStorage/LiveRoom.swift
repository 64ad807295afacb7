internal import GavelCore

/// A life of a room, as the writer has it: what is committed, and what the running transaction adds.
final class LiveRoom {
    let life: UInt64
    /// As it will stand in the database when the transaction is committed.
    var record: RoomRecord

    /// Numbered messages that are not in a row yet.
    private(set) var frames: [NumberedFrames] = []
    private(set) var frameBytes = 0
    private(set) var changes: [UInt8] = []
    private(set) var copy: [UInt8]?
    /// The last number, with what is not in a row yet.
    private(set) var lastID: MessageID
    /// Whether it is on the transaction's list of rooms to write.
    var isDirty = false

    /// The last number and the time of the oldest row; `nil` where there is none.
    var oldest: (lastID: MessageID, wallMilliseconds: Int64)?
    /// Whether it is on the list of rooms with rows to delete.
    var isDue = false
    /// A row that cannot go before a copy covers it.
    var blockedRow: Int64 = -1

    init(life: UInt64, record: RoomRecord) {
        self.life = life
        self.record = record
        self.lastID = record.lastID
    }

    /// Takes what a tick brought.
    /// - Returns: `false` where its numbers do not follow on the last one: nothing of it is taken.
    func take(_ entry: LogEntry, durability: LogDurability) -> Bool {
        if let messages = entry.messages {
            guard messages.firstID == self.lastID + 1, messages.lastID >= messages.firstID,
                messages.lastID == entry.lastID
            else { return false }
            self.frames.append(messages)
            self.frameBytes += messages.byteCount
        } else {
            guard entry.lastID == self.lastID else { return false }
        }
        self.lastID = entry.lastID
        if let copy = entry.copy {
            self.copy = copy
            self.changes = []
        } else {
            Changes.append(entry.changes, to: &self.changes)
        }
        if entry.epoch != self.record.epoch {
            self.record.epoch = entry.epoch
            if durability == .strict { self.record.state = .covered }
        }
        return true
    }

    func clear() {
        self.frames.removeAll(keepingCapacity: true)
        self.frameBytes = 0
        self.changes = []
        self.copy = nil
    }
}
