package import GavelCore

/// A pattern over room keys, matched against the whole key.
///
/// `*` stands for any run of characters, `?` for one, `[a-z0-9]` for one of a set (`[!a-z]` for one outside it),
/// `{chess,go}` for one of several texts; a backslash takes the next character as it is. Upper and lower case differ.
/// Characters are Unicode scalars and are compared as such: two normalisations of é are two names, as for room keys.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        /// This byte; a character of several bytes is several steps.
        case byte(UInt8)
        /// Any one character.
        case one
        /// Any run of characters, the empty one too.
        case run
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    /// The pattern as it was written.
    package let pattern: String
    /// What remains when braces are written out: the key must match one of these.
    let alternatives: [[Step]]

    /// - Throws: What is wrong with the pattern.
    package init(_ pattern: String) throws(Complaint) {
        self.pattern = pattern
        self.alternatives = try GlobParser.parse(pattern)
    }

    package var description: String { self.pattern }

    /// Whether every key matches.
    package var matchesEverything: Bool {
        self.alternatives.contains { !$0.isEmpty && $0.allSatisfy { $0 == .run } }
    }

    package func matches(_ key: RoomKey) -> Bool {
        key.bytes.withUnsafeBufferPointer { bytes in
            self.alternatives.contains { Self.matches($0, bytes) }
        }
    }

    package static func == (left: Glob, right: Glob) -> Bool {
        left.alternatives == right.alternatives
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.alternatives)
    }

    /// Only the last run met is ever widened, so there is no exponential search.
    /// Complexity: O(steps · bytes) at most, O(bytes) for a pattern with one run.
    private static func matches(_ steps: [Step], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var (step, byte) = (0, 0)
        var retry: (step: Int, byte: Int)?
        while true {
            if step < steps.count, steps[step] == .run {
                step += 1
                retry = (step, byte)
            } else if step < steps.count, byte < bytes.count, let width = Self.width(of: steps[step], bytes, byte) {
                step += 1
                byte += width
            } else if step == steps.count, byte == bytes.count {
                return true
            } else if let last = retry, last.byte < bytes.count {
                retry = (last.step, last.byte + Self.character(bytes, last.byte).width)
                (step, byte) = (last.step, last.byte + Self.character(bytes, last.byte).width)
            } else {
                return false
            }
        }
    }

    /// How many bytes the step takes here; `nil`: it does not match.
    private static func width(of step: Step, _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
        switch step {
        case .byte(let byte): return bytes[at] == byte ? 1 : nil
        case .one: return Self.character(bytes, at).width
        case .run: return nil
        case .set(let ranges, let isNegated):
            let character = Self.character(bytes, at)
            return ranges.contains { $0.contains(character.scalar) } != isNegated ? character.width : nil
        }
    }

    /// The character at `at`. Room keys are UTF-8; of anything else each byte counts as a character.
    private static func character(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (scalar: UInt32, width: Int) {
        let lead = bytes[at]
        let width = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard width > 1, at + width <= bytes.count else { return (UInt32(lead), 1) }
        var scalar = UInt32(lead) & (0x7F >> UInt32(width))
        for offset in 1..<width { scalar = scalar << 6 | UInt32(bytes[at + offset] & 0x3F) }
        return (scalar, width)
    }
}
