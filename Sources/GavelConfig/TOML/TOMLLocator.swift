/// Finds the line on which each key of a TOML document stands.
///
/// The parser keeps no positions, so this walks the text once more. It expects a document that the parser took; in
/// any other it finds fewer keys, or wrong ones, but always comes to an end.
package struct TOMLLocator {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var lines: [ConfigurationPath: Int] = [:]
    /// The last index of each `[[array of tables]]`.
    private var lastIndexes: [ConfigurationPath: Int] = [:]
    private var depth = 0
    /// The first line with an escaped NUL in a string, which the parser would take for the string's end.
    package private(set) var firstNulLine: Int?

    /// Walks `text` once. Complexity: O(n).
    package init(_ text: String) {
        self.bytes = Array(text.utf8)
        if self.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.at = 3 }
        self.walkDocument()
    }

    /// The line of the value, counted from 1, or else of what it would stand in.
    package func line(of path: ConfigurationPath) -> Int? {
        var path = path
        while true {
            if let line = self.lines[path] { return line }
            guard let parent = path.parent else { return nil }
            path = parent
        }
    }

    private mutating func walkDocument() {
        var table = ConfigurationPath()
        while true {
            self.skipBlank()
            guard let byte = self.peek else { return }
            if byte == UInt8(ascii: "[") {
                table = self.walkHeader()
            } else {
                self.walkPair(in: table)
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`; answers the path that the following pairs stand under.
    private mutating func walkHeader() -> ConfigurationPath {
        let line = self.line
        self.at += 1
        let isElement = self.peek == UInt8(ascii: "[")
        if isElement { self.at += 1 }
        let keys = self.walkKeys()
        var path = ConfigurationPath()
        for (position, key) in keys.enumerated() {
            path = path.key(key)
            self.record(path, line)
            if isElement, position == keys.count - 1 {
                let index = (self.lastIndexes[path] ?? -1) + 1
                self.lastIndexes[path] = index
                path = path.index(index)
            } else if let index = self.lastIndexes[path] {
                path = path.index(index)
            }
            self.record(path, line)
        }
        while self.peek == UInt8(ascii: "]") { self.at += 1 }
        return path
    }

    /// `a.b = value`.
    private mutating func walkPair(in table: ConfigurationPath) {
        let start = self.at
        let line = self.line
        var path = table
        for key in self.walkKeys() {
            path = path.key(key)
            self.record(path, line)
        }
        if self.peek == UInt8(ascii: "=") {
            self.at += 1
            self.skipSpaces()
            self.walkValue(path)
        }
        if self.at == start { self.at += 1 }
    }

    /// Keys separated by dots, and the blanks around them.
    private mutating func walkKeys() -> [String] {
        var keys: [String] = []
        while true {
            self.skipSpaces()
            guard let byte = self.peek else { return keys }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                keys.append(self.walkString())
            } else {
                let start = self.at
                while let byte = self.peek, Self.isBareKey(byte) { self.at += 1 }
                guard self.at > start else { return keys }
                keys.append(String(decoding: self.bytes[start..<self.at], as: UTF8.self))
            }
            self.skipSpaces()
            guard self.peek == UInt8(ascii: ".") else { return keys }
            self.at += 1
        }
    }

    private mutating func walkValue(_ path: ConfigurationPath) {
        switch self.peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = self.walkString()
        case UInt8(ascii: "[") where self.depth < 256: self.walkArray(path)
        case UInt8(ascii: "{") where self.depth < 256: self.walkInlineTable(path)
        default:
            while let byte = self.peek, !Self.endsValue(byte) { self.at += 1 }
        }
    }

    private mutating func walkArray(_ path: ConfigurationPath) {
        self.depth += 1
        defer { self.depth -= 1 }
        self.at += 1
        var index = 0
        while true {
            self.skipBlank()
            guard let byte = self.peek else { return }
            switch byte {
            case UInt8(ascii: "]"):
                self.at += 1
                return
            case UInt8(ascii: ","):
                self.at += 1
                index += 1
            default:
                let start = self.at
                self.record(path.index(index), self.line)
                self.walkValue(path.index(index))
                if self.at == start { self.at += 1 }
            }
        }
    }

    private mutating func walkInlineTable(_ path: ConfigurationPath) {
        self.depth += 1
        defer { self.depth -= 1 }
        self.at += 1
        while true {
            self.skipBlank()
            guard let byte = self.peek else { return }
            switch byte {
            case UInt8(ascii: "}"):
                self.at += 1
                return
            case UInt8(ascii: ","): self.at += 1
            default: self.walkPair(in: path)
            }
        }
    }

    /// A string of any of the four kinds; answers its text, a simple escape resolved to the letter behind it.
    private mutating func walkString() -> String {
        let quote = self.bytes[self.at]
        let isLong = self.bytes[self.at...].starts(with: [quote, quote, quote])
        self.at += isLong ? 3 : 1
        var text: [UInt8] = []
        while let byte = self.peek {
            if byte == quote {
                if !isLong {
                    self.at += 1
                    break
                }
                let run = self.bytes[self.at...].prefix { $0 == quote }.count
                self.at += run
                if run >= 3 { break }
                continue
            }
            if byte == UInt8(ascii: "\n") {
                if !isLong { break }
                self.line += 1
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), self.at + 1 < self.bytes.count {
                self.at += 1
                if self.bytes[self.at] == UInt8(ascii: "\n") { self.line += 1 }
                let rest = self.bytes[self.at...]
                if rest.starts(with: "u0000".utf8) || rest.starts(with: "U00000000".utf8) {
                    self.firstNulLine = self.firstNulLine ?? self.line
                }
            }
            text.append(self.bytes[self.at])
            self.at += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Spaces, line ends and comments.
    private mutating func skipBlank() {
        while let byte = self.peek {
            switch byte {
            case UInt8(ascii: "\n"): self.line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "#"):
                while let byte = self.peek, byte != UInt8(ascii: "\n") { self.at += 1 }
                continue
            default: return
            }
            self.at += 1
        }
    }

    private mutating func skipSpaces() {
        while let byte = self.peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { self.at += 1 }
    }

    private mutating func record(_ path: ConfigurationPath, _ line: Int) {
        if self.lines[path] == nil { self.lines[path] = line }
    }

    private var peek: UInt8? {
        self.at < self.bytes.count ? self.bytes[self.at] : nil
    }

    private static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "\n"): true
        default: false
        }
    }
}
