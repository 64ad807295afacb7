import Foundation

/// A small seeded generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A generator with the seed of the environment's GAVEL_SEED, or else a new one, which it prints.
    static func announced(_ test: String = #function) -> SeededGenerator {
        let seed = ProcessInfo.processInfo.environment["GAVEL_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        print("\(test): GAVEL_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }
}

/// Makes valid texts with all there is in JSON, and damages them.
struct RandomJSON {
    var generator: SeededGenerator

    mutating func chance(_ outOf: Int) -> Bool {
        Int.random(in: 0..<outOf, using: &self.generator) == 0
    }

    mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &self.generator)]
    }

    mutating func space() -> String {
        self.chance(4) ? self.pick([" ", "\n", "\t", "\r", "  ", " \r\n\t "]) : ""
    }

    mutating func string() -> String {
        var text = "\""
        for _ in 0..<self.pick([0, 1, 2, 3, 5, 8, 13, 15, 16, 17, 31, 32, 33, 40]) {
            text += self.pick([
                "a", "b", "c", " ", "/", "é", "€", "😀", "\u{7f}", "{", "[", ",", ":", "0", "\\\\", "\\\"", "\\/", "\\b",
                "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\uDBFF\\uDFFF",
                "\\u0000", "\\u001f",
            ])
        }
        return text + "\""
    }

    mutating func number() -> String {
        var text = self.chance(3) ? "-" : ""
        text +=
            self.chance(3)
            ? "0" : "\(Int.random(in: 1...self.pick([9, 1_000, 9_007_199_254_740_991]), using: &self.generator))"
        if self.chance(2) { text += "." + self.pick(["0", "5", "25", "000", "123456789"]) }
        if self.chance(4) {
            text += self.pick(["e", "E"]) + self.pick(["", "+", "-"]) + self.pick(["0", "1", "07", "20"])
        }
        return text
    }

    /// A value in which no object has a key twice.
    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 6), using: &self.generator) {
        case 0: return self.pick(["true", "false", "null"])
        case 1, 2: return self.number()
        case 3, 4, 5: return self.string()
        case 6, 7: return self.object(depth: depth)
        default:
            let elements = (0..<self.pick([0, 1, 2, 3, 6])).map { _ in
                self.space() + self.value(depth: depth - 1) + self.space()
            }
            return "[" + (elements.isEmpty ? self.space() : elements.joined(separator: ",")) + "]"
        }
    }

    mutating func object(depth: Int) -> String {
        let members = (0..<self.pick([0, 1, 2, 3, 4])).map { index in
            let key = self.string().dropFirst()
            return self.space() + "\"\(index)" + key + self.space() + ":" + self.space()
                + self.value(depth: depth - 1) + self.space()
        }
        return "{" + (members.isEmpty ? self.space() : members.joined(separator: ",")) + "}"
    }

    /// A copy with one to three small damages; valid UTF-8 still.
    mutating func damaged(_ text: [UInt8]) -> [UInt8] {
        let pieces = [
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "\\udc00", "0", "1", "-", "+", ".", "e", "E",
            " ",
            "\n", "\u{b}", "\u{1f}", "\u{7f}", "true", "null", "nul", "/", "'", "é", "\u{a0}", "{}", "[]", "\"\"", "a",
        ]
        while true {
            var copy = text
            for _ in 0..<self.pick([1, 1, 1, 2, 3]) {
                let at = Int.random(in: 0...copy.count, using: &self.generator)
                let upTo = min(copy.count, at + self.pick([0, 1, 1, 2, 5]))
                switch Int.random(in: 0..<4, using: &self.generator) {
                case 0: copy.removeSubrange(at..<upTo)
                case 1: copy.insert(contentsOf: Array(self.pick(pieces).utf8), at: at)
                case 2: copy.replaceSubrange(at..<upTo, with: Array(self.pick(pieces).utf8))
                default: copy.insert(contentsOf: Array(copy[at..<upTo]), at: at)
                }
            }
            if String(validating: copy, as: UTF8.self) != nil { return copy }
        }
    }
}
