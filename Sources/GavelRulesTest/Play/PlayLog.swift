internal import Logging
internal import Synchronization

/// What rules log while a test plays with them.
final class PlayLog: Sendable {
    private struct Contents {
        var lines: [String] = []
        var errors: [TestFailure.RulesError] = []
    }

    private let contents = Mutex(Contents())

    var lines: [String] { self.contents.withLock { $0.lines } }
    var errors: [TestFailure.RulesError] { self.contents.withLock { $0.errors } }

    /// Takes the first error whose text contains a word; `false`: there is none.
    func takeError(containing word: String) -> Bool {
        self.contents.withLock {
            guard let index = $0.errors.firstIndex(where: { $0.text.contains(word) }) else { return false }
            $0.errors.remove(at: index)
            return true
        }
    }

    /// Forgets the errors that came after so many.
    func forgetErrors(after count: Int) {
        self.contents.withLock { $0.errors.removeLast(max(0, $0.errors.count - count)) }
    }

    func add(line: String) {
        self.contents.withLock { if $0.lines.count < 1000 { $0.lines.append(line) } }
    }

    var logger: Logger {
        Logger(label: "test", factory: { _ in Handler(log: self) })
    }

    private struct Handler: LogHandler {
        let log: PlayLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = event.metadata ?? [:]
            if event.level >= .error {
                let error = TestFailure.RulesError(metadata)
                self.log.contents.withLock { if $0.errors.count < 100 { $0.errors.append(error) } }
            } else {
                self.log.add(line: event.message.description + (metadata["fields"].map { " \($0)" } ?? ""))
            }
        }
    }
}

extension TestFailure.RulesError {
    fileprivate init(_ metadata: Logger.Metadata) {
        let words = ["hook", "room", "client_id", "message"].compactMap { name in
            metadata[name].map { "\(name == "client_id" ? "client" : name) \($0)" }
        }
        var traceback: [String] = []
        if case .array(let lines)? = metadata["traceback"] { traceback = lines.map(\.description) }
        self.init(
            text: metadata["error"]?.description ?? "",
            circumstances: words.joined(separator: ", "),
            traceback: traceback
        )
    }
}
