internal import Foundation
internal import GavelCore

/// Keeps a second relay from a database: a lock on a file beside it.
///
/// SQLite's own locks would keep backups out too, and a lock on the database itself would end SQLite's when it is
/// closed (POSIX). The system ends the lock with the process; the file stays, for another may have opened it already.
final class FileLock: Sendable {
    private let descriptor: CInt

    /// - Parameter path: Of the database.
    init(_ path: String) throws(MessageLogError) {
        let file = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false) + "-lock"
        self.descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else {
            throw MessageLogError(system: errno, "\(file) cannot be opened")
        }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            Foundation.close(self.descriptor)
            if number == EWOULDBLOCK {
                throw MessageLogError(.locked, "\(path) belongs to another relay that is running")
            }
            throw MessageLogError(system: number, "\(file) cannot be locked")
        }
    }

    deinit {
        Foundation.close(self.descriptor)
    }
}
