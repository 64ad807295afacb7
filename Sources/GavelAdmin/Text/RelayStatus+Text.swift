extension RelayStatus: CommandReply {
    package var text: String {
        let manner = self.isDraining ? "going away" : "up"
        var table = TextTable([.left, .right, .left])
        if let address { table.add(["listening on", address, ""]) }
        table.add(["rooms", "\(self.now.rooms)", ""])
        table.add([
            "connections", "\(self.now.connections)", self.now.slowClients > 0 ? "\(self.now.slowClients) slow" : "",
        ])
        table.add(["clients away", "\(self.now.awayClients)", ""])
        table.add(["waiting for clients", Figures.bytes(self.now.queuedBytes), ""])
        table.add(["waiting for rooms", Figures.bytes(self.now.backlogBytes), ""])
        table.add(["waiting for the log", Figures.bytes(self.now.unansweredBytes), ""])
        table.add(["histories", Figures.bytes(self.now.historyBytes), ""])
        table.add(["clients cut", "\(self.total.cutClients)", "since the start, for reading too slowly"])
        table.add(["messages left out", "\(self.total.conflatedMessages)", "for newer ones of their kind"])
        table.add(["came back", "\(self.total.recoveredResumes)", "and missed nothing"])
        table.add(["", "\(self.total.unrecoveredResumes)", "and missed something"])
        table.add(["did not", "\(self.total.expiredSessions)", "within their time"])
        if self.total.failedRooms > 0 { table.add(["rooms given up", "\(self.total.failedRooms)", "by the log"]) }
        if self.total.lostSignals > 0 { table.add(["signals lost", "\(self.total.lostSignals)", "between rooms"]) }
        if self.total.reloads + self.total.refusedReloads > 0 {
            let refused = self.total.refusedReloads
            let words = "times a room" + (refused > 0 ? ", and \(refused) times it kept its own" : "")
            table.add(["rules exchanged", "\(self.total.reloads)", words])
            table.add(["went back", "\(self.total.rollbacks)", "from rules that failed"])
        }
        let head = "gavel \(self.version), process \(self.process), \(manner) for "
        let page = self.page.map { ["operators' page: \($0)"] } ?? []
        return ([head + Figures.duration(seconds: self.uptimeSeconds)] + table.lines + page).joined(separator: "\n")
    }
}
