/// A picture of latencies for a terminal: upward the latency, to the right ever rarer messages.
package struct LatencyChart {
    private let curve: LatencyCurve
    private let columns: Int

    private static let rows = 8
    private static let labelColumns = 11
    private static let eighths = Array(" ▁▂▃▄▅▆▇█")

    /// - Parameter width: Columns of the terminal; the picture has from 40 to 120.
    package init(_ curve: LatencyCurve, width: Int) {
        self.curve = curve
        self.columns = max(40, min(120, width)) - Self.labelColumns - 3
    }

    /// Lines without an end of the last.
    package var text: String {
        let most = max(self.curve.values.last ?? .zero, .nanoseconds(1))
        let heights = (0..<self.columns).map { column -> Int in
            let value = self.curve.value(at: Double(column) / Double(self.columns - 1))
            return Int((value / most * Double(8 * Self.rows)).rounded(.up))
        }
        var lines = (0..<Self.rows).reversed().map { row -> String in
            let cells = heights.map { Self.eighths[max(0, min(8, $0 - 8 * row))] }
            return self.label(of: row, most) + String(cells)
        }
        let indent = String(repeating: " ", count: Self.labelColumns + 1)
        lines.append(indent + "└" + String(repeating: "─", count: self.columns))
        lines.append(indent + " " + self.shares)
        return lines.map(Self.withoutTrailingSpace).joined(separator: "\n")
    }

    /// At the highest row and in the middle the latency of their upper edges.
    private func label(of row: Int, _ most: Duration) -> String {
        let isMarked = row == Self.rows - 1 || row == Self.rows / 2 - 1
        guard isMarked else { return String(repeating: " ", count: Self.labelColumns + 1) + "│" }
        let value = most / .milliseconds(1) * Double(row + 1) / Double(Self.rows)
        let text = Text.decimal(value, places: value < 100 ? 2 : 0) + " ms"
        return String(repeating: " ", count: max(0, Self.labelColumns - text.count)) + text + " ┤"
    }

    /// 0, 90 %, 99 % and so on, each below the column where it is.
    private var shares: String {
        var line = "0"
        for nines in 1...self.curve.nines {
            let text =
                nines == 1 ? "90 %" : nines == 2 ? "99 %" : "99." + String(repeating: "9", count: nines - 2) + " %"
            let column = (self.columns - 1) * nines / self.curve.nines
            let start = nines == self.curve.nines ? self.columns - text.count : column - text.count / 2
            guard start > line.count else { continue }
            line += String(repeating: " ", count: start - line.count) + text
        }
        return line
    }

    private static func withoutTrailingSpace(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
