extension Done {
    package var text: String { PrintableText.line(self.done) }
}

extension NoticeOutcome {
    package var text: String { "Told in \(Figures.count(self.rooms, "room"))." }
}

extension LogLevelOutcome {
    package var text: String {
        guard let former = self.former else { return "Logged from \(self.level) on." }
        return former == self.level
            ? "Logged from \(self.level) on, as before." : "Logged from \(self.level) on; it was \(former)."
    }
}

extension CommandList {
    package var text: String {
        var table = TextTable([.left, .left])
        for command in self.commands {
            let arguments = command.arguments.map { $0.isRequired ? $0.name : "[\($0.name)]" }
            table.add([([command.name] + arguments).joined(separator: " "), command.summary])
        }
        return table.lines.joined(separator: "\n")
    }
}
