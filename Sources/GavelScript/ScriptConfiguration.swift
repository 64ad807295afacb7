/// What one hook may spend, and one room's rules in all.
package struct ScriptConfiguration: Sendable {
    /// Steps of the Lua machine a hook may take.
    package var instructions = 1_000_000
    /// Wall-clock time a hook may take; confirmed by the thread's CPU clock.
    package var time: Duration = .milliseconds(10)
    /// Memory of one room's Lua state in bytes.
    package var memoryBytes = 8 << 20
    /// Largest single block (string, table part) in bytes.
    package var blockBytes = 1 << 20
    /// Effects of one hook: broadcasts, sends, syncs, kicks, moves, locks, unlocks, closes and signals.
    package var effects = 256
    /// Bytes that the effects of one hook send together.
    package var outputBytes = 512 << 10

    /// Whether the sender of a message that failed is told all that the designer is, and the log what rejects undid.
    package var showsErrors = false

    /// Whether lines of the rules are counted as they run, for tests; see ``ScriptRoomRules/lineCounts``.
    package var countsLines = false

    /// Hooks of a room that may spend their budget within a minute before its rules are switched off; `nil`: any.
    package var strikes: Int? = 10
    package var onStrikes = OnStrikes.refuse

    /// What a room does whose rules are switched off.
    package enum OnStrikes: String, Sendable, CaseIterable {
        /// Joins and messages are answered `unavailable`.
        case refuse
        /// It goes on as a plain relay.
        case relay
    }

    package init() {}
}
