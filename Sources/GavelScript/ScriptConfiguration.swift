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
    /// Effects (sends, broadcasts, kicks) of one hook.
    package var effects = 256
    /// Bytes that the effects of one hook send together.
    package var outputBytes = 512 << 10

    /// Whether the sender of a message that failed is told all that the designer is, and the log what rejects undid.
    package var showsErrors = false

    package init() {}
}
