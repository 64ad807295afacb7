internal import Foundation
internal import GavelAdmin
internal import Logging
internal import Synchronization

/// Keeps the latest failures of rules that the log tells, each kind once.
///
/// The log tells a failure once a minute and then how often it came again, so that counts may be behind by a minute. What
/// the log's level keeps out is not kept here.
final class HookFailures: FailureOperations {
    /// Failures that are kept.
    static let most = 50

    /// In the order in which they came, the latest last.
    private let kept = Mutex<[FailedHook]>([])

    /// The same logger, to which rules tell what fails.
    func hearing(_ logger: Logger) -> Logger {
        var logger = logger
        logger.handler = Handler(inner: logger.handler, failures: self)
        return logger
    }

    func failures() -> [FailedHook] {
        self.kept.withLock { Array($0.reversed()) }
    }

    fileprivate func note(_ event: LogEvent) {
        guard event.level == .error, event.source == "GavelScript", let metadata = event.metadata,
            let text = metadata["error"], let version = metadata["version"]
        else { return }
        func value(_ key: String) -> String? { metadata[key].map { "\($0)" } }
        let repeats = value("repeated").flatMap { Int($0) } ?? 0
        var failure = FailedHook(
            time: Int(Date().timeIntervalSince1970 * 1_000),
            hook: value("hook") ?? "",
            text: "\(text)",
            version: "\(version)",
            room: value("room") ?? "",
            client: value("client_id").flatMap { Int($0) },
            message: value("message"),
            traceback: Self.texts(metadata["traceback"]),
            count: repeats
        )
        self.kept.withLock { kept in
            let index = kept.firstIndex { known in
                known.hook == failure.hook && known.text == failure.text && known.version == failure.version
            }
            guard !failure.room.isEmpty else {
                // How often one of them came again.
                if let index { kept[index].count += repeats }
                return
            }
            failure.count += 1 + (index.map { kept.remove(at: $0).count } ?? 0)
            kept.append(failure)
            if kept.count > Self.most { kept.removeFirst() }
        }
    }

    private static func texts(_ value: Logger.Metadata.Value?) -> [String] {
        guard case .array(let values) = value else { return [] }
        return values.map { "\($0)" }
    }

    private struct Handler: LogHandler {
        var inner: any LogHandler
        let failures: HookFailures

        var logLevel: Logger.Level {
            get { self.inner.logLevel }
            set { self.inner.logLevel = newValue }
        }

        var metadata: Logger.Metadata {
            get { self.inner.metadata }
            set { self.inner.metadata = newValue }
        }

        var metadataProvider: Logger.MetadataProvider? {
            get { self.inner.metadataProvider }
            set { self.inner.metadataProvider = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.inner[metadataKey: key] }
            set { self.inner[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) {
            self.failures.note(event)
            self.inner.log(event: event)
        }
    }
}
