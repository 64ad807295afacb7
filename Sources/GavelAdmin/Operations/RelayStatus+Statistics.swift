package import GavelCore

extension RelayStatus.Now {
    package init(_ statistics: RelayStatistics, rooms: Int) {
        self.init()
        self.rooms = rooms
        self.connections = statistics.connections
        self.awayClients = statistics.awayClients
        self.slowClients = statistics.slowClients
        self.queuedBytes = statistics.queuedBytes
        self.backlogBytes = statistics.backlogBytes
        self.historyBytes = statistics.historyBytes
        self.unansweredBytes = statistics.unansweredBytes
    }
}

extension RelayStatus.Total {
    package init(_ statistics: RelayStatistics) {
        self.init()
        self.conflatedMessages = statistics.conflatedMessages
        self.cutClients = statistics.cutClients
        self.recoveredResumes = statistics.recoveredResumes
        self.unrecoveredResumes = statistics.unrecoveredResumes
        self.expiredSessions = statistics.expiredSessions
        self.failedRooms = statistics.failedRooms
        self.lostSignals = statistics.lostSignals
        self.reloads = statistics.reloads
        self.refusedReloads = statistics.refusedReloads
        self.rollbacks = statistics.rollbacks
    }
}
