internal import GavelScript

/// How often each line of rules ran that can.
package struct RulesCoverage: Sendable {
    /// One file in one version.
    package struct File: Sendable {
        /// Seen from the scripts folder.
        package let name: String
        let text: [UInt8]
        /// Of each line that can run, how often it did, by its number.
        package fileprivate(set) var counts: [Int: Int] = [:]

        /// Lines that can run.
        package var lines: Int { self.counts.count }
        package var ran: Int { self.counts.values.count { $0 > 0 } }
        /// Rounded down, so that only all of them are 100.
        package var percent: Int { self.lines == 0 ? 100 : self.ran * 100 / self.lines }

        /// Where lines did not run; those between them that cannot run belong to it.
        package var missed: [ClosedRange<Int>] {
            var ranges: [ClosedRange<Int>] = []
            var isOpen = false
            for (line, count) in self.counts.sorted(by: { $0.key < $1.key }) {
                if count == 0, isOpen {
                    ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound...line
                } else if count == 0 {
                    ranges.append(line...line)
                }
                isOpen = count == 0
            }
            return ranges
        }
    }

    private var byName: [String: File] = [:]

    /// By their names.
    package var files: [File] { self.byName.values.sorted { $0.name < $1.name } }

    package init() {}

    /// Adds what ran somewhere else; of a file that was another text there, only that is kept.
    package mutating func add(_ other: Self) {
        for (name, file) in other.byName { self.add(file.counts, of: name, file.text) }
    }

    mutating func add(_ counts: [Int: Int], of name: String, _ text: [UInt8]) {
        var file = self.byName.removeValue(forKey: name) ?? File(name: name, text: text)
        if file.text != text { file = File(name: name, text: text) }
        file.counts.merge(counts, uniquingKeysWith: +)
        self.byName[name] = file
    }
}
