internal import Logging
internal import Synchronization

/// Keeps what rules log while somebody tries them, so that it goes to who does, not to the relay's log.
final class TrialLog: Sendable {
    private let kept = Mutex<[String]>([])

    /// Lines at a time, at most; more are left out.
    static let mostLines = 100

    var logger: Logger { Logger(label: "trial", factory: { _ in Handler(log: self) }) }

    /// The lines since the last time.
    func take() -> [String] {
        self.kept.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    private func add(_ line: String) {
        self.kept.withLock { if $0.count < Self.mostLines { $0.append(line) } }
    }

    private struct Handler: LogHandler {
        let log: TrialLog
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var line = event.message.description
            if let fields = event.metadata?["fields"] { line += " \(fields)" }
            if let error = event.metadata?["error"] { line += ": \(error)" }
            if let repeats = event.metadata?["repeated"] { line += " (\(repeats) times more)" }
            self.log.add(line)
        }
    }
}
