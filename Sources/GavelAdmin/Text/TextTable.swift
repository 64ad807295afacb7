/// Columns for people, as wide as what stands in them.
struct TextTable {
    enum Side {
        case left
        case right
    }

    private let sides: [Side]
    private var rows: [[String]] = []

    /// - Parameter sides: One for each column.
    init(_ sides: [Side]) {
        self.sides = sides
    }

    mutating func add(_ cells: [String]) {
        self.rows.append(cells.map { PrintableText.line($0) })
    }

    var lines: [String] {
        let widths = self.sides.indices.map { column in self.rows.map { $0[column].count }.max() ?? 0 }
        return self.rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { line += "  " }
                line += self.sides[column] == .left ? cell + padding : padding + cell
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// Numbers for people.
enum Figures {
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var (amount, unit) = (Double(count) / 1024, 0)
        let units = ["KiB", "MiB", "GiB", "TiB"]
        while amount >= 1024, unit < units.count - 1 { (amount, unit) = (amount / 1024, unit + 1) }
        let tenths = Int((amount * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// In its two largest units: `2h 14m`.
    static func duration(seconds: Int) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days)d \(hours)h" }
        if hours > 0 { return "\(hours)h \(minutes)m" }
        return minutes > 0 ? "\(minutes)m \(seconds % 60)s" : "\(seconds)s"
    }

    /// `1.2 s`, or milliseconds alone where it is less than a second.
    static func time(milliseconds: Int) -> String {
        guard milliseconds >= 1_000 else { return "\(milliseconds) ms" }
        guard milliseconds < 60_000 else { return Self.duration(seconds: milliseconds / 1_000) }
        return "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
    }

    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
