import Logging
import Synchronization

/// Keeps what is logged.
final class LogRecorder: Sendable {
    struct Entry: Sendable, CustomStringConvertible {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata

        var description: String { "\(self.level) \(self.message) \(self.metadata)" }

        func text(_ key: String) -> String { self.metadata[key].map { "\($0)" } ?? "" }
    }

    private let stored = Mutex<[Entry]>([])

    var entries: [Entry] { self.stored.withLock { $0 } }

    /// What the last entry says went wrong.
    var lastError: String { self.entries.last?.text("error") ?? "" }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(recorder: self) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let merged = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.recorder.stored.withLock {
                $0.append(Entry(level: event.level, message: "\(event.message)", metadata: merged))
            }
        }
    }
}
