/// What an operator can have a running relay do, beside what concerns its rooms, its rules and its log.
///
/// These protocols are the seam between the commands, which know no relay, and the relay, which knows no commands. They
/// are called from any task, several calls at a time. A call that cannot be done throws ``CommandError``.
package protocol RelayOperations: Sendable {
    func status() async throws -> RelayStatus

    /// Has the relay end as on SIGTERM; returns at once.
    func drain() async throws
}

/// What an operator can do with rooms.
package protocol RoomOperations: Sendable {
    /// All rooms, in no order.
    func rooms() async throws -> [RoomOverview]

    /// - Returns: `nil` where there is no such room.
    func room(_ key: String) async throws -> RoomView?

    /// Takes a client out of its room and closes its connection with 4502.
    /// - Returns: `false` where there is no such client in such a room.
    func kick(_ client: Int, from room: String, reason: String) async throws -> Bool

    /// Ends a room with all that are in it.
    /// - Returns: `false` where there is no such room.
    func close(_ room: String, reason: String) async throws -> Bool

    /// Tells everyone in a room, or in all, what an operator has to say.
    /// - Returns: How many rooms were told.
    func notify(_ text: String, room: String?) async throws -> Int
}

/// What an operator can do with rules.
package protocol RulesOperations: Sendable {
    /// Reads the configuration and all rules again.
    /// - Returns: What became of each file.
    func reload() async throws -> [FileOutcome]

    /// The versions of each file of rules that rooms name.
    func versions() async throws -> [RulesHistory]

    /// Puts an earlier version of rules in force in all their rooms.
    /// - Parameter version: How its name begins; `nil`: the one before the one in force.
    func rollBack(_ file: String, to version: String?) async throws -> FileOutcome
}

/// What an operator can do with the log.
package protocol LogOperations: Sendable {
    /// The least severe level that is logged.
    func logLevel() async throws -> String

    /// - Parameter level: One of ``LogLevelArguments/levels``.
    func setLogLevel(_ level: String) async throws
}
