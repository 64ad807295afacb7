internal import GavelCore

/// What several ticks of a room brought, as one row of `entries`.
extension LogFile {
    /// - Parameters:
    ///   - frames: The numbered messages after ``RoomRecord/lastID``, up to `last`.
    ///   - changes: As ``Changes`` puts them together.
    func append(
        to record: inout RoomRecord,
        at wallMilliseconds: Int64,
        last: MessageID,
        frames: UnsafeRawBufferPointer,
        changes: [UInt8]
    ) throws(MessageLogError) {
        guard let statement = self.statements?.writeRow else { throw Self.closed }
        guard record.nextRow < RoomRecord.mostRows else {
            throw MessageLogError(.failed, "room \"\(RoomKey(bytes: record.key))\" has no row left")
        }
        let id = record.rowID(record.nextRow)
        let first = Int64(bitPattern: record.lastID + 1)
        let last = Int64(bitPattern: last)
        statement.bind(1, id)
        statement.bind(2, wallMilliseconds)
        statement.bind(3, first)
        statement.bind(4, last)
        let outcome: Result<Void, MessageLogError> = changes.withUnsafeBytes { changes in
            statement.bind(5, Self.sum(id, wallMilliseconds, first, last, changes, frames))
            statement.bind(6, static: changes)
            statement.bind(7, static: frames)
            do throws(MessageLogError) { return .success(try statement.run()) } catch { return .failure(error) }
        }
        try outcome.get()
        record.nextRow += 1
        record.lastID = MessageID(bitPattern: last)
    }

    /// Reads what is kept of a room.
    /// - Parameter now: Milliseconds since 1970 UTC.
    func stored(
        _ record: RoomRecord,
        history: HistoryLimits,
        now: Int64
    ) throws(MessageLogError) -> StoredRoom {
        var room = StoredRoom(
            epoch: record.epoch,
            lastID: record.lastID,
            isWhole: record.state != .exposed,
            copy: try self.readCopy(record)
        )
        guard record.firstRow < record.nextRow else { return room }
        guard let statement = self.statements?.readRows else { throw Self.closed }
        statement.bind(1, record.rowID(record.firstRow))
        statement.bind(2, record.rowID(record.nextRow - 1))
        defer { statement.reset() }
        var wanted = WantedMessages(history, now: now)
        var (row, last) = (record.nextRow, record.lastID)
        var changes: [[[UInt8]]] = []
        while row > record.firstRow, wanted.isOpen || row > record.copyRow {
            row -= 1
            guard try statement.step(), statement.integer(0) == record.rowID(row) else {
                throw self.contradiction(record, "row \(row) is not there")
            }
            let first = MessageID(bitPattern: statement.integer(2))
            let (changed, frames) = (statement.bytes(5), statement.bytes(6))
            let sum = Self.sum(
                statement.integer(0),
                statement.integer(1),
                statement.integer(2),
                statement.integer(3),
                changed,
                frames
            )
            guard sum == statement.integer(4) else {
                throw self.contradiction(record, "row \(row) does not fit its sum")
            }
            guard let ends = FrameWalk.ends(of: frames), MessageID(bitPattern: statement.integer(3)) == last,
                first >= 1, first <= last + 1, UInt64(ends.count) == last + 1 - first
            else { throw self.contradiction(record, "the numbers of row \(row) are not in order") }
            if row >= record.copyRow {
                guard let split = Changes.split(changed) else {
                    throw self.contradiction(record, "the changes of row \(row) cannot be read")
                }
                changes.append(split)
            }
            wanted.take(frames, ends: ends, first: first, at: statement.integer(1))
            last = first - 1
        }
        room.changes = changes.reversed().flatMap { $0 }
        room.messages = wanted.messages
        return room
    }

    private static func sum(
        _ id: Int64,
        _ at: Int64,
        _ first: Int64,
        _ last: Int64,
        _ changes: UnsafeRawBufferPointer,
        _ frames: UnsafeRawBufferPointer
    ) -> Int64 {
        var sum = Checksum(id)
        sum.add(at)
        sum.add(first)
        sum.add(last)
        sum.add(changes)
        sum.add(frames)
        return sum.value
    }
}
