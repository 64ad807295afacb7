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
    /// Those of the last minute among them.
    package var failuresOfLastMinute = 0
    /// `file:line: …`, the last of them.
    package var lastFailure: Failure?
    /// While new rules are on trial.
    package var probation: Probation?
    /// `{"state":…,"clients":{"1":…}}`, what the rules keep, as JSON; `"…"` stands for what was too much. `nil`: there
    /// are no rules.
    package var state: String?
    /// First those that are due first, last those that wait for other rules.
    package var timers: [Timer] = []
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

    package struct Probation: Codable, Hashable, Sendable {
        /// Failures at which the room goes back.
        package var mostFailures: Int
        /// The version that it goes back to.
        package var previous: String

        package init(mostFailures: Int, previous: String) {
            self.mostFailures = mostFailures
            self.previous = previous
        }
    }

    package struct Timer: Codable, Hashable, Sendable {
        package var name: String
        /// Of several of that name, which one.
        package var key: String?
        /// `nil`: it failed, or lacks its function, and waits for other rules.
        package var inMilliseconds: Int?
        /// `nil`: it runs once.
        package var everyMilliseconds: Int?

        package init(_ name: String, key: String? = nil, inMilliseconds: Int?, everyMilliseconds: Int? = nil) {
            self.name = name
            self.key = key
            self.inMilliseconds = inMilliseconds
            self.everyMilliseconds = everyMilliseconds
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
