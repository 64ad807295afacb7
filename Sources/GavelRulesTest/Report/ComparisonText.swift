/// What was expected and what came, side by side, a member a row; those that differ are marked.
struct ComparisonText {
    private struct Row {
        var left: String
        var right: String
        var differs: Bool
    }

    private let rows: [Row]
    private let style: TextStyle

    init(_ comparison: TestFailure.Comparison, style: TextStyle) {
        self.style = style
        self.rows = Self.rows(comparison)
    }

    private static func rows(_ comparison: TestFailure.Comparison) -> [Row] {
        let expectation = comparison.expectation
        let actual = comparison.actual
        guard let members = expectation.value.members, actual == nil || actual?.members != nil else {
            return [Row(left: expectation.value.lua, right: actual?.lua ?? "nothing", differs: true)]
        }
        let sorted = members.filter { $0.name == "type" } + members.filter { $0.name != "type" }
        var rows = sorted.map { member in
            let value = actual?[member.name]
            return Row(
                left: "\(member.name) = \(member.value.lua)",
                right: value.map { "\(member.name) = \($0.lua)" } ?? "",
                differs: !expectation.isMet(member: member.name, by: value)
            )
        }
        guard let others = actual?.members else {
            if !rows.isEmpty { rows[0].right = "nothing" }
            return rows
        }
        for other in others where !members.contains(where: { $0.name == other.name }) {
            rows.append(
                Row(
                    left: "",
                    right: "\(other.name) = \(other.value.lua)",
                    differs: !expectation.isMet(member: other.name, by: other.value)
                )
            )
        }
        return rows
    }

    /// - Parameter indent: Blanks before each line.
    func lines(indent: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        let room = self.style.width - indent - 5
        let widest = self.rows.map(\.left.count).max() ?? 0
        let left = min(max(widest, "expected".count), room / 2)
        let right = room - left
        var lines = [
            blanks + self.style.colored("  " + Self.padded("expected", left) + "   received", .faint)
        ]
        for row in self.rows {
            let lefts = TextStyle.wrapped(row.left, to: left)
            let rights = TextStyle.wrapped(row.right, to: right)
            for index in 0..<max(lefts.count, rights.count) {
                let mark = row.differs && index == 0 ? "! " : "  "
                let first = Self.padded(index < lefts.count ? lefts[index] : "", left)
                let second = index < rights.count ? rights[index] : ""
                let text = (mark + first + "   " + second).withoutTrailingBlanks
                lines.append(blanks + (row.differs ? self.style.colored(text, .yellow) : text))
            }
        }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension String {
    fileprivate var withoutTrailingBlanks: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
