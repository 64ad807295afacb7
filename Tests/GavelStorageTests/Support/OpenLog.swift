import GavelCore
import GavelStorage
import GavelTesting

/// A log that is not begun anew.
final class OpenLog: MessageLogSubject {
    let log: any MessageLog

    init(_ log: SQLiteMessageLog) {
        self.log = log
    }

    func settle() {}

    func restart(_ way: MessageLogRestart) throws {
        throw MessageLogError(.failed, "it is not begun anew")
    }

    func append(_ entries: [LogEntry]) async -> [UInt64: MessageLogError] {
        await withCheckedContinuation { continuation in
            self.log.append(entries) { continuation.resume(returning: $0) }
        }
    }
}
