extension RoomList {
    package var text: String {
        guard !self.rooms.isEmpty else {
            return self.total == 0 ? "There are no rooms." : "None of the \(self.total) rooms is like that."
        }
        var table = TextTable([.left, .right, .right, .left, .left])
        table.add(["ROOM", "CLIENTS", "MESSAGES", "RULES", ""])
        for room in self.rooms {
            table.add([room.room, "\(room.clients)", "\(room.lastMessage)", room.shownRules, room.manners])
        }
        var lines = table.lines
        let more = self.matched - self.rooms.count
        if more > 0 { lines.append("… and \(more) more.") }
        return lines.joined(separator: "\n")
    }
}

extension RoomOverview {
    var shownRules: String {
        guard let rules else { return "none" }
        return self.version.map { "\(rules) \($0)" } ?? rules
    }

    var manners: String {
        [
            self.away > 0 ? "\(self.away) away" : nil, self.isLocked ? "locked" : nil,
            self.isOnProbation ? "on probation" : nil, self.isOpening ? "opening" : nil,
            self.isObserved ? "watched" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }
}
