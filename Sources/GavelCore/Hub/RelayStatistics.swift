/// What a relay, or one of its loops, holds now and has done since it began.
package struct RelayStatistics: Sendable, Equatable {
    // Now.

    package var connections = 0
    /// Clients whose place is kept until they come back.
    package var awayClients = 0
    /// Clients with more waiting for them than ``OutboundLimits/softBytes``.
    package var slowClients = 0
    /// Bytes that wait for clients, those of histories among them.
    package var queuedBytes = 0
    /// Bytes of histories that wait for clients.
    package var replayedBytes = 0
    /// Memory held by what waits for rooms that are too busy for it, in bytes.
    package var backlogBytes = 0
    /// Bytes that rooms keep for those who join or return.
    package var historyBytes = 0
    /// Bytes given to the log that it has not answered for.
    package var unansweredBytes = 0

    // Since it began.

    package var conflatedMessages = 0
    package var conflatedBytes = 0
    /// Clients closed because they read too slowly, and bytes that had waited for them.
    package var cutClients = 0
    package var cutBytes = 0
    /// Clients that came back and missed nothing.
    package var recoveredResumes = 0
    /// Clients that came back, or wanted to, and what they missed could not be given to them.
    package var unrecoveredResumes = 0
    /// Clients that did not come back in time.
    package var expiredSessions = 0
    /// Rooms given up because the log did not keep them.
    package var failedRooms = 0
    /// Signals between rooms that found no room, or one that could not take them.
    package var lostSignals = 0
    /// Rooms whose rules were exchanged, whose rules could not be, and that went back to those they had.
    package var reloads = 0
    package var refusedReloads = 0
    package var rollbacks = 0

    package init() {}

    package static func += (sum: inout Self, part: Self) {
        sum.connections += part.connections
        sum.awayClients += part.awayClients
        sum.slowClients += part.slowClients
        sum.queuedBytes += part.queuedBytes
        sum.replayedBytes += part.replayedBytes
        sum.backlogBytes += part.backlogBytes
        sum.historyBytes += part.historyBytes
        sum.unansweredBytes += part.unansweredBytes
        sum.conflatedMessages += part.conflatedMessages
        sum.conflatedBytes += part.conflatedBytes
        sum.cutClients += part.cutClients
        sum.cutBytes += part.cutBytes
        sum.recoveredResumes += part.recoveredResumes
        sum.unrecoveredResumes += part.unrecoveredResumes
        sum.expiredSessions += part.expiredSessions
        sum.failedRooms += part.failedRooms
        sum.lostSignals += part.lostSignals
        sum.reloads += part.reloads
        sum.refusedReloads += part.refusedReloads
        sum.rollbacks += part.rollbacks
    }
}

extension RelayLoop {
    /// What this loop holds and has done. Complexity: O(connections + rooms).
    package var statistics: RelayStatistics {
        var statistics = self.counts
        statistics += self.home.statistics
        statistics.connections = self.connectionCount
        for connection in self.connections {
            guard let connection else { continue }
            statistics.queuedBytes += connection.queuedBytes
            statistics.replayedBytes += connection.queue.replayedCount
            if connection.slowSince != nil { statistics.slowClients += 1 }
            statistics.conflatedMessages += connection.queue.conflatedMessages
            statistics.conflatedBytes += connection.queue.conflatedBytes
        }
        return statistics
    }
}

extension Home {
    fileprivate var statistics: RelayStatistics {
        var statistics = self.counts
        for place in self.places.values {
            statistics.awayClients += self.rooms[place].sessions.awayCount
            statistics.historyBytes += self.rooms[place].history?.byteCount ?? 0
        }
        statistics.backlogBytes = self.backlogs.values.reduce(0) { $0 + $1.bytes }
        statistics.unansweredBytes = self.unansweredBytes
        return statistics
    }
}
