internal import Logging
internal import Synchronization

/// Logs what goes wrong in rules, each distinct error once a minute and then how often it came again, so that a flood
/// of messages that fail writes no line each. Shared by all rooms of one version of rules, on whatever loop.
final class ScriptErrorLog: Sendable {
    private let logger: Logger
    private let version: String
    private let tally = Mutex(ErrorTally())

    init(logger: Logger, version: String) {
        self.logger = logger
        self.version = version
    }

    /// Logs what went wrong, or counts it.
    /// - Parameters:
    ///   - now: Milliseconds of a clock that never goes back.
    ///   - metadata: Of this one, asked for only where it is logged.
    /// - Returns: When ``tellRepeats(at:)`` has something to say of it; `nil`: it was logged.
    func report(_ report: ErrorReport, at now: Int64, metadata: () -> Logger.Metadata) -> Int64? {
        let (answer, over) = self.tally.withLock { $0.add(report, at: now) }
        for (report, repeats) in over { self.log(report, repeats: repeats) }
        switch answer {
        case .counted(let until):
            return until
        case .new(let repeats):
            var metadata = self.metadata(of: report).merging(metadata()) { $1 }
            if repeats > 0 { metadata["repeated"] = "\(repeats)" }
            self.logger.log(level: report.level, "\(report.message)", metadata: metadata)
            return nil
        }
    }

    /// Logs how often errors came again whose minute is over.
    func tellRepeats(at now: Int64) {
        let over = self.tally.withLock { $0.endPeriods(at: now) }
        for (report, repeats) in over { self.log(report, repeats: repeats) }
    }

    private func log(_ report: ErrorReport, repeats: Int) {
        var metadata = self.metadata(of: report)
        metadata["repeated"] = "\(repeats)"
        self.logger.log(level: report.level, "\(report.message), again and again", metadata: metadata)
    }

    private func metadata(of report: ErrorReport) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "error": "\(report.error.description.onOneLine)",
            "version": "\(self.version)",
        ]
        if !report.hook.isEmpty { metadata["hook"] = "\(report.hook.onOneLine)" }
        return metadata
    }
}
