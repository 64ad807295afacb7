/// Reads a glob pattern into steps.
struct GlobParser {
    /// Bounds on what an operator may ask of each join.
    static let patternBytes = 256
    static let mostAlternatives = 64

    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var depth = 0

    static func parse(_ pattern: String) throws(Complaint) -> [[Glob.Step]] {
        guard !pattern.isEmpty else {
            throw Complaint("the pattern is empty", advice: "Write \"*\" for every room.")
        }
        guard pattern.utf8.count <= Self.patternBytes else {
            throw Complaint(
                "the pattern has more than \(Self.patternBytes) bytes",
                advice: "Room keys have at most 128: shorten it, or use another [[rooms]] entry."
            )
        }
        var parser = GlobParser(scalars: Array(pattern.unicodeScalars))
        return try parser.parseSequence()
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    /// Steps up to the end of the pattern, or, inside braces, up to a comma or the closing brace.
    private mutating func parseSequence() throws(Complaint) -> [[Glob.Step]] {
        var sequences: [[Glob.Step]] = [[]]
        while self.at < self.scalars.count {
            let scalar = self.scalars[self.at]
            if self.depth > 0, scalar == "," || scalar == "}" { break }
            self.at += 1
            switch scalar {
            case "*": Self.append(.run, to: &sequences)
            case "?": Self.append(.one, to: &sequences)
            case "[": Self.append(try self.parseSet(), to: &sequences)
            case "{":
                let choices = try self.parseChoices()
                guard sequences.count * choices.count <= Self.mostAlternatives else {
                    throw Complaint(
                        "the braces stand for more than \(Self.mostAlternatives) patterns",
                        advice: "Use several [[rooms]] entries."
                    )
                }
                sequences = sequences.flatMap { sequence in choices.map { sequence + $0 } }
            case "\\": Self.append(try self.parseEscaped(), to: &sequences)
            default: Self.append(scalar, to: &sequences)
            }
        }
        return sequences
    }

    /// What stands between `{`, which was read, and its `}`.
    private mutating func parseChoices() throws(Complaint) -> [[Glob.Step]] {
        self.depth += 1
        defer { self.depth -= 1 }
        var choices: [[Glob.Step]] = []
        while true {
            choices += try self.parseSequence()
            guard self.at < self.scalars.count else {
                throw Complaint("a { has no }", advice: "Close it, or write \\{ for the character itself.")
            }
            self.at += 1
            if self.scalars[self.at - 1] == "}" { return choices }
        }
    }

    /// What stands between `[`, which was read, and its `]`.
    private mutating func parseSet() throws(Complaint) -> Glob.Step {
        var ranges: [ClosedRange<UInt32>] = []
        let isNegated = self.peek == "!" || self.peek == "^"
        if isNegated { self.at += 1 }
        while let scalar = self.peek {
            self.at += 1
            if scalar == "]" {
                guard !ranges.isEmpty else {
                    throw Complaint("[] is a set of nothing", advice: "Write the characters in it, such as [0-9].")
                }
                return .set(ranges, isNegated: isNegated)
            }
            let low = scalar == "\\" ? try self.parseEscaped() : scalar
            guard self.peek == "-", self.at + 1 < self.scalars.count, self.scalars[self.at + 1] != "]" else {
                ranges.append(low.value...low.value)
                continue
            }
            self.at += 2
            let end = self.scalars[self.at - 1]
            let high = end == "\\" ? try self.parseEscaped() : end
            guard low <= high else {
                throw Complaint("[\(low)-\(high)] runs backwards", advice: "Write [\(high)-\(low)].")
            }
            ranges.append(low.value...high.value)
        }
        throw Complaint("a [ has no ]", advice: "Close it, or write \\[ for the character itself.")
    }

    /// The character behind a backslash, which was read.
    private mutating func parseEscaped() throws(Complaint) -> Unicode.Scalar {
        guard let scalar = self.peek else {
            throw Complaint("the pattern ends with a backslash", advice: "Write \\\\ for the character itself.")
        }
        self.at += 1
        return scalar
    }

    private var peek: Unicode.Scalar? {
        self.at < self.scalars.count ? self.scalars[self.at] : nil
    }

    private static func append(_ scalar: Unicode.Scalar, to sequences: inout [[Glob.Step]]) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            Self.append(.byte(byte), to: &sequences)
        }
    }

    /// Two runs in a row match what one does.
    private static func append(_ step: Glob.Step, to sequences: inout [[Glob.Step]]) {
        for index in sequences.indices where step != .run || sequences[index].last != .run {
            sequences[index].append(step)
        }
    }
}
