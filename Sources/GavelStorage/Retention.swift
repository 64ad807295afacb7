internal import GavelCore

/// Deletes what need not be kept any more, a little after each commit.
struct Retention {
    /// A room of which nothing is to stay: the rows that are still there.
    private struct Remainder {
        var id: Int64
        var rows: Range<Int64>
    }

    private let keepMessages: UInt64
    private let keepMilliseconds: Int64
    /// How much more than that is let stand, so that rows go by the dozen.
    private let slack: UInt64
    private var due: [LiveRoom] = []
    private var remainders: [Remainder] = []
    /// The room behind which the search for old ones goes on; `nil` where it is done.
    private var cursor: Int64? = 0
    /// When it begins again.
    private var nextSearch: Int64 = .min
    /// Rows written since the last step.
    private var rowsWritten = 0

    /// Rows deleted in one step at least, if so many are to go.
    private static let leastRows = 256
    private static let roomsSearched: Int64 = 512

    init(_ configuration: StorageConfiguration) {
        self.keepMessages = UInt64(configuration.keepMessages)
        self.keepMilliseconds = configuration.keepAge.milliseconds
        self.slack = max(self.keepMessages / 8, 1)
    }

    /// Whether a step now would do something.
    var hasWork: Bool { !self.due.isEmpty || !self.remainders.isEmpty || self.cursor != nil }

    /// Takes note of what a transaction wrote.
    mutating func note(_ transaction: LogTransaction) {
        self.rowsWritten += transaction.written.count
        for room in transaction.written { self.consider(room, now: transaction.now) }
        self.remainders += transaction.ended.map { Remainder(id: $0, rows: 0..<0) }
    }

    private mutating func consider(_ room: LiveRoom, now: Int64) {
        guard !room.isDue, room.record.firstRow < room.record.nextRow, room.record.copyRow > room.blockedRow else {
            return
        }
        if let oldest = room.oldest {
            guard
                oldest.lastID + self.keepMessages + self.slack <= room.record.lastID
                    || oldest.wallMilliseconds < now - self.keepMilliseconds
            else { return }
        }
        room.isDue = true
        self.due.append(room)
    }

    /// Deletes some of what is to go, in a transaction of its own.
    mutating func step(_ file: LogFile, lives: [UInt64: LiveRoom], now: Int64) throws(MessageLogError) {
        if now >= self.nextSearch {
            self.cursor = self.cursor ?? 0
            self.nextSearch = now + min(max(self.keepMilliseconds / 10, 1_000), 600_000)
            for room in lives.values { self.consider(room, now: now) }
        }
        guard self.hasWork else { return }
        var budget = max(Self.leastRows, self.rowsWritten * 2)
        self.rowsWritten = 0
        try file.begin(synced: false)
        let before = self
        var pruned: [(LiveRoom, RoomRecord, (MessageID, Int64)?)] = []
        do throws(MessageLogError) {
            try self.search(file, lives: lives, now: now)
            while budget > 0, let room = self.due.popLast() {
                // Its row may be another life's by now.
                guard lives[room.life] === room else { continue }
                try pruned.append(self.prune(room, file, now: now, budget: &budget))
            }
            while budget > 0, !self.remainders.isEmpty {
                try self.shrink(file, budget: &budget)
            }
            try file.commit()
        } catch {
            self = before
            self.due.removeAll()
            for room in before.due { room.isDue = false }
            throw error
        }
        for (room, record, oldest) in pruned {
            room.record = record
            room.oldest = oldest
            room.isDue = false
            self.consider(room, now: now)
        }
    }

    /// Deletes the oldest rows of a room.
    private func prune(
        _ room: LiveRoom,
        _ file: LogFile,
        now: Int64,
        budget: inout Int
    ) throws(MessageLogError) -> (LiveRoom, RoomRecord, (MessageID, Int64)?) {
        var record = room.record
        let first = record.firstRow
        let oldestTime = now - self.keepMilliseconds
        var oldest: (MessageID, Int64)?
        let rows = try file.survey(record, rows: first..<min(record.nextRow, first + Int64(budget) + 1))
        // Rows that are not there are told at the next open; until then all stays as it is.
        if rows.first?.row != first { room.blockedRow = .max }
        for row in rows {
            let isOld = row.lastID + self.keepMessages <= record.lastID || row.wallMilliseconds < oldestTime
            let isCovered = row.row < record.copyRow || !row.hasChanges
            if isOld, !isCovered { room.blockedRow = row.row }
            guard isOld, isCovered, row.row == record.firstRow else {
                oldest = (row.lastID, row.wallMilliseconds)
                break
            }
            record.firstRow += 1
        }
        if record.firstRow > first {
            try file.deleteRows(record, first...record.firstRow - 1)
            try file.update(record)
        }
        budget -= Int(record.firstRow - first) + 1
        return (room, record, oldest)
    }

    /// Deletes some rows of a room of which nothing stays, in the end the room.
    private mutating func shrink(_ file: LogFile, budget: inout Int) throws(MessageLogError) {
        guard var remainder = self.remainders.popLast() else { return }
        if remainder.rows.isEmpty {
            guard let rows = try file.rows(ofRoom: remainder.id) else { return }
            remainder.rows = rows
        }
        let end = min(remainder.rows.upperBound, remainder.rows.lowerBound + Int64(max(budget, 1)))
        budget -= Int(end - remainder.rows.lowerBound) + 4
        try file.deleteRows(remainder.id, remainder.rows.lowerBound..<end)
        if end < remainder.rows.upperBound {
            remainder.rows = end..<remainder.rows.upperBound
            self.remainders.append(remainder)
        } else {
            try file.deleteRoom(remainder.id)
        }
    }

    /// Looks for rooms that nobody was in for too long, and for remainders of an earlier run.
    private mutating func search(_ file: LogFile, lives: [UInt64: LiveRoom], now: Int64) throws(MessageLogError) {
        guard let cursor = self.cursor else { return }
        let rooms = try file.survey(roomsAfter: cursor, most: Self.roomsSearched)
        self.cursor = Int64(rooms.count) < Self.roomsSearched ? nil : rooms.last?.id
        let known = Set(self.remainders.map(\.id))
        let inUse = Set(lives.values.map(\.record.id))
        for room in rooms where !known.contains(room.id) && !inUse.contains(room.id) {
            guard room.isOver || room.touched < now - self.keepMilliseconds else { continue }
            if !room.isOver { try file.abandon(room.id) }
            self.remainders.append(Remainder(id: room.id, rows: room.rows))
        }
    }
}
