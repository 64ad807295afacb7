internal import GavelCore

/// What the calls do to rooms, inside a transaction.
extension LogWriter {
    /// A row larger than this, in bytes, is not added to.
    private static let largestRow = 1 << 20

    func open(
        _ key: RoomKey,
        life: UInt64,
        history: HistoryLimits,
        in transaction: inout LogTransaction
    ) throws(MessageLogError) {
        if let earlier = self.lifeOfKey[key].flatMap({ self.lives[$0] }) {
            if earlier.isDirty { try self.write(earlier, in: &transaction) }
            self.endLife(earlier.life)
        }
        let found: (record: RoomRecord, stored: StoredRoom)?
        do throws(MessageLogError) {
            found = try self.find(key, history: history, now: transaction.now)
        } catch {
            // What is wrong with one room is no reason to fail the others.
            guard error.code == .corrupt else { throw error }
            transaction.outcomes.append(.opened(.failure(error)))
            return
        }
        var record: RoomRecord
        if let found {
            record = found.record
            record.touched = transaction.now
            record.state = self.durability == .relaxed || record.state == .exposed ? .exposed : .covered
            try self.file.update(record)
        } else {
            record = RoomRecord(
                id: try self.file.freeRoom(),
                key: key.bytes,
                state: self.durability == .relaxed ? .exposed : .covered,
                touched: transaction.now
            )
            try self.file.insert(record)
        }
        let room = LiveRoom(life: life, record: record)
        self.lives[life] = room
        self.lifeOfKey[key] = life
        transaction.lives.insert(life)
        transaction.written.append(room)
        transaction.outcomes.append(.opened(.success(record.epoch.isEmpty ? nil : found?.stored)))
    }

    private func find(
        _ key: RoomKey,
        history: HistoryLimits,
        now: Int64
    ) throws(MessageLogError) -> (record: RoomRecord, stored: StoredRoom)? {
        guard let record = try self.file.room(key) else { return nil }
        return (record, try self.file.stored(record, history: history, now: now))
    }

    func append(_ entries: [LogEntry], in transaction: inout LogTransaction) throws(MessageLogError) {
        var refused: [UInt64: MessageLogError] = [:]
        for entry in entries {
            guard let room = self.lives[entry.life] else {
                if refused[entry.life] == nil { refused[entry.life] = LogTransaction.stale }
                continue
            }
            if entry.kind == .end {
                transaction.lives.insert(entry.life)
                try self.file.abandon(room.record.id)
                transaction.ended.append(room.record.id)
                room.isDirty = false
                self.endLife(entry.life)
                continue
            }
            guard room.take(entry, durability: self.durability) else {
                transaction.lives.insert(entry.life)
                refused[entry.life] = MessageLogError(
                    .failed,
                    "room \"\(entry.key)\": its numbers do not follow on \(room.lastID)"
                )
                if room.isDirty { try self.write(room, in: &transaction) }
                self.endLife(entry.life)
                continue
            }
            if !room.isDirty {
                room.isDirty = true
                transaction.lives.insert(entry.life)
                transaction.dirty.append(room)
            }
            if entry.kind == .sleep {
                room.record.state = .asleep
                try self.write(room, in: &transaction)
                self.endLife(entry.life)
            } else if room.frameBytes + room.changes.count > Self.largestRow {
                try self.write(room, in: &transaction)
            }
        }
        transaction.outcomes.append(.appended(refused))
    }

    /// Writes what a room has gathered.
    func write(_ room: LiveRoom, in transaction: inout LogTransaction) throws(MessageLogError) {
        if let copy = room.copy {
            room.record.copySum = try self.file.writeCopy(room.record, copy)
            room.record.copyRow = room.record.nextRow
        }
        if !room.frames.isEmpty || !room.changes.isEmpty {
            self.scratch.clear(expecting: room.frameBytes)
            for frames in room.frames { frames.withBytes { self.scratch.append($0) } }
            let hadRows = room.record.firstRow < room.record.nextRow
            try self.file.append(
                to: &room.record,
                at: transaction.now,
                last: room.lastID,
                frames: self.scratch.bytes,
                changes: room.changes
            )
            if !hadRows { room.oldest = (room.lastID, transaction.now) }
        }
        room.record.touched = transaction.now
        try self.file.update(room.record)
        room.clear()
        room.isDirty = false
        transaction.written.append(room)
    }
}
