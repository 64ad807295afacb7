/// What a torture found.
package struct TortureReport: Sendable {
    package let plan: TorturePlan
    package var duration = Duration.zero
    package var tally = TortureTally()
    package var findings = TortureFindings()
    /// Why it could not go on, in words.
    package var failure: String?
    /// Numbered messages in the rooms' orders.
    package var numbered: UInt64 = 0
    /// Numbered messages received, by all clients together.
    package var received: UInt64 = 0
    package var receivedLatest: UInt64 = 0
    /// Numbers that nobody saw.
    package var holes: UInt64 = 0
    /// Epochs of all rooms.
    package var epochs = 0
    /// Sessions of all clients.
    package var lives = 0
    package var kills = 0
    package var stops = 0
    package var pauses = 0
    /// Warnings and worse of the relay's log.
    package var complaints: [String] = []

    init(plan: TorturePlan) {
        self.plan = plan
    }

    package var isClean: Bool { self.failure == nil && self.findings.total == 0 }
}

extension TortureReport: CustomStringConvertible {
    package var description: String {
        var lines = [
            Text.line("seed", "\(self.plan.seed)", "\(self.plan.durability.rawValue), \(Text.seconds(self.duration))"),
            Text.line("relay", "\(self.kills) kills", "\(self.stops) stops, \(self.pauses) pauses"),
            Text.line("faults", Text.grouped(self.tally.faults.values.reduce(0, +)), self.words(self.faults)),
            Text.line("lost", Text.grouped(self.tally.ends.values.reduce(0, +)), self.words(self.ends)),
            Text.line("resumes", Text.grouped(self.tally.resumes.values.reduce(0, +)), self.words(self.resumes)),
            Text.line(
                "sent",
                Text.grouped(self.tally.sent),
                """
                messages, \(Text.grouped(self.tally.sentAgain)) sent again, \(Text.grouped(self.tally.refused)) \
                refused on purpose
                """
            ),
            Text.line(
                "numbered",
                Text.grouped(self.numbered),
                "messages in \(self.plan.rooms) rooms and \(self.epochs) epochs, \(self.holes) seen by nobody"
            ),
            Text.line("received", Text.grouped(self.received), "numbered, \(Text.grouped(self.receivedLatest)) latest"),
            Text.line(
                "sessions",
                Text.grouped(UInt64(self.lives)),
                """
                \(Text.grouped(self.tally.refusedJoins)) joins and \(Text.grouped(self.tally.vainConnections)) \
                connections in vain
                """
            ),
            Text.line("complaints", Text.grouped(UInt64(self.complaints.count)), self.complaints.first ?? ""),
            Text.line("violations", Text.grouped(self.findings.total)),
        ]
        for kind in TortureFindings.Kind.allCases where self.findings[kind] > 0 {
            lines.append("  \(Text.grouped(self.findings[kind])) \(kind.rawValue)")
            lines += self.findings.first(of: kind).map { "    \($0)" }
        }
        if let failure { lines.append(failure) }
        return lines.joined(separator: "\n")
    }

    private var faults: [(String, UInt64)] { self.tally.faults.map { ($0.key.rawValue, $0.value) } }
    private var resumes: [(String, UInt64)] { self.tally.resumes.map { ($0.key.words, $0.value) } }
    private var ends: [(String, UInt64)] {
        self.tally.ends.map { ($0.key.map(String.init) ?? "without a close frame", $0.value) }
    }

    private func words(_ counts: [(String, UInt64)]) -> String {
        counts.sorted { $0.0 < $1.0 }.map { "\($0.0) \(Text.grouped($0.1))" }.joined(separator: ", ")
    }
}
