/// The words of Lua source: names (with their dots and colons), strings, `=`, and everything else as single characters.
/// Comments are passed over.
struct SourceTokens {
    struct Token {
        var text: String
        var line: Int
        /// Where it begins, in bytes.
        var offset: Int
        var isName: Bool
    }

    private let source: [UInt8]
    private var index = 0
    private var line = 1

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]

    private init(_ source: [UInt8]) {
        self.source = source
    }

    static func all(of source: [UInt8]) -> [Token] {
        var words = Self(source)
        var tokens: [Token] = []
        while let token = words.read() { tokens.append(token) }
        return tokens
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        self.index + offset < self.source.count ? self.source[self.index + offset] : 0
    }

    private mutating func skip(_ count: Int = 1) {
        for _ in 0..<count where self.index < self.source.count {
            if self.source[self.index] == UInt8(ascii: "\n") { self.line += 1 }
            self.index += 1
        }
    }

    private mutating func read() -> Token? {
        while self.index < self.source.count {
            let byte = self.byte(), start = self.index
            if byte == UInt8(ascii: "-"), self.byte(1) == UInt8(ascii: "-") {
                self.skip(2)
                if !self.skipLongBracket() {
                    while self.index < self.source.count, self.byte() != UInt8(ascii: "\n") { self.skip() }
                }
            } else if byte == UInt8(ascii: "["), self.skipLongBracket() {
                return Token(text: self.text(from: start), line: self.line, offset: start, isName: false)
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                return self.string(byte)
            } else if Self.isWord(byte) {
                return self.word()
            } else if byte <= UInt8(ascii: " ") {
                self.skip()
            } else {
                let token = Token(text: String(UnicodeScalar(byte)), line: self.line, offset: start, isName: false)
                self.skip()
                // "==" and the like are no assignment.
                if byte != UInt8(ascii: "="), self.byte() == UInt8(ascii: "=") { self.skip() }
                if byte == UInt8(ascii: "="), self.byte() == byte {
                    self.skip()
                    return Token(text: "==", line: token.line, offset: start, isName: false)
                }
                return token
            }
        }
        return nil
    }

    private mutating func string(_ quote: UInt8) -> Token {
        let start = self.index, line = self.line
        self.skip()
        while self.index < self.source.count, self.byte() != quote {
            self.skip(self.byte() == UInt8(ascii: "\\") ? 2 : 1)
        }
        self.skip()
        return Token(text: self.text(from: start), line: line, offset: start, isName: false)
    }

    private func text(from start: Int) -> String {
        String(decoding: self.source[start..<self.index], as: UTF8.self)
    }

    /// A name with what stands behind its dots and colons, a keyword, or a number.
    private mutating func word() -> Token {
        let start = self.index, line = self.line
        while Self.isWord(self.byte()) { self.skip() }
        let text = self.text(from: start)
        if Self.keywords.contains(text) { return Token(text: text, line: line, offset: start, isName: false) }
        while self.joins() {
            self.skip()
            while Self.isWord(self.byte()) { self.skip() }
        }
        return Token(text: self.text(from: start), line: line, offset: start, isName: true)
    }

    /// Whether a dot or colon with a name behind it follows.
    private func joins() -> Bool {
        (self.byte() == UInt8(ascii: ".") || self.byte() == UInt8(ascii: ":")) && Self.isWord(self.byte(1))
    }

    /// Passes over `[[…]]`, `[==[…]==]`, if it stands here.
    private mutating func skipLongBracket() -> Bool {
        guard self.byte() == UInt8(ascii: "[") else { return false }
        var level = 0
        while self.byte(1 + level) == UInt8(ascii: "=") { level += 1 }
        guard self.byte(1 + level) == UInt8(ascii: "[") else { return false }
        self.skip(level + 2)
        while self.index < self.source.count {
            if self.byte() == UInt8(ascii: "]"), self.byte(1 + level) == UInt8(ascii: "]"),
                (0..<level).allSatisfy({ self.byte(1 + $0) == UInt8(ascii: "=") })
            {
                self.skip(level + 2)
                return true
            }
            self.skip()
        }
        return true
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
