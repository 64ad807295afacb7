import NIOCore

/// What saves did to those who played.
package struct SavesReport: Sendable {
    package let plan: SavesPlan
    /// The same traffic without saves and with them.
    var rounds: [(quiet: BenchReport, saved: BenchReport)] = []
    /// By what was wrong with them; `nil`: nothing.
    var saves: [RulesFault?: Int] = [:]
    /// Rooms that went back from rules.
    var rolledBackRooms = 0
    /// From a save to the first message under it, of every client.
    var effects: LatencyPercentiles?
    var findings = SavesFindings()
    /// Why it could not go on, in words.
    package var failure: String?

    init(plan: SavesPlan) {
        self.plan = plan
    }

    /// How much later messages came than without saves, at the 99.9th percentile: the median of the rounds. Below zero
    /// where they came sooner; `nil`: nothing was measured.
    package var excess: Duration? {
        let all = self.rounds.compactMap { round -> Duration? in
            guard let quiet = round.quiet.latencies, let saved = round.saved.latencies else { return nil }
            return saved.p999 - quiet.p999
        }.sorted()
        guard !all.isEmpty else { return nil }
        return (all[(all.count - 1) / 2] + all[all.count / 2]) / 2
    }

    /// Whether nobody lost anything or waited for long, and every save was told once, as it had to be.
    package var isClean: Bool {
        self.failure == nil && self.findings.count == 0
            && self.saves.values.reduce(0, +) == self.plan.saves
            && self.rounds.allSatisfy { $0.quiet.isClean && $0.saved.isClean && $0.quiet.failedByRules == 0 }
            && self.excess.map { $0 <= self.plan.mostExcess } ?? false
            && self.effects.map { $0.max <= self.plan.mostEffect } ?? false
    }

    /// Works out when versions took effect.
    /// - Parameters:
    ///   - saved: When each was saved, by its number.
    ///   - lasting: Those that every client has to have seen.
    mutating func take(saved: [Int: NIODeadline], lasting: [Int]) {
        var effects = LatencyHistogram()
        for number in lasting {
            guard let time = saved[number] else { continue }
            let sightings = self.rounds.map { $0.saved.sightings[UInt64(number)] ?? [] }
            // Those who join later find it in force.
            let first = sightings.first { !$0.isEmpty } ?? []
            for sighting in first { effects.record(UInt64(max(0, (sighting - time).nanoseconds))) }
            if first.count < self.plan.rooms * self.plan.clientsPerRoom {
                self.findings.note("version \(number) is in force, and \(first.count) clients have seen it")
            }
        }
        self.effects = effects.percentiles
    }
}

extension SavesReport: CustomStringConvertible {
    package var description: String {
        let broken = self.saves.filter { $0.key != nil }
        var lines = [
            Text.line("seed", "\(self.plan.seed)"),
            Text.line(
                "saves",
                "\(self.saves.values.reduce(0, +))",
                "each told once, \(broken.values.reduce(0, +)) of them broken"
            ),
        ]
        lines += RulesFault.allCases.compactMap { fault in
            broken[fault].map { Text.line("", "\($0)", "with \(fault.rawValue)") }
        }
        let failed = self.rounds.reduce(0) { $0 + $1.saved.failedByRules }
        lines += [
            Text.line("went back", "\(self.rolledBackRooms)", "times a room, from rules that failed in use"),
            Text.line("failed", Text.grouped(failed), "messages, answered by an error until then"),
        ]
        if let effects {
            lines += [
                Text.line("effect p50", Self.milliseconds(effects.p50), "ms from a save to a client's first message"),
                Text.line(
                    "max",
                    Self.milliseconds(effects.max),
                    "ms; at most \(Self.milliseconds(self.plan.mostEffect))"
                ),
            ]
        }
        for (quiet, saved) in self.rounds {
            guard let quiet = quiet.latencies, let saved = saved.latencies else { continue }
            lines.append(
                Text.line(
                    "p99.9",
                    Self.milliseconds(saved.p999),
                    """
                    ms, \(Self.milliseconds(quiet.p999)) without saves; p50 \(Self.milliseconds(saved.p50)), \
                    \(Self.milliseconds(quiet.p50)); max \(Self.milliseconds(saved.max)), \
                    \(Self.milliseconds(quiet.max))
                    """
                )
            )
        }
        if let excess {
            let least = excess < .zero ? "none" : Self.milliseconds(excess)
            let most = Self.milliseconds(self.plan.mostExcess)
            lines.append(Text.line("excess", least, "ms at p99.9, median of the rounds; at most \(most)"))
        }
        lines.append(Text.line("violations", Text.grouped(self.findings.count + self.violations)))
        lines += self.findings.texts.map { "  \($0)" }
        for report in self.rounds.flatMap({ [$0.quiet, $0.saved] }) where !report.isClean {
            lines.append("\(report)")
        }
        if let failure { lines.append(failure) }
        return lines.joined(separator: "\n")
    }

    private var violations: UInt64 {
        self.rounds.reduce(0) { $0 + $1.quiet.violations.total + $1.saved.violations.total }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        Text.decimal(duration / .milliseconds(1), places: 1)
    }
}
