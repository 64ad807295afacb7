/// What happened in a torture, counted.
package struct TortureTally: Sendable {
    /// What clients sent, once each.
    package var sent: UInt64 = 0
    /// What they sent again after a return.
    package var sentAgain: UInt64 = 0
    /// Messages of theirs that were refused, as they had to be.
    package var refused: UInt64 = 0
    /// Joins that had to be tried again.
    package var refusedJoins: UInt64 = 0
    /// Connections that another took the place of.
    package var replaced: UInt64 = 0
    var faults: [Fault: UInt64] = [:]
    var resumes: [ResumeOutcome: UInt64] = [:]
    /// Connections that could not be made, for there was no relay.
    package var vainConnections: UInt64 = 0
    /// Ends of connections that were the relay's, by code; without a close frame `nil`.
    var ends: [Int?: UInt64] = [:]
}
