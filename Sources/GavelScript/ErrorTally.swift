internal import Logging

/// Which errors were told in the last minute, and how often they came again. A value; time arrives as an argument.
struct ErrorTally {
    /// How long an error that was told is only counted, in milliseconds.
    static let period: Int64 = 60_000
    /// The most errors that are told apart in that time; of others only the number is told.
    static let mostDistinct = 64

    enum Answer: Equatable {
        /// To be told, with how often it came again since it was told before.
        case new(repeats: Int)
        /// Counted; at that time its period is over.
        case counted(until: Int64)
    }

    typealias Repeats = (report: ErrorReport, count: Int)

    private struct Entry {
        var until: Int64
        var repeats = 0
    }

    private var told: [ErrorReport: Entry] = [:]
    private var others: Entry?
    private var firstEnd = Int64.max

    /// - Returns: What becomes of it, and of other errors, whose period is over, how often they came again.
    mutating func add(_ report: ErrorReport, at now: Int64) -> (answer: Answer, over: [Repeats]) {
        var report = report
        // The way to a mistake does not make it another one.
        report.error.traceback = []
        if let entry = self.told[report], entry.until > now {
            self.told[report]!.repeats += 1
            return (.counted(until: entry.until), self.endPeriods(at: now))
        }
        let repeats = self.told.removeValue(forKey: report)?.repeats ?? 0
        let over = self.endPeriods(at: now)
        let until = now + Self.period
        self.firstEnd = min(self.firstEnd, until)
        if self.told.count < Self.mostDistinct {
            self.told[report] = Entry(until: until)
            return (.new(repeats: repeats), over)
        }
        if self.others == nil { self.others = Entry(until: until) }
        self.others!.repeats += repeats + 1
        return (.counted(until: self.others!.until), over)
    }

    /// Forgets the errors whose period is over.
    /// - Returns: Those that came again, and how often.
    mutating func endPeriods(at now: Int64) -> [Repeats] {
        guard now >= self.firstEnd else { return [] }
        var over: [Repeats] = []
        for (report, entry) in self.told where entry.until <= now {
            self.told[report] = nil
            if entry.repeats > 0 { over.append((report, entry.repeats)) }
        }
        // A dictionary's order is another one in each process.
        over.sort { ($0.report.hook, $0.report.error.description) < ($1.report.hook, $1.report.error.description) }
        if let others = self.others, others.until <= now {
            self.others = nil
            over.append((Self.manyKinds, others.repeats))
        }
        let ends = self.told.values.map(\.until) + (self.others.map { [$0.until] } ?? [])
        self.firstEnd = ends.min() ?? .max
        return over
    }

    private static let manyKinds = ErrorReport(
        level: .error,
        message: "the rules failed in many ways",
        error: ScriptError(kind: .script, file: "rules", text: "more errors than are told apart."),
        hook: ""
    )
}
