/// What a relay is and how it fares.
package struct RelayStatus: Codable, Hashable, Sendable {
    /// Of gavel: `0.1.0`.
    package var version: String
    package var process: Int
    package var uptimeSeconds: Int
    package var isDraining: Bool
    /// Where it listens for players, `127.0.0.1:8765`; `nil`: not yet.
    package var address: String?
    /// The operators' page, with the token where one was made; `nil`: there is none, or whoever asks is not told.
    package var page: String?
    package var now: Now
    package var total: Total

    /// What it holds.
    package struct Now: Codable, Hashable, Sendable {
        package var rooms = 0
        package var connections = 0
        /// Clients whose place is kept until they come back.
        package var awayClients = 0
        /// Clients with more than `outbound.soft` waiting for them.
        package var slowClients = 0
        /// Bytes that wait for clients.
        package var queuedBytes = 0
        /// Bytes that wait for rooms that are too busy for them.
        package var backlogBytes = 0
        /// Bytes that rooms keep for those who join or return.
        package var historyBytes = 0
        /// Bytes given to the log that it has not answered for.
        package var unansweredBytes = 0

        package init() {}
    }

    /// What it has done since it began.
    package struct Total: Codable, Hashable, Sendable {
        package var conflatedMessages = 0
        /// Clients closed because they read too slowly.
        package var cutClients = 0
        /// Clients that came back and missed nothing.
        package var recoveredResumes = 0
        /// Clients that came back and had missed what could not be given to them.
        package var unrecoveredResumes = 0
        /// Clients that did not come back in time.
        package var expiredSessions = 0
        /// Rooms given up because the log did not keep them.
        package var failedRooms = 0
        /// Signals between rooms that did not arrive.
        package var lostSignals = 0
        /// Rooms given other rules, rooms that kept theirs instead, and rooms that went back to those before.
        package var reloads = 0
        package var refusedReloads = 0
        package var rollbacks = 0

        package init() {}
    }

    package init(version: String, process: Int, uptimeSeconds: Int, isDraining: Bool = false, address: String? = nil) {
        self.version = version
        self.process = process
        self.uptimeSeconds = uptimeSeconds
        self.isDraining = isDraining
        self.address = address
        self.now = Now()
        self.total = Total()
    }
}
