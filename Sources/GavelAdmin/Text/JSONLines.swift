/// JSON text in lines for people: what is short stands on one.
struct JSONLines {
    private static let width = 96

    private let text: [UInt8]
    private(set) var lines: [String] = []

    /// - Parameter text: JSON without white space between its parts.
    init(_ text: String) {
        self.text = Array(text.utf8)
        self.add(0..<self.text.count, indent: 0, end: "")
    }

    private mutating func add(_ range: Range<Int>, indent: Int, name: Range<Int>? = nil, end: String) {
        let margin = String(repeating: "  ", count: indent)
        let head = name.map { margin + self.string($0) + " " } ?? margin
        guard let first = range.first, let last = range.last,
            self.text[first] == UInt8(ascii: "{") || self.text[first] == UInt8(ascii: "["), last > first + 1,
            range.count > Self.width - indent * 2
        else {
            self.lines.append(head + self.string(range) + end)
            return
        }
        self.lines.append(head + self.string(first..<(first + 1)))
        let parts = self.parts(of: (first + 1)..<last)
        for (index, part) in parts.enumerated() {
            let end = index + 1 < parts.count ? "," : ""
            let isObject = self.text[first] == UInt8(ascii: "{")
            let colon = isObject ? self.first(UInt8(ascii: ":"), in: part) : nil
            if let colon {
                self.add(
                    (colon + 1)..<part.upperBound,
                    indent: indent + 1,
                    name: part.lowerBound..<(colon + 1),
                    end: end
                )
            } else {
                self.add(part, indent: indent + 1, end: end)
            }
        }
        self.lines.append(margin + self.string(last..<(last + 1)) + end)
    }

    /// The members or elements in a container.
    private func parts(of range: Range<Int>) -> [Range<Int>] {
        var (parts, start) = ([Range<Int>](), range.lowerBound)
        while let comma = self.first(UInt8(ascii: ","), in: start..<range.upperBound) {
            parts.append(start..<comma)
            start = comma + 1
        }
        return parts + [start..<range.upperBound]
    }

    /// Where a byte stands that is in no text and no inner container.
    private func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        var (depth, isText, isEscaped) = (0, false, false)
        for index in range {
            switch self.text[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case _ where isText: break
            case byte where depth == 0: return index
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return nil
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: self.text[range], as: UTF8.self) }
}
