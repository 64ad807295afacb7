internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import GavelCore

/// The database of a log: its connection for writing, and what a transaction consists of.
///
/// Used by one thread at a time, inside ``access(_:)`` but for the beginning and the end.
final class LogFile {
    let path: String
    let queue: DatabaseQueue
    let connection: OpaquePointer
    private(set) var statements: LogStatements?
    private var lock: FileLock?
    private var isSynced = true
    /// Pages in the write-ahead log after the last commit.
    private let logPages: UnsafeMutablePointer<CInt>

    /// Opens the file, or makes it.
    /// - Parameter vfs: SQLite's name of a file system other than the usual one; for tests.
    init(path: String, vfs: String?) throws(MessageLogError) {
        try Self.checkPlace(path)
        self.path = path
        self.lock = try FileLock(path)
        self.logPages = .allocate(capacity: 1)
        self.logPages.initialize(to: 0)
        do {
            self.queue = try Self.connect(path: path, vfs: vfs) { try LogSchema.prepare($0, path: path) }
            (self.connection, self.statements) = try self.queue.inDatabase { db in
                guard let connection = db.sqliteConnection else {
                    throw MessageLogError(.failed, "\(path) has no connection")
                }
                return (connection, try LogStatements(connection, path: path))
            }
        } catch {
            self.logPages.deallocate()
            throw MessageLogError(error, path: path)
        }
        // In place of SQLite's own checkpoints, which come in the middle of a commit.
        sqlite3_wal_hook(
            self.connection,
            { context, _, _, pages in
                context?.storeBytes(of: pages, as: CInt.self)
                return SQLITE_OK
            },
            self.logPages
        )
    }

    deinit {
        self.logPages.deallocate()
    }

    static func connect(
        path: String,
        vfs: String?,
        prepare: @escaping @Sendable (Database) throws -> Void
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "gavel.log"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { try prepare($0) }
        return try DatabaseQueue(path: self.address(path, vfs: vfs), configuration: configuration)
    }

    /// The path, or where a file system is named, or the path might be taken for an address, an address.
    static func address(_ path: String, vfs: String?, query: String = "") -> String {
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove("?")
        let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path
        let options = [vfs.map { "vfs=\($0)" }, query.isEmpty ? nil : query].compactMap { $0 }
        if options.isEmpty { return path.hasPrefix("file:") ? "./\(path)" : path }
        return "file:\(escaped)?\(options.joined(separator: "&"))"
    }

    /// What can be said better than SQLite says it.
    static func checkPlace(_ path: String) throws(MessageLogError) {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw MessageLogError(.failed, "the folder \(folder) does not exist")
        }
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            if isFolder.boolValue { throw MessageLogError(.failed, "\(path) is a folder") }
            guard Foundation.access(path, R_OK | W_OK) == 0 else {
                throw MessageLogError(.readOnly, "\(path) cannot be written")
            }
        }
        guard Foundation.access(folder, W_OK) == 0 else {
            throw MessageLogError(.readOnly, "nothing can be written in the folder \(folder)")
        }
    }

    func access<Result>(_ body: () throws -> Result) rethrows -> Result {
        try self.queue.inDatabase { _ in try body() }
    }

    /// - Parameter synced: Whether the commit shall outlive a loss of power.
    func begin(synced: Bool) throws(MessageLogError) {
        if synced != self.isSynced {
            try self.execute(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
            self.isSynced = synced
        }
        try self.execute("BEGIN IMMEDIATE")
    }

    func commit() throws(MessageLogError) {
        try self.execute("COMMIT")
    }

    /// Ends a transaction that failed, if SQLite has not done so already.
    func rollBack() {
        if sqlite3_get_autocommit(self.connection) == 0 { try? self.execute("ROLLBACK") }
    }

    /// Bytes that wait in the write-ahead log, after the last commit.
    var waitingBytes: Int { Int(self.logPages.pointee) * LogSchema.pageBytes }

    /// Brings what waits in the write-ahead log into the database, as far as no reader needs it there.
    /// - Returns: Bytes in the write-ahead log, and how many of them are in the database.
    static func checkpoint(_ connection: OpaquePointer, path: String) throws(MessageLogError) -> (Int, Int) {
        var (all, done): (CInt, CInt) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, &all, &done)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw MessageLogError(sqlite: code, String(cString: sqlite3_errmsg(connection)), path: path)
        }
        return (max(0, Int(all)) * LogSchema.pageBytes, max(0, Int(done)) * LogSchema.pageBytes)
    }

    /// Closes the connection: SQLite then brings everything into the database. Another relay may have it afterwards.
    func close() throws(MessageLogError) {
        self.statements = nil
        defer { self.lock = nil }
        do {
            try self.queue.close()
        } catch {
            throw MessageLogError(error, path: self.path)
        }
    }

    private func execute(_ sql: String) throws(MessageLogError) {
        let code = sqlite3_exec(self.connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else {
            let extended = sqlite3_extended_errcode(self.connection)
            throw MessageLogError(sqlite: extended, String(cString: sqlite3_errmsg(self.connection)), path: self.path)
        }
    }
}

extension MessageLogError {
    /// What GRDB throws.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as MessageLogError: self = error
        case let error as DatabaseError:
            self.init(sqlite: error.extendedResultCode.rawValue, error.message ?? "unknown", path: path)
        default: self.init(.failed, "\(path): \(error)")
        }
    }
}
