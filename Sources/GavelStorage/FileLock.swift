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
        let file = Self.file(of: path)
        self.descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else {
            throw MessageLogError(system: errno, "\(file) cannot be opened")
        }
        guard Self.take(self.descriptor) else {
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

    /// Tries for half a second: a relay that is at its end lets go soon, and so does a process that another one is just
    /// starting, which has all descriptors for a moment.
    private static func take(_ descriptor: CInt) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK else { return false }
            usleep(25_000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Whether a relay has the database at this moment; makes no file.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(self.file(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { Foundation.close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func file(of path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false) + "-lock"
    }
}
