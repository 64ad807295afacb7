internal import Dispatch
internal import GRDB
internal import GavelCore
internal import Logging
internal import Synchronization

/// Brings the write-ahead log into the database beside the commits, on a connection and a thread of its own.
///
/// The writer never pauses, so that such a checkpoint ends with a rest: what was committed meanwhile. When the rest is
/// small the writer itself brings it over, between two transactions, and the write-ahead log begins anew.
final class LogCheckpoints: Sendable {
    private let path: String
    private let queue: DatabaseQueue
    private let thread = DispatchQueue(label: "gavel.log.checkpoints")
    private let logger: Logger
    private let isRunning = Atomic(false)
    private let hasRest = Atomic(false)
    /// Bytes in the write-ahead log that make the next checkpoint due.
    private let dueBytes = Atomic(LogCheckpoints.usualBytes)

    private static let usualBytes = 32 << 20
    /// A rest that the writer may bring over.
    private static let smallBytes = 2 << 20
    private static let mostPasses = 6

    init(path: String, vfs: String?, logger: Logger) throws(MessageLogError) {
        self.path = path
        self.logger = logger
        do {
            self.queue = try LogFile.connect(path: path, vfs: vfs) { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64")
            }
        } catch {
            throw MessageLogError(error, path: path)
        }
    }

    /// To be called by the writer after each commit.
    func committed(_ file: LogFile) {
        if self.hasRest.exchange(false, ordering: .acquiring) {
            self.finish(file)
        } else if file.waitingBytes >= self.dueBytes.load(ordering: .relaxed),
            !self.isRunning.exchange(true, ordering: .acquiring)
        {
            self.thread.async { self.run() }
        }
    }

    private func run() {
        let result: Result<Void, MessageLogError> = self.queue.inDatabase { db in
            guard let connection = db.sqliteConnection else { return .success(()) }
            do throws(MessageLogError) {
                for _ in 0..<Self.mostPasses {
                    let (all, done) = try LogFile.checkpoint(connection, path: self.path)
                    if all - done < Self.smallBytes { break }
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = result { self.noteFailure(error) }
        self.hasRest.store(true, ordering: .releasing)
        self.isRunning.store(false, ordering: .releasing)
    }

    private func finish(_ file: LogFile) {
        do throws(MessageLogError) {
            let (all, done) = try LogFile.checkpoint(file.connection, path: self.path)
            // A backup that reads holds the rest up: no use to try again at every commit.
            self.dueBytes.store(all == done ? Self.usualBytes : all + Self.usualBytes, ordering: .relaxed)
        } catch {
            self.dueBytes.store(file.waitingBytes + Self.usualBytes, ordering: .relaxed)
            self.noteFailure(error)
        }
    }

    private func noteFailure(_ error: MessageLogError) {
        self.logger.warning("the log's checkpoint failed", metadata: ["error": "\(error.text)"])
    }

    /// Waits for a checkpoint that is under way, and makes no other.
    func stop() {
        self.thread.sync {}
        try? self.queue.close()
    }
}
