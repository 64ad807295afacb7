import GavelConfig
import GavelCore
import GavelTesting
import Testing

@Suite("Globs over room keys")
struct GlobTests {
    @Test(
        "a pattern matches the whole key",
        arguments: [
            ("chess-*", "chess-1", true), ("chess-*", "chess-", true), ("chess-*", "a-chess-1", false),
            ("*", "", true), ("*", "anything", true), ("*-a", "b-a-a", true), ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false), ("?", "é", true), ("??", "é", false), ("?", "", false), ("a?c", "abc", true),
            ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true), ("[^a-c]x", "ax", false),
            ("[à-ü]", "é", true), ("[a-]", "-", true), ("[\\]]", "]", true), ("[\\a-c]", "b", true),
            ("{chess,go}-*", "go-9", true), ("{chess,go}-*", "ludo-9", false), ("a{,b}", "a", true),
            ("{a,b{c,d}}e", "bde", true), ("{a,b{c,d}}e", "be", false), ("a,b", "a,b", true), ("}", "}", true),
            ("\\*", "*", true), ("\\*", "a", false), ("\\{a\\}", "{a}", true), ("Chess", "chess", false),
            ("日*", "日本", true), ("*?", "é", true), ("*??", "é", false),
        ]
    )
    func matches(pattern: String, key: String, isMatch: Bool) throws {
        #expect(try Glob(pattern).matches(RoomKey(key)) == isMatch)
    }

    @Test("two normalisations of a letter are two names")
    func comparesBytes() throws {
        #expect(try Glob("caf\u{E9}").matches(RoomKey("caf\u{E9}")))
        #expect(try !Glob("caf\u{E9}").matches(RoomKey("cafe\u{301}")))
    }

    @Test(
        "a pattern that cannot be is told what is wrong",
        arguments: [
            ("", "the pattern is empty"), ("[a", "a [ has no ]"), ("[]", "[] is a set of nothing"),
            ("[z-a]", "[z-a] runs backwards"), ("{a,b", "a { has no }"), ("a\\", "the pattern ends with a backslash"),
            ("[a\\", "the pattern ends with a backslash"),
            ("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "the braces stand for more than 64 patterns"),
            (String(repeating: "a", count: 257), "the pattern has more than 256 bytes"),
        ]
    )
    func refuses(pattern: String, what: String) {
        let complaint = #expect(throws: Complaint.self) { try Glob(pattern) }
        #expect(complaint?.what == what)
    }

    @Test("braces within braces cannot exhaust memory or stack")
    func boundsBraces() {
        #expect(throws: Complaint.self) { try Glob(String(repeating: "{", count: 250)) }
        #expect(throws: Complaint.self) {
            try Glob("{" + String(repeating: ",", count: 250) + "}")
        }
    }

    @Test("a pattern made to be slow is not")
    func boundsTime() throws {
        let glob = try Glob(String(repeating: "a*", count: 100) + "b")
        let key = RoomKey(String(repeating: "a", count: 128))
        let time = try ContinuousClock().measure {
            for _ in 0..<10 { try #require(!glob.matches(key)) }
        }
        #expect(time < .seconds(2))
    }

    @Test(
        "bytes that are not UTF-8 are matched without a crash",
        arguments: [[0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F]]
    )
    func survivesInvalidBytes(bytes: [UInt8]) throws {
        let key = RoomKey(bytes: bytes)
        #expect(try Glob("*").matches(key))
        #expect(try Glob("*[!a]").matches(key))
    }

    @Test("a pattern matches what a plain, slow matcher says", arguments: [1, 2, 3] as [UInt64])
    func agreesWithPlainMatcher(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var matched = 0
        for _ in 0..<3_000 {
            let pattern = PlainPattern.random(using: &generator)
            let glob = try Glob(pattern.text)
            for _ in 0..<5 {
                let key = PlainPattern.randomKey(using: &generator)
                let isMatch = pattern.matches(key[...])
                if isMatch { matched += 1 }
                #expect(
                    glob.matches(RoomKey(String(String.UnicodeScalarView(key)))) == isMatch,
                    "seed \(seed): \(pattern.text) on \(String(String.UnicodeScalarView(key)))"
                )
            }
        }
        #expect(matched > 100)
    }
}

/// A pattern as a tree, matched by trying everything.
private indirect enum PlainPattern {
    case nothing
    case text(Unicode.Scalar, PlainPattern)
    case one(PlainPattern)
    case run(PlainPattern)
    case set([Unicode.Scalar], isNegated: Bool, PlainPattern)
    case choice([PlainPattern], PlainPattern)

    private static let alphabet: [Unicode.Scalar] = ["a", "b", "é", "日", "-"]

    static func random(using generator: inout SeededGenerator, depth: Int = 0) -> PlainPattern {
        var pattern = PlainPattern.nothing
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 5 : 2), using: &generator) {
            switch Int.random(in: 0...(depth < 2 ? 6 : 5), using: &generator) {
            case 0, 1: pattern = .run(pattern)
            case 2: pattern = .one(pattern)
            case 3:
                let set = self.alphabet.dropLast().filter { _ in Bool.random(using: &generator) }
                pattern = .set(set + ["a"], isNegated: Bool.random(using: &generator), pattern)
            case 6:
                let choices = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
                    Self.random(using: &generator, depth: depth + 1)
                }
                pattern = .choice(choices, pattern)
            default: pattern = .text(self.alphabet.randomElement(using: &generator) ?? "a", pattern)
            }
        }
        if depth == 0, pattern.text.isEmpty { return .text("a", .nothing) }
        return pattern
    }

    static func randomKey(using generator: inout SeededGenerator) -> [Unicode.Scalar] {
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in self.alphabet.randomElement(using: &generator) ?? "a"
        }
    }

    var text: String {
        switch self {
        case .nothing: ""
        case .text(let scalar, let rest): "\(scalar)\(rest.text)"
        case .one(let rest): "?\(rest.text)"
        case .run(let rest): "*\(rest.text)"
        case .set(let set, let isNegated, let rest):
            "[\(isNegated ? "!" : "")\(set.map(String.init).joined())]\(rest.text)"
        case .choice(let choices, let rest): "{\(choices.map(\.text).joined(separator: ","))}\(rest.text)"
        }
    }

    func matches(_ key: ArraySlice<Unicode.Scalar>) -> Bool {
        self.ends(of: key).contains(key.endIndex)
    }

    /// Every place up to which a beginning of `key` matches.
    private func ends(of key: ArraySlice<Unicode.Scalar>) -> Set<Int> {
        switch self {
        case .nothing: [key.startIndex]
        case .text(let scalar, let rest): key.first == scalar ? rest.ends(of: key.dropFirst()) : []
        case .one(let rest): key.isEmpty ? [] : rest.ends(of: key.dropFirst())
        case .run(let rest):
            (0...key.count).reduce(into: []) { ends, count in ends.formUnion(rest.ends(of: key.dropFirst(count))) }
        case .set(let set, let isNegated, let rest):
            key.first.map { set.contains($0) != isNegated } ?? false ? rest.ends(of: key.dropFirst()) : []
        case .choice(let choices, let rest):
            choices.reduce(into: []) { ends, choice in
                for end in choice.ends(of: key) { ends.formUnion(rest.ends(of: key[end...])) }
            }
        }
    }
}
