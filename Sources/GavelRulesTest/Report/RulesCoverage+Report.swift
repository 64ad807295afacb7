internal import GavelConfig

extension RulesCoverage {
    /// For people: a line for each file, and below it where it did not run, with the first line of each place.
    func text(style: TextStyle) -> [String] {
        let files = self.files
        let name = files.map(\.name.count).max() ?? 0
        let digits = files.flatMap(\.missed).map { Self.words($0).count }.max() ?? 0
        return files.flatMap { file in
            let lines = "\(file.ran) of \(file.lines) lines"
            let head = "  \(Self.padded(file.name, to: name))  \(Self.padded("\(file.percent) %", to: 5))  \(lines)"
            let places = file.missed.map { range in
                let place = "    " + Self.padded(Self.words(range), to: digits) + "  "
                return place + String(file.line(range.lowerBound).prefix(max(0, style.width - place.count)))
            }
            return [style.colored(head, file.missed.isEmpty ? .green : .yellow)] + places
        }
    }

    func append(to text: inout JSONText) {
        text.append(self.files, open: ",\"coverage\":[", close: "]") { text, file in
            text.append(raw: "{\"file\":\(file.name.quoted),\"lines\":\(file.lines),\"ran\":\(file.ran)")
            text.append(file.missed, open: ",\"missed\":[", close: "]") { text, range in
                text.append(raw: "{\"from\":\(range.lowerBound),\"to\":\(range.upperBound)}")
            }
            let counts = file.counts.sorted { $0.key < $1.key }
            text.append(counts, open: ",\"counts\":[", close: "]}") { text, line in
                text.append(raw: "{\"line\":\(line.key),\"count\":\(line.value)}")
            }
        }
    }

    /// `45-47`.
    private static func words(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension RulesCoverage.File {
    /// A line of the text, without the blanks around it.
    fileprivate func line(_ number: Int) -> String {
        let lines = self.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard number <= lines.count else { return "" }
        let blanks = Array(" \t\r".utf8)
        var line = lines[number - 1].drop { blanks.contains($0) }
        while let last = line.last, blanks.contains(last) { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }
}
