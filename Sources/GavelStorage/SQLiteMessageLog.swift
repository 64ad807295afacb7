internal import Foundation
package import GavelCore
package import Logging

/// A log in an SQLite database, written by a thread of its own.
package final class SQLiteMessageLog: MessageLog {
    package let durability: LogDurability
    let waiting = WaitingCalls()
    let recordings = WaitingRecordings()
    private let end = ThreadEnd()

    /// Opens the database, or makes it; blocks for as long as that takes.
    /// - Parameters:
    ///   - path: Of the database, in place of the configuration's, which is seen from the configuration file.
    ///   - vfs: SQLite's name of a file system other than the usual one; for tests.
    /// - Throws: What keeps it from working: a folder that is missing, a file that is no log, another relay.
    package init(
        _ configuration: StorageConfiguration,
        path: String,
        clock: RelayClock = .system,
        vfs: String? = nil,
        logger: Logger
    ) throws(MessageLogError) {
        self.durability = configuration.durability
        let writer = LogWriter(
            file: try LogFile(path: path, vfs: vfs),
            configuration: configuration,
            waiting: self.waiting,
            recordings: self.recordings,
            checkpoints: try LogCheckpoints(path: path, vfs: vfs, logger: logger),
            clock: clock,
            logger: logger
        )
        let end = self.end
        let thread = Thread {
            writer.run()
            end.reach()
        }
        thread.name = "gavel.log"
        thread.start()
    }

    deinit {
        self.recordings.close()
        self.waiting.close()
    }

    package func open(
        _ key: RoomKey,
        life: UInt64,
        history: HistoryLimits,
        reply: @escaping @Sendable (Result<StoredRoom?, MessageLogError>) -> Void
    ) {
        let isTaken = self.waiting.put(.open(key, life: life, history: history, reply: reply), isUrgent: true)
        if !isTaken { reply(.failure(LogFile.closed)) }
    }

    package func append(
        _ entries: [LogEntry],
        reply: @escaping @Sendable ([UInt64: MessageLogError]) -> Void
    ) {
        let isUrgent = self.durability == .strict
        guard !self.waiting.put(.append(entries, reply: reply), isUrgent: isUrgent) else { return }
        reply(Dictionary(entries.map { ($0.life, LogFile.closed) }) { first, _ in first })
    }

    /// Commits what waits, answers it and closes the database. Calls that come later are refused.
    package func close() async {
        self.recordings.close()
        self.waiting.close()
        await self.end.wait()
    }
}
