internal import Foundation
internal import GRDBSQLite
internal import GavelCore

extension MessageLogError {
    /// What SQLite says.
    /// - Parameter code: Its extended result code.
    init(sqlite code: CInt, _ message: String, path: String) {
        switch code & 0xFF {
        case SQLITE_FULL: self.init(.full, "no room on the disk for \(path)")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: self.init(.readOnly, "\(path) cannot be written (\(message))")
        case SQLITE_NOTADB: self.init(.corrupt, "\(path) is not a database")
        case SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG:
            self.init(.corrupt, "\(path) is damaged (\(message))")
        case SQLITE_BUSY, SQLITE_LOCKED: self.init(.locked, "\(path) is used by another program")
        default: self.init(.failed, "\(path): \(message) (SQLite says \(code))")
        }
    }

    /// What the system says.
    init(system number: CInt, _ what: String) {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT: self.init(.full, "\(what): \(reason)")
        case EACCES, EPERM, EROFS: self.init(.readOnly, "\(what): \(reason)")
        default: self.init(.failed, "\(what): \(reason)")
        }
    }
}
