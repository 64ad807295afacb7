internal import Foundation

extension ReloadOutcomes {
    package var text: String {
        var lines: [String] = []
        for file in self.files {
            lines.append(file.line)
            lines += (file.mistakes + file.changes + file.notes).map { "  \($0)" }
            lines += file.waiting.map { "  \($0) (waits for a restart)" }
        }
        return lines.isEmpty ? "There is nothing to reload." : PrintableText.lines(lines.joined(separator: "\n"))
    }
}

extension FileOutcome {
    fileprivate var line: String {
        switch self.result {
        case .unchanged: return "\(self.file): unchanged"
        case .refused: return "\(self.file): refused; everything is as it was"
        case .applied:
            let rooms = self.rooms.map { ", " + Figures.count($0, "room") } ?? ""
            let versions = [self.from, self.to].compactMap { $0 }.joined(separator: " → ")
            return "\(self.file): \(versions.isEmpty ? "in force" : versions)\(rooms), \(self.milliseconds) ms"
        }
    }
}

extension RulesHistories {
    package var text: String {
        guard !self.files.isEmpty else { return "No room has rules." }
        var lines: [String] = []
        for file in self.files {
            lines.append(file.file)
            var table = TextTable([.left, .left, .left, .left])
            for (index, version) in file.versions.enumerated() {
                let since = Date(timeIntervalSince1970: Double(version.since)).formatted(.iso8601)
                let modules = version.files.dropFirst().joined(separator: ", ")
                let manner = index == 0 ? "in force" : ""
                table.add(["  \(version.version)", since, manner, modules.isEmpty ? "" : "with \(modules)"])
            }
            lines += table.lines
            if !file.refused.isEmpty {
                lines += ["  refused, and waits to be mended:"] + file.refused.map { "    \($0)" }
            }
        }
        return PrintableText.lines(lines.joined(separator: "\n"))
    }
}
