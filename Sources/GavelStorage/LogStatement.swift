internal import GRDBSQLite
internal import GavelCore

/// A prepared statement, which lives as long as its connection is open.
///
/// Bound by hand, because GRDB copies every blob twice on its way.
final class LogStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let path: String

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, _ connection: OpaquePointer, path: String) throws(MessageLogError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw MessageLogError(sqlite: code, String(cString: sqlite3_errmsg(connection)), path: path)
        }
        self.handle = handle
        self.connection = connection
        self.path = path
    }

    deinit {
        sqlite3_finalize(self.handle)
    }

    func bind(_ index: CInt, _ value: Int64) {
        sqlite3_bind_int64(self.handle, index, value)
    }

    /// Binds NULL where there is no value.
    func bind(_ index: CInt, _ value: Int64?) {
        if let value { self.bind(index, value) } else { sqlite3_bind_null(self.handle, index) }
    }

    /// Copies the bytes.
    func bind(_ index: CInt, _ bytes: [UInt8]) {
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(self.handle, index, 0)
        } else {
            sqlite3_bind_blob64(self.handle, index, bytes, UInt64(bytes.count), Self.transient)
        }
    }

    /// Binds bytes that stay where they are until the statement has run; NULL where there are none.
    func bind(_ index: CInt, static bytes: UnsafeRawBufferPointer) {
        if bytes.isEmpty {
            sqlite3_bind_null(self.handle, index)
        } else {
            sqlite3_bind_blob64(self.handle, index, bytes.baseAddress, UInt64(bytes.count), nil)
        }
    }

    /// - Returns: Whether there is a row to read.
    func step() throws(MessageLogError) -> Bool {
        let code = sqlite3_step(self.handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let text = String(cString: sqlite3_errmsg(self.connection))
            let extended = sqlite3_extended_errcode(self.connection)
            sqlite3_reset(self.handle)
            throw MessageLogError(sqlite: extended, text, path: self.path)
        }
    }

    /// Runs to the end, and is ready to be bound anew.
    func run() throws(MessageLogError) {
        while try self.step() {}
        self.reset()
    }

    func reset() {
        sqlite3_reset(self.handle)
    }

    func integer(_ column: CInt) -> Int64 {
        sqlite3_column_int64(self.handle, column)
    }

    func isNull(_ column: CInt) -> Bool {
        sqlite3_column_type(self.handle, column) == SQLITE_NULL
    }

    /// Valid until the next step.
    func bytes(_ column: CInt) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(self.handle, column)
        return UnsafeRawBufferPointer(
            start: start,
            count: start == nil ? 0 : Int(sqlite3_column_bytes(self.handle, column))
        )
    }
}
