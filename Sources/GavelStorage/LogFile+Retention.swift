internal import GavelCore

/// What retention asks of the tables, and deletes from them.
extension LogFile {
    struct RowSurvey {
        var row: Int64
        var wallMilliseconds: Int64
        var lastID: MessageID
        var hasChanges: Bool
    }

    struct RoomSurvey {
        var id: Int64
        var isOver: Bool
        var touched: Int64
        var rows: Range<Int64>
    }

    func survey(_ record: RoomRecord, rows: Range<Int64>) throws(MessageLogError) -> [RowSurvey] {
        guard !rows.isEmpty else { return [] }
        guard let statement = self.statements?.surveyRows else { throw Self.closed }
        statement.bind(1, record.rowID(rows.lowerBound))
        statement.bind(2, record.rowID(rows.upperBound - 1))
        defer { statement.reset() }
        var found: [RowSurvey] = []
        while try statement.step() {
            found.append(
                RowSurvey(
                    row: statement.integer(0) - record.rowID(0),
                    wallMilliseconds: statement.integer(1),
                    lastID: MessageID(bitPattern: statement.integer(2)),
                    hasChanges: statement.integer(3) == 0
                )
            )
        }
        return found
    }

    func survey(roomsAfter id: Int64, most: Int64) throws(MessageLogError) -> [RoomSurvey] {
        guard let statement = self.statements?.surveyRooms else { throw Self.closed }
        statement.bind(1, id)
        statement.bind(2, most)
        defer { statement.reset() }
        var found: [RoomSurvey] = []
        while try statement.step() {
            let (first, next) = (statement.integer(3), statement.integer(4))
            // Of a row that cannot be right: everything that may stand there.
            let isRight = first >= 0 && first <= next && next <= RoomRecord.mostRows
            found.append(
                RoomSurvey(
                    id: statement.integer(0),
                    isOver: statement.integer(1) == 1,
                    touched: statement.integer(2),
                    rows: isRight ? first..<next : 0..<RoomRecord.mostRows
                )
            )
        }
        return found
    }

    /// The rows of a room that is over; `nil` where the room is not there.
    func rows(ofRoom id: Int64) throws(MessageLogError) -> Range<Int64>? {
        try self.survey(roomsAfter: id - 1, most: 1).first { $0.id == id }?.rows
    }

    /// Frees the key of a room; its rows go later.
    func abandon(_ id: Int64) throws(MessageLogError) {
        guard let statement = self.statements?.abandonRoom else { throw Self.closed }
        statement.bind(1, id)
        try statement.run()
    }

    func deleteRows(_ id: Int64, _ rows: Range<Int64>) throws(MessageLogError) {
        guard !rows.isEmpty else { return }
        guard let statement = self.statements?.deleteRows else { throw Self.closed }
        statement.bind(1, id << RoomRecord.rowBits | rows.lowerBound)
        statement.bind(2, id << RoomRecord.rowBits | (rows.upperBound - 1))
        try statement.run()
    }

    func deleteRoom(_ id: Int64) throws(MessageLogError) {
        guard let statements = self.statements else { throw Self.closed }
        for statement in [statements.deleteCopy, statements.deleteRoom] {
            statement.bind(1, id)
            try statement.run()
        }
    }
}
