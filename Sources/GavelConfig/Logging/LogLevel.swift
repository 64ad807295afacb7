package import Logging
internal import Synchronization

/// The least severe level that is logged, for all loggers of the process; may change while they log.
package final class LogLevel: Sendable {
    private let rank: Atomic<Int>

    package init(_ level: Logger.Level) {
        self.rank = Atomic(Self.rank(of: level))
    }

    package var level: Logger.Level { Logger.Level.allCases[self.rank.load(ordering: .relaxed)] }

    package func set(_ level: Logger.Level) {
        self.rank.store(Self.rank(of: level), ordering: .relaxed)
    }

    private static func rank(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }
}

/// A handler whose level is that of the whole process.
struct LevelledLogHandler<Handler: LogHandler>: LogHandler {
    private var handler: Handler
    private let shared: LogLevel
    /// What this logger alone was set to.
    private var own: Logger.Level?

    /// - Parameter handler: Which itself logs every level.
    init(_ handler: Handler, level: LogLevel) {
        self.handler = handler
        self.handler.logLevel = .trace
        self.shared = level
    }

    var logLevel: Logger.Level {
        get { self.own ?? self.shared.level }
        set { self.own = newValue }
    }

    var metadata: Logger.Metadata {
        get { self.handler.metadata }
        set { self.handler.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { self.handler.metadataProvider }
        set { self.handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.handler[metadataKey: key] }
        set { self.handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        self.handler.log(event: event)
    }
}
