/// How clients came back after a restart.
package struct ReturnsReport: Sendable {
    package let plan: ReturnsPlan
    /// From the first connection to the last `joined`, before the restart.
    package var entry: Duration?
    /// From the signal to the relay's end.
    package var stop: Duration?
    /// Of the log, between the end and the start.
    package var logBytes: UInt64 = 0
    /// From the process's start to its first connection.
    package var start: Duration?
    /// From the first connection to each handshake's end, then to each `joined`.
    package var opens: LatencyPercentiles?
    package var returns: LatencyPercentiles?
    /// To the last `joined` of all; `nil`: not all came back.
    package var returnTime: Duration?
    /// Until all had what they missed, too.
    package var quiet: Duration?
    /// Processor time that the clients used for their return.
    package var processorTime = Duration.zero
    package var returned = 0
    /// Milliseconds after which the relay asked its clients to return.
    var askedDelays: [UInt64] = []
    var outcomes: [ResumeOutcome: UInt64] = [:]
    /// How connections ended with the relay.
    var ends: [String: UInt64] = [:]
    /// Connections that had to be made again, by why.
    var vain: [String: UInt64] = [:]
    package var findings = TortureFindings()
    /// Warnings and worse of the relay's log.
    package var complaints: [String] = []
    /// Why it could not go on, in words.
    package var failure: String?

    init(plan: ReturnsPlan) {
        self.plan = plan
    }

    /// Whether all came back as they had to, and missed nothing.
    package var isClean: Bool {
        self.failure == nil && self.findings.total == 0 && self.returned == self.plan.clients
    }
}

extension ReturnsReport: CustomStringConvertible {
    package var description: String {
        var lines: [String] = []
        if let entry { lines.append(Text.line("entered", Text.seconds(entry), "until all had joined, before the end")) }
        lines += self.ending
        if let start { lines.append(Text.line("start", Text.seconds(start), "until the relay listened")) }
        lines.append(
            Text.line("returned", "\(self.returned) of \(self.plan.clients)", "clients: \(Self.words(self.results))")
        )
        if let opens { lines += Self.lines("opened", opens) }
        if let returns { lines += Self.lines("joined", returns) }
        if let returnTime {
            let load = self.processorTime / max(returnTime, .nanoseconds(1))
            lines.append(Text.line("generator", Text.decimal(100 * load, places: 0), "% of one core meanwhile"))
        }
        if let quiet { lines.append(Text.line("quiet", Text.seconds(quiet), "until all had what they missed")) }
        let vain = self.vain.map { ($0.key, $0.value) }
        lines.append(Text.line("in vain", Text.grouped(self.vain.values.reduce(0, +)), Self.words(vain)))
        lines.append(
            Text.line("complaints", Text.grouped(UInt64(self.complaints.count)), self.complaints.first ?? "")
        )
        lines.append(Text.line("violations", Text.grouped(self.findings.total)))
        for kind in TortureFindings.Kind.allCases where self.findings[kind] > 0 {
            lines.append("  \(Text.grouped(self.findings[kind])) \(kind.rawValue)")
            lines += self.findings.first(of: kind).map { "    \($0)" }
        }
        if let failure { lines.append(failure) }
        return lines.joined(separator: "\n")
    }

    private var ending: [String] {
        guard let stop else { return [] }
        var lines = [
            Text.line("end", Text.seconds(stop), self.plan.kills ? "from SIGKILL on" : "from SIGTERM on"),
            Text.line(
                "connections",
                Text.grouped(self.ends.values.reduce(0, +)),
                Self.words(self.ends.map { ($0, $1) })
            ),
            Text.line("log", Text.decimal(Double(self.logBytes) / 1e6, places: 1), "MB"),
        ]
        if let least = self.askedDelays.min(), let most = self.askedDelays.max() {
            let spread = "\(Self.milliseconds(least)) to \(Self.milliseconds(most)) s"
            let unit = "\(Text.grouped(UInt64(self.askedDelays.count))) were asked to return in \(spread)"
            lines.append(Text.line("asked", Self.milliseconds(most - least), "s of spread: \(unit)"))
        }
        return lines
    }

    private var results: [(String, UInt64)] { self.outcomes.map { ($0.key.words, $0.value) } }

    private static func lines(_ name: String, _ times: LatencyPercentiles) -> [String] {
        [
            Text.line("\(name) p50", Text.seconds(times.p50), "after the relay listened"),
            Text.line("p99", Text.seconds(times.p99)),
            Text.line("last", Text.seconds(times.max)),
        ]
    }

    private static func milliseconds(_ count: UInt64) -> String { Text.decimal(Double(count) / 1e3, places: 2) }

    private static func words(_ counts: [(String, UInt64)]) -> String {
        counts.sorted { $0.0 < $1.0 }.map { "\($0.0) \(Text.grouped($0.1))" }.joined(separator: ", ")
    }
}
