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
    fileprivate var shownRules: String {
        guard let rules else { return "none" }
        return self.version.map { "\(rules) \($0)" } ?? rules
    }

    fileprivate var manners: String {
        [
            self.away > 0 ? "\(self.away) away" : nil, self.isLocked ? "locked" : nil,
            self.isOnProbation ? "on probation" : nil, self.isOpening ? "opening" : nil,
            self.isObserved ? "watched" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

extension RoomView: CommandReply {
    package var text: String {
        var facts = TextTable([.left, .left])
        facts.add(["room", self.overview.room])
        facts.add(["rules", self.overview.shownRules])
        facts.add(["last message", "\(self.overview.lastMessage) of epoch \(self.overview.epoch)"])
        facts.add(["history", Figures.bytes(self.overview.historyBytes)])
        if self.overview.backlogBytes > 0 { facts.add(["waiting", Figures.bytes(self.overview.backlogBytes)]) }
        if let milliseconds = self.nextTimerMilliseconds { facts.add(["next timer", "in \(milliseconds) ms"]) }
        if !self.overview.manners.isEmpty { facts.add(["now", self.overview.manners]) }
        if self.failures > 0 { facts.add(["failed hooks", "\(self.failures)"]) }
        if let failure = self.lastFailure { facts.add(["the last", "\(failure.hook): \(failure.text)"]) }
        guard !self.clients.isEmpty else { return (facts.lines + ["", "Nobody is in it."]).joined(separator: "\n") }
        var table = TextTable([.right, .left, .right, .left])
        table.add(["CLIENT", "NAME", "WAITING", ""])
        for client in self.clients {
            let manner = client.isConnected ? (client.isSlow ? "slow" : "") : "away"
            table.add(["\(client.client)", client.name, client.queuedBytes.map(Figures.bytes) ?? "", manner])
        }
        return (facts.lines + [""] + table.lines).joined(separator: "\n")
    }
}
