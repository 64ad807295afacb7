/// A room among others.
package struct RoomOverview: Codable, Hashable, Sendable {
    package var room: String
    /// Those away among them.
    package var clients = 0
    package var away = 0
    /// The last number given.
    package var lastMessage = 0
    package var epoch = ""
    /// The main file of its rules; `nil`: a plain relay.
    package var rules: String?
    package var version: String?
    package var isOnProbation = false
    package var isLocked = false
    /// Whether the log is still to say what it keeps of it.
    package var isOpening = false
    /// Whether somebody watches it.
    package var isObserved = false
    /// Bytes kept for those who join or return.
    package var historyBytes = 0
    /// Bytes that wait for the room.
    package var backlogBytes = 0

    package init(_ room: String) {
        self.room = room
    }
}

/// One room, looked at closely.
package struct RoomView: Codable, Hashable, Sendable {
    package var overview: RoomOverview
    /// In the order of their joins.
    package var clients: [ClientView] = []
    /// Hooks that failed since the rules were loaded.
    package var failures = 0
    /// `file:line: …`, the last of them.
    package var lastFailure: Failure?
    /// `nil`: no timer is set.
    package var nextTimerMilliseconds: Int?

    package struct Failure: Codable, Hashable, Sendable {
        package var hook: String
        package var text: String

        package init(hook: String, text: String) {
            self.hook = hook
            self.text = text
        }
    }

    package init(_ overview: RoomOverview) {
        self.overview = overview
    }
}

/// A client in its room.
package struct ClientView: Codable, Hashable, Sendable {
    package var client: Int
    /// Perhaps empty.
    package var name: String
    /// Else it is away, and may come back.
    package var isConnected: Bool
    package var isSlow: Bool
    /// Bytes that wait for it; `nil`: it has no connection.
    package var queuedBytes: Int?

    package init(_ client: Int, name: String, isConnected: Bool = true, isSlow: Bool = false, queuedBytes: Int? = 0) {
        self.client = client
        self.name = name
        self.isConnected = isConnected
        self.isSlow = isSlow
        self.queuedBytes = queuedBytes
    }
}
