extension RoomView: CommandReply {
    package var text: String {
        [self.facts, self.shownClients, self.shownTimers, self.shownState].filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var facts: [String] {
        var facts = TextTable([.left, .left])
        facts.add(["room", self.overview.room])
        facts.add(["rules", self.overview.shownRules])
        facts.add(["last message", "\(self.overview.lastMessage) of epoch \(self.overview.epoch)"])
        facts.add(["history", Figures.bytes(self.overview.historyBytes)])
        if self.overview.backlogBytes > 0 { facts.add(["waiting", Figures.bytes(self.overview.backlogBytes)]) }
        if !self.overview.manners.isEmpty { facts.add(["now", self.overview.manners]) }
        if let probation {
            let most = Figures.count(probation.mostFailures, "failed hook")
            facts.add(["on trial", "goes back to \(probation.previous) at \(most)"])
        }
        if self.failures > 0 {
            facts.add(["failed hooks", "\(self.failures), \(self.failuresOfLastMinute) of them in the last minute"])
        }
        if let failure = self.lastFailure { facts.add(["the last", "\(failure.hook): \(failure.text)"]) }
        return facts.lines
    }

    private var shownClients: [String] {
        guard !self.clients.isEmpty else { return ["Nobody is in it."] }
        var table = TextTable([.right, .left, .right, .left])
        table.add(["CLIENT", "NAME", "WAITING", ""])
        for client in self.clients {
            let manner = client.isConnected ? (client.isSlow ? "slow" : "") : "away"
            table.add(["\(client.client)", client.name, client.queuedBytes.map(Figures.bytes) ?? "", manner])
        }
        return table.lines
    }

    private var shownTimers: [String] {
        guard !self.timers.isEmpty else { return [] }
        var table = TextTable([.left, .left, .right, .left])
        table.add(["TIMER", "KEY", "LEFT", ""])
        for timer in self.timers {
            let left = timer.inMilliseconds.map(Figures.time) ?? "none"
            let manner = timer.inMilliseconds == nil ? "waits for other rules" : ""
            let period = timer.everyMilliseconds.map { "every \(Figures.time(milliseconds: $0))" } ?? ""
            table.add([timer.name, timer.key ?? "", left, manner.isEmpty ? period : manner])
        }
        return table.lines
    }

    private var shownState: [String] {
        guard let state else { return [] }
        return ["STATE"] + JSONLines(state).lines.map { PrintableText.line($0) }
    }
}
