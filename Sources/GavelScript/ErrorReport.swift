internal import Logging

/// Something that went wrong in rules.
struct ErrorReport: Hashable, Sendable {
    var level: Logger.Level
    /// What it means for the room, the same text for all of its kind.
    var message: String
    var error: ScriptError
    /// As a designer writes it, or empty.
    var hook: String
}
