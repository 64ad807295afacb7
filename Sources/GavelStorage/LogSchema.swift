internal import Foundation
internal import GRDB
internal import GavelCore

/// The tables of a log, and what tells it from the databases of others.
enum LogSchema {
    /// `Gavl`: bytes 68 to 71 of the file.
    static let applicationID: Int64 = 0x4761_766C
    static let version: Int64 = 1
    static let pageBytes = 4096

    /// `rooms.key` is NULL where a room is over and its rows are still to go. The numbers of `entries` are
    /// ``RoomRecord/rowID(_:)``, so that what belongs together stands together; `frames` and `changes` come last,
    /// so that all else can be read without them.
    private static let tables = """
        CREATE TABLE rooms (
            id INTEGER PRIMARY KEY, key BLOB UNIQUE, epoch BLOB NOT NULL, state INTEGER NOT NULL,
            last_id INTEGER NOT NULL, first_row INTEGER NOT NULL, next_row INTEGER NOT NULL,
            copy_row INTEGER NOT NULL, copy_sum INTEGER, touched INTEGER NOT NULL, sum INTEGER NOT NULL
        );
        CREATE TABLE copies (room INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
            sum INTEGER NOT NULL, changes BLOB, frames BLOB
        );
        """

    /// Recordings came later: a log without them gets them. `is_first`: it begins a segment.
    private static let recordings = """
        CREATE TABLE IF NOT EXISTS recordings (
            id INTEGER PRIMARY KEY, room BLOB NOT NULL, segment INTEGER NOT NULL, is_first INTEGER NOT NULL,
            expires INTEGER NOT NULL, bytes BLOB NOT NULL
        );
        CREATE INDEX IF NOT EXISTS recordings_of_rooms ON recordings (room, segment);
        CREATE INDEX IF NOT EXISTS recordings_by_age ON recordings (expires);
        """

    /// Whether the file is new.
    /// - Throws: ``MessageLogError`` for a file that is no log of ours.
    static func check(_ db: Database, path: String) throws -> Bool {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == self.applicationID {
            guard version <= self.version else {
                throw MessageLogError(.corrupt, "\(path) was written by a newer version of gavel")
            }
            guard version == self.version else { throw MessageLogError(.corrupt, "\(path) has no version") }
            return false
        }
        let objects = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard application == 0, version == 0, objects == 0 else {
            throw MessageLogError(.corrupt, "\(path) is a database of another program")
        }
        return true
    }

    /// Makes a connection fit for a log, and a new file a log.
    static func prepare(_ db: Database, path: String) throws {
        try db.execute(sql: "PRAGMA page_size = \(self.pageBytes); PRAGMA auto_vacuum = NONE")
        let isNew = try self.check(db, path: path)
        // The system has the file in memory already; SQLite's own pages are those of one transaction and their way down.
        try db.execute(
            sql: """
                PRAGMA cache_size = -16384; PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY;
                PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF
                """
        )
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw MessageLogError(.failed, "\(path): its file system cannot hold a write-ahead log")
        }
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = \(64 << 20)")
        try db.inTransaction(.immediate) {
            if isNew {
                try db.execute(sql: self.tables)
                try db.execute(sql: "PRAGMA application_id = \(self.applicationID)")
            }
            try db.execute(sql: self.recordings)
            // Shows too whether the file can be written.
            try db.execute(sql: "PRAGMA user_version = \(self.version)")
            return .commit
        }
    }
}
