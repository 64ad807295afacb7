extension TestRun {
    /// Most lines that are shown of what else a client received, and of the log.
    private static let mostLines = 8

    /// For people.
    package func text(style: TextStyle) -> String {
        var lines: [String] = []
        for file in self.files {
            lines.append(style.colored(file.name, .bold))
            if let failure = file.failure {
                lines.append("  " + style.colored("FAIL", .red) + "  the file cannot be run")
                lines += Self.lines(of: failure, style: style)
            }
            for test in file.tests {
                let word = test.failure == nil ? style.colored("ok  ", .green) : style.colored("FAIL", .red)
                lines.append("  \(word)  \(test.name)")
                if let failure = test.failure { lines += Self.lines(of: failure, style: style) }
            }
        }
        if !self.coverage.files.isEmpty {
            lines += ["", style.colored("lines of the rules that ran", .bold)]
            lines += self.coverage.text(style: style)
        }
        if !lines.isEmpty { lines.append("") }
        lines.append(style.colored(self.summary, self.failed == 0 ? .green : .red))
        return lines.map { $0 + "\n" }.joined()
    }

    /// One line; with the time, which differs from run to run.
    package var summary: String {
        let passed = self.files.reduce(0) { $0 + $1.tests.count { $0.failure == nil } }
        let all = "\(Self.count(passed, "test")) passed"
        let words = self.failed == 0 ? all : "\(self.failed) failed, \(passed) passed"
        return "\(words). \(Self.count(self.steps, "step")) in \(self.time)."
    }

    /// `12 ms, 40,000 steps a second`.
    private var time: String {
        let milliseconds = self.duration / .milliseconds(1)
        let tenths = Int(milliseconds / 100)
        let text = tenths < 10 ? "\(Int(milliseconds.rounded(.up))) ms" : "\(tenths / 10).\(tenths % 10) s"
        guard self.steps > 0, milliseconds > 0 else { return text }
        return "\(text), \(Self.grouped(Int(Double(self.steps) * 1000 / milliseconds))) a second"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(self.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var end = digits.endIndex
        while digits.distance(from: digits.startIndex, to: end) > 3 {
            end = digits.index(end, offsetBy: -3)
            digits.insert(",", at: end)
        }
        return digits
    }

    private static func lines(of failure: TestFailure, style: TextStyle) -> [String] {
        let blanks = String(repeating: " ", count: 8)
        func text(_ text: String, indent: Int = 0) -> [String] {
            let blanks = blanks + String(repeating: " ", count: indent)
            return TextStyle.wrapped(text, to: style.width - 8 - indent).map { blanks + $0 }
        }
        var lines = text("\(failure.place): \(failure.text)")
        if failure.traceback.count > 1 { lines += failure.traceback.map { blanks + "  at " + $0 } }
        if let comparison = failure.comparison {
            lines += ComparisonText(comparison, style: style).lines(indent: 8)
        }
        if !failure.unread.isEmpty {
            let word = failure.comparison == nil ? "" : " else"
            lines += text("what\(word) \(failure.receiver ?? "it") has not read:")
            for message in failure.unread.prefix(self.mostLines) { lines += text(message, indent: 2) }
            if failure.unread.count > self.mostLines {
                lines += text("… and \(failure.unread.count - self.mostLines) more", indent: 2)
            }
        }
        for error in failure.errors {
            lines += text("the rules failed: \(error.text)")
            if !error.circumstances.isEmpty { lines += text(error.circumstances, indent: 2) }
            lines += error.traceback.map { blanks + "  at " + $0 }
        }
        if !failure.log.isEmpty {
            lines += text("the log:")
            for line in failure.log.suffix(self.mostLines) { lines += text(line, indent: 2) }
        }
        return lines
    }
}
