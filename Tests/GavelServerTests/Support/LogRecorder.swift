import Logging
import Synchronization

/// Keeps what is logged, and waits for what will be.
final class LogRecorder: Sendable {
    struct Entry: Sendable, CustomStringConvertible {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
        var source = ""

        /// As people read it, but for the time, the level and the label.
        var line: String {
            let values = self.metadata.sorted { $0.key < $1.key }.map { "\($0)=\($1) " }
            return values.joined() + "[\(self.source)] \(self.message)"
        }

        var description: String { "\(self.level) \(self.message) \(self.metadata)" }

        /// What stands under a key, as text.
        subscript(key: String) -> String { self.metadata[key].map { "\($0)" } ?? "" }
    }

    private struct State {
        var entries: [Entry] = []
        var waiting: [(matches: @Sendable (Entry) -> Bool, caller: CheckedContinuation<Entry, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [Entry] { self.state.withLock { $0.entries } }

    func entries(_ message: String) -> [Entry] { self.entries.filter { $0.message == message } }

    /// The first entry with a message, perhaps one to come.
    /// - Parameter file: What it is about, where that matters.
    @discardableResult
    func wait(_ message: String? = nil, file: String? = nil, after count: Int = 0) async -> Entry {
        let matches: @Sendable (Entry) -> Bool = { entry in
            (message == nil || entry.message == message) && (file == nil || entry["file"] == file)
        }
        return await withCheckedContinuation { caller in
            let found = self.state.withLock { state -> Entry? in
                if let entry = state.entries.dropFirst(count).first(where: matches) { return entry }
                state.waiting.append((matches, caller))
                return nil
            }
            if let found { caller.resume(returning: found) }
        }
    }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(recorder: self) }
    }

    private func add(_ entry: Entry) {
        let callers = self.state.withLock { state in
            state.entries.append(entry)
            let callers = state.waiting.filter { $0.matches(entry) }.map(\.caller)
            state.waiting.removeAll { $0.matches(entry) }
            return callers
        }
        for caller in callers { caller.resume(returning: entry) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let merged = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.recorder.add(
                Entry(level: event.level, message: "\(event.message)", metadata: merged, source: event.source)
            )
        }
    }
}
