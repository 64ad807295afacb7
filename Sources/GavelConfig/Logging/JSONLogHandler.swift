package import Foundation
package import Logging

/// Logs one JSON object a line: `{"time":…,"level":…,"label":…,"message":…,"metadata":{…}}`.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> Date
    private let write: @Sendable (_ line: [UInt8]) -> Void

    /// - Parameters:
    ///   - now: The wall clock.
    ///   - write: Takes one line with its line feed, from any thread.
    package init(
        label: String,
        metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (_ line: [UInt8]) -> Void = { try? FileHandle.standardError.write(contentsOf: $0) }
    ) {
        self.label = label
        self.metadataProvider = metadataProvider
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var metadata = self.metadata
        metadata.merge(self.metadataProvider?.get() ?? [:]) { $1 }
        metadata.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { metadata["error"] = "\(error)" }

        var text = JSONText()
        text.append(raw: "{\"time\":")
        text.append(string: self.now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        for (name, value) in [
            ("level", event.level.rawValue), ("label", self.label), ("message", event.message.description),
        ] {
            text.append(raw: ",\"\(name)\":")
            text.append(string: value)
        }
        if !metadata.isEmpty {
            text.append(raw: ",\"metadata\":")
            Self.append(.dictionary(metadata), to: &text)
        }
        text.append(raw: "}\n")
        self.write(text.bytes)
    }

    private static func append(_ value: Logger.Metadata.Value, to text: inout JSONText) {
        switch value {
        case .string(let string): text.append(string: string)
        case .stringConvertible(let value): text.append(string: value.description)
        case .array(let values): text.append(values, open: "[", close: "]") { Self.append($1, to: &$0) }
        case .dictionary(let values):
            let sorted = values.sorted { $0.key < $1.key }
            text.append(sorted, open: "{", close: "}") { text, member in
                text.append(string: member.key)
                text.append(raw: ":")
                Self.append(member.value, to: &text)
            }
        }
    }
}
