/// Something about the rules of a room that an operator or a designer should hear of.
package enum RelayEvent: Sendable {
    /// A room has gone back to the rules it had, or could not.
    case rolledBack(Rollback)
    /// A room that the log keeps cannot be taken up under its new rules: joins are refused, and it stays as it is kept.
    case wakeRefused(key: RoomKey, from: String, to: String, text: String)
    /// A room that is to be recorded is not for now: to begin with, that would take so many bytes, more than half of
    /// what its recording may have. `nil`: there was no memory to copy what it keeps.
    case recordingRefused(key: RoomKey, bytes: Int?, limitBytes: Int)
}

/// How a room went back from new rules that failed too often.
package struct Rollback: Sendable {
    package enum Way: String, Sendable {
        /// With all that it kept by then, through `on_reload` of the rules before.
        case state
        /// With what it kept when the new rules took over.
        case snapshot
        /// Neither was possible: it goes on with the new rules.
        case none
    }

    package var key: RoomKey
    /// Versions.
    package var from: String
    package var to: String
    /// Which hook failed last, and how.
    package var failure: RulesFailure?
    package var way: Way
    /// Why the room did not go on with what it kept; `nil`: it did.
    package var stateText: String?
    /// Why the room did not go on with what it kept before; `nil`: it did, or need not.
    package var snapshotText: String?
    /// Of ``Way/snapshot``: the last number given when that was taken, and now. What the messages in between changed is
    /// lost.
    package var lastID: (before: MessageID, now: MessageID)
    /// Of ``Way/snapshot``: clients that came since, whose join the rules have not seen. They stay, and have no data.
    package var newcomers: [ClientID] = []
}
