/// What an operator sees of a room.
package struct RoomSummary: Sendable {
    package var key: RoomKey
    /// Those away among them.
    package var members: Int
    package var away: Int
    package var lastID: MessageID
    package var epoch: [UInt8]
    /// `nil`: a plain relay.
    package var rules: (name: String, version: String)?
    package var isOnProbation: Bool
    package var isLocked: Bool
    /// Whether the log is still to say what it keeps of it.
    package var isOpening: Bool
    /// Whether somebody looks on; a recording does not count.
    package var isObserved: Bool
    /// Kept for those who join or return.
    package var historyBytes: Int
    /// Held by what waits for the room.
    package var backlogBytes: Int
}

/// What an operator sees of one room.
package struct RoomDetails: Sendable {
    package var summary: RoomSummary
    /// In the order of their joins.
    package var clients: [ClientSummary]
    /// Hooks that failed since the rules were made, and the last of them.
    package var failures: Int
    package var failuresOfLastMinute: Int
    package var lastFailure: RulesFailure?
    /// While new rules are on trial: at how many failures the room goes back, and to which version.
    package var probation: (mostFailures: Int, previous: String)?
    /// What the rules keep, as ``RoomRules/describeState(atMost:)`` gives it; empty: there are none.
    package var state: [UInt8]
    /// Those that are due first are the first, those that wait for other rules the last.
    package var timers: [TimerSummary]
    /// Milliseconds until the next timer; `nil`: none is set.
    package var nextTimerMilliseconds: Int64?
}

package struct TimerSummary: Sendable {
    package var name: String
    /// Of several of that name, which one.
    package var key: String?
    /// `nil`: it failed, or lacks its function, and waits for other rules.
    package var millisecondsLeft: Int64?
    /// `nil`: it runs once.
    package var periodMilliseconds: Int64?
}

package struct ClientSummary: Sendable {
    package var id: ClientID
    /// UTF-8, perhaps empty.
    package var name: [UInt8]
    package var isConnected: Bool
    package var isSlow: Bool
    /// Bytes that wait for it; `nil`: it has no connection.
    package var queuedBytes: Int?
}
