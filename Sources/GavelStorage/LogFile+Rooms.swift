internal import GavelCore

/// Rows of the tables, checked as they are read.
extension LogFile {
    /// What is kept under a key; `nil`: nothing.
    func room(_ key: RoomKey) throws(MessageLogError) -> RoomRecord? {
        guard let statement = self.statements?.findRoom else { throw Self.closed }
        statement.bind(1, key.bytes)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        guard let state = RoomRecord.State(rawValue: statement.integer(3)) else {
            throw self.contradiction(key, "its state is unknown")
        }
        let record = RoomRecord(
            id: statement.integer(0),
            key: Array(statement.bytes(1)),
            epoch: Array(statement.bytes(2)),
            state: state,
            lastID: MessageID(bitPattern: statement.integer(4)),
            firstRow: statement.integer(5),
            nextRow: statement.integer(6),
            copyRow: statement.integer(7),
            copySum: statement.isNull(8) ? nil : statement.integer(8),
            touched: statement.integer(9)
        )
        guard record.sum == statement.integer(10), record.key == key.bytes else {
            throw self.contradiction(key, "its row does not fit its sum")
        }
        return record
    }

    /// Writes the row of a room that is not there yet, and clears the place of what a damaged file may hold there.
    func insert(_ record: RoomRecord) throws(MessageLogError) {
        guard let statements = self.statements else { throw Self.closed }
        statements.deleteCopy.bind(1, record.id)
        try statements.deleteCopy.run()
        try self.deleteRows(record, 0...RoomRecord.mostRows - 1)
        statements.writeRoom.bind(2, record.key)
        try self.run(statements.writeRoom, record)
    }

    func update(_ record: RoomRecord) throws(MessageLogError) {
        guard let statement = self.statements?.updateRoom else { throw Self.closed }
        try self.run(statement, record)
    }

    private func run(_ statement: LogStatement, _ record: RoomRecord) throws(MessageLogError) {
        statement.bind(1, record.id)
        statement.bind(3, record.epoch)
        statement.bind(4, record.state.rawValue)
        statement.bind(5, Int64(bitPattern: record.lastID))
        statement.bind(6, record.firstRow)
        statement.bind(7, record.nextRow)
        statement.bind(8, record.copyRow)
        statement.bind(9, record.copySum)
        statement.bind(10, record.touched)
        statement.bind(11, record.sum)
        try statement.run()
    }

    /// A number for a new room.
    func freeRoom() throws(MessageLogError) -> Int64 {
        guard let statements = self.statements else { throw Self.closed }
        defer {
            statements.lastRoom.reset()
            statements.freeRoom.reset()
        }
        let most = Int64(1) << (62 - RoomRecord.rowBits)
        guard try statements.lastRoom.step() else { return 1 }
        let next = statements.lastRoom.integer(0) + 1
        guard next > most else { return next }
        guard try statements.freeRoom.step(), statements.freeRoom.integer(0) <= most else {
            throw MessageLogError(.failed, "\(self.path) has no number left for a room")
        }
        return statements.freeRoom.integer(0)
    }

    /// - Returns: The sum over it, for ``RoomRecord/copySum``.
    func writeCopy(_ record: RoomRecord, _ copy: [UInt8]) throws(MessageLogError) -> Int64 {
        guard let statement = self.statements?.writeCopy else { throw Self.closed }
        statement.bind(1, record.id)
        statement.bind(2, copy)
        try statement.run()
        return Self.sum(ofCopy: copy, record)
    }

    func readCopy(_ record: RoomRecord) throws(MessageLogError) -> [UInt8]? {
        guard let sum = record.copySum else { return nil }
        guard let statement = self.statements?.readCopy else { throw Self.closed }
        statement.bind(1, record.id)
        defer { statement.reset() }
        guard try statement.step() else { throw self.contradiction(record, "its copy is not there") }
        let copy = Array(statement.bytes(0))
        guard Self.sum(ofCopy: copy, record) == sum else {
            throw self.contradiction(record, "its copy does not fit its sum")
        }
        return copy
    }

    private static func sum(ofCopy copy: [UInt8], _ record: RoomRecord) -> Int64 {
        var sum = Checksum(record.id)
        sum.add(copy)
        return sum.value
    }

    func deleteRows(_ record: RoomRecord, _ rows: ClosedRange<Int64>) throws(MessageLogError) {
        guard let statement = self.statements?.deleteRows else { throw Self.closed }
        statement.bind(1, record.rowID(rows.lowerBound))
        statement.bind(2, record.rowID(rows.upperBound))
        try statement.run()
    }

    func contradiction(_ record: RoomRecord, _ what: String) -> MessageLogError {
        self.contradiction(RoomKey(bytes: record.key), what)
    }

    func contradiction(_ key: RoomKey, _ what: String) -> MessageLogError {
        MessageLogError(.corrupt, "\(self.path) is damaged: room \"\(key)\": \(what)")
    }

    static let closed = MessageLogError(.failed, "the log is closed")
}
