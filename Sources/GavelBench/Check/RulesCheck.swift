/// What one client knows of rules that count in all that they keep, and tell the counts: `count` of the room's messages
/// (in its state), `own` of the sender's (in the client's data), `beat` of their timers' calls, and `rules`, their own
/// number.
///
/// Each count must be the one after the last, whatever rules the room has meanwhile.
struct RulesCheck {
    /// A count that was not the next.
    struct Finding: Equatable {
        /// Of what.
        let subject: String
        let expected: UInt64
        /// `nil`: it was missing.
        let got: UInt64?
    }

    /// How long timers may be silent that beat a few times in a second.
    static let longestSilence: UInt64 = 5_000_000_000

    /// `nil`: none was seen yet.
    private var count: UInt64?
    private var own: UInt64?
    private var beat: UInt64?
    private var lastBeatAt: UInt64?
    /// The highest number that rules had.
    private var rules: UInt64 = 0

    /// Takes what rules added to a message.
    /// - Returns: Counts that were wrong, and the rules' number where nobody had a higher one.
    mutating func receive(_ scan: MessageScan, isOwn: Bool) -> (findings: [Finding], rules: UInt64?) {
        var findings: [Finding] = []
        Self.step(&self.count, to: scan.count, "the room's messages", &findings)
        if isOwn { Self.step(&self.own, to: scan.own, "the client's messages", &findings) }
        guard let rules = scan.rules, rules > self.rules else { return (findings, nil) }
        self.rules = rules
        return (findings, rules)
    }

    mutating func receive(beat: UInt64?, at now: UInt64) -> [Finding] {
        var findings: [Finding] = []
        Self.step(&self.beat, to: beat, "the timers' calls", &findings)
        self.lastBeatAt = now
        return findings
    }

    /// Whether the timers have been silent for too long by then.
    func isSilent(at now: UInt64) -> Bool {
        self.lastBeatAt.map { now > $0 + Self.longestSilence } ?? false
    }

    private static func step(_ last: inout UInt64?, to got: UInt64?, _ subject: String, _ findings: inout [Finding]) {
        guard let expected = last.map({ $0 + 1 }) else { return last = got }
        if got != expected { findings.append(Finding(subject: subject, expected: expected, got: got)) }
        last = got ?? expected
    }
}
