internal import GavelCore

/// What is said to the database, prepared once.
struct LogStatements {
    private static let record = """
        id, key, epoch, state, last_id, first_row, next_row, copy_row, copy_sum, touched, sum
        """

    let findRoom: LogStatement
    let lastRoom: LogStatement
    let freeRoom: LogStatement
    let writeRoom: LogStatement
    let updateRoom: LogStatement
    let writeCopy: LogStatement
    let readCopy: LogStatement
    let writeRow: LogStatement
    let readRows: LogStatement
    /// What retention must know of rows; reads neither changes nor frames.
    let surveyRows: LogStatement
    let deleteRows: LogStatement
    let deleteCopy: LogStatement
    let deleteRoom: LogStatement
    let abandonRoom: LogStatement
    let surveyRooms: LogStatement
    let writeRecording: LogStatement
    let readRecording: LogStatement
    let surveyRecording: LogStatement
    let deleteRecording: LogStatement
    let surveyOldRecordings: LogStatement
    let listRecordings: LogStatement

    init(_ connection: OpaquePointer, path: String) throws(MessageLogError) {
        func prepare(_ sql: String) throws(MessageLogError) -> LogStatement {
            try LogStatement(sql, connection, path: path)
        }
        self.findRoom = try prepare("SELECT \(Self.record) FROM rooms WHERE key = ?1")
        self.lastRoom = try prepare("SELECT ifnull(max(id), 0) FROM rooms")
        self.freeRoom = try prepare(
            "SELECT id + 1 FROM rooms AS r WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE id = r.id + 1) LIMIT 1"
        )
        self.writeRoom = try prepare(
            "INSERT INTO rooms (\(Self.record)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        )
        self.updateRoom = try prepare(
            """
            UPDATE rooms SET epoch = ?3, state = ?4, last_id = ?5, first_row = ?6, next_row = ?7, copy_row = ?8,
            copy_sum = ?9, touched = ?10, sum = ?11 WHERE id = ?1
            """
        )
        self.writeCopy = try prepare("INSERT OR REPLACE INTO copies (room, bytes) VALUES (?1, ?2)")
        self.readCopy = try prepare("SELECT bytes FROM copies WHERE room = ?1")
        self.writeRow = try prepare(
            """
            INSERT INTO entries (id, at, first_id, last_id, sum, changes, frames) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """
        )
        self.readRows = try prepare(
            """
            SELECT id, at, first_id, last_id, sum, changes, frames FROM entries WHERE id BETWEEN ?1 AND ?2
            ORDER BY id DESC
            """
        )
        self.surveyRows = try prepare(
            "SELECT id, at, last_id, changes IS NULL FROM entries WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
        )
        self.deleteRows = try prepare("DELETE FROM entries WHERE id BETWEEN ?1 AND ?2")
        self.deleteCopy = try prepare("DELETE FROM copies WHERE room = ?1")
        self.deleteRoom = try prepare("DELETE FROM rooms WHERE id = ?1")
        self.abandonRoom = try prepare("UPDATE rooms SET key = NULL WHERE id = ?1")
        self.surveyRooms = try prepare(
            "SELECT id, key IS NULL, touched, first_row, next_row FROM rooms WHERE id > ?1 ORDER BY id LIMIT ?2"
        )
        self.writeRecording = try prepare(
            "INSERT INTO recordings (room, segment, is_first, expires, bytes) VALUES (?1, ?2, ?3, ?4, ?5)"
        )
        self.readRecording = try prepare("SELECT segment, is_first, bytes FROM recordings WHERE room = ?1 ORDER BY id")
        self.surveyRecording = try prepare(
            "SELECT segment, sum(length(bytes)) FROM recordings WHERE room = ?1 GROUP BY segment ORDER BY segment"
        )
        self.deleteRecording = try prepare("DELETE FROM recordings WHERE room = ?1 AND segment = ?2")
        self.surveyOldRecordings = try prepare(
            """
            SELECT DISTINCT room, segment FROM recordings AS r WHERE expires < ?1 AND NOT EXISTS
            (SELECT 1 FROM recordings WHERE room = r.room AND segment = r.segment AND expires >= ?1) LIMIT ?2
            """
        )
        self.listRecordings = try prepare("SELECT DISTINCT room FROM recordings ORDER BY room")
    }
}
