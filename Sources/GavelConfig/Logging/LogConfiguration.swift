package import Logging

/// What is logged, and how a line looks.
package struct LogConfiguration: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        /// For people: one line with the time, the level, the metadata and the message.
        case text
        /// For collectors: one JSON object a line.
        case json
    }

    /// The least severe level that is logged.
    package var level: Logger.Level = .info
    package var format: Format = .text

    package init() {}

    /// A handler that writes to the standard error stream.
    /// - Parameter level: Of all handlers.
    package func makeHandler(
        label: String,
        metadataProvider: Logger.MetadataProvider?,
        level: LogLevel
    ) -> any LogHandler {
        switch self.format {
        case .text:
            let stream = PrintableLines()
            let handler = StreamLogHandler(label: label, stream: stream, metadataProvider: metadataProvider)
            return LevelledLogHandler(handler, level: level)
        case .json:
            return LevelledLogHandler(JSONLogHandler(label: label, metadataProvider: metadataProvider), level: level)
        }
    }
}
