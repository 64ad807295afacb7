/// How a report looks: how wide it may be, and whether in colour.
package struct TextStyle: Sendable {
    /// Characters of a line.
    package var width: Int
    package var hasColors: Bool

    package init(width: Int = 100, hasColors: Bool = false) {
        self.width = max(40, width)
        self.hasColors = hasColors
    }

    enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case faint = "2"
        case bold = "1"
    }

    func colored(_ text: String, _ color: Color) -> String {
        self.hasColors ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A text in lines of so many characters, cut at blanks where there are some.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var rest = Substring(text)
        while rest.count > width {
            let head = rest.prefix(width)
            let middle = head.index(head.startIndex, offsetBy: width / 2)
            let end = head[middle...].lastIndex(of: " ") ?? head.endIndex
            lines.append(String(rest[..<end]))
            rest = rest[end...].drop { $0 == " " }
        }
        return lines + [String(rest)]
    }
}
