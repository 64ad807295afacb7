import Foundation

/// Reads a relay's log while it is written.
struct RelayLog {
    /// One line.
    struct Line {
        let message: String
        /// What stands beside the message as a text.
        let texts: [String: String]
        /// And as a list of texts.
        let lists: [String: [String]]

        /// - Returns: `nil` where it is not what ``GavelConfig`` writes with `log.format = "json"`.
        init?(_ bytes: some DataProtocol) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
                let message = object["message"] as? String
            else { return nil }
            let metadata = object["metadata"] as? [String: Any] ?? [:]
            self.message = message
            self.texts = metadata.compactMapValues { $0 as? String }
            self.lists = metadata.compactMapValues { $0 as? [String] }
        }
    }

    let url: URL
    private var offset: UInt64 = 0

    init(_ url: URL) {
        self.url = url
    }

    /// Whole lines that were written since the last call.
    mutating func next() -> [Line] {
        guard let file = try? FileHandle(forReadingFrom: self.url) else { return [] }
        defer { try? file.close() }
        guard (try? file.seek(toOffset: self.offset)) != nil, let bytes = try? file.readToEnd(),
            let end = bytes.lastIndex(of: UInt8(ascii: "\n"))
        else { return [] }
        let whole = bytes[bytes.startIndex...end]
        self.offset += UInt64(whole.count)
        return whole.split(separator: UInt8(ascii: "\n")).compactMap { Line($0) }
    }
}

extension RelayLog.Line {
    /// What became of a save, as the relay tells it.
    enum Outcome: String {
        case applied = "in force"
        case unchanged = "nothing changed"
        case refused = "refused, everything stays as it was"
    }

    var outcome: Outcome? { Outcome(rawValue: self.message) }

    /// The room that went back from rules, where it kept all that it had.
    var returnedRoom: String? {
        self.message.hasSuffix("went back to those before, with all that it kept") ? self.texts["room"] : nil
    }
}
