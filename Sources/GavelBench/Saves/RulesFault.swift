/// What can be wrong with rules that are saved.
package enum RulesFault: String, CaseIterable, Sendable {
    // Found before any room has them.

    case syntax = "a syntax error"
    case load = "an error at load"
    case schema = "a schema that cannot be"
    case timer = "no handler of a running timer"
    case migration = "an error in on_reload"
    case endlessMigration = "an endless on_reload"
    case largeMigration = "an on_reload without memory"

    // Found by rooms that have them.

    case filter = "a filter that fails"
    case beat = "timers that fail"
    /// In one room; the others keep the rules.
    case endlessFilter = "an endless filter in one room"
    case largeFilter = "a filter without memory in one room"

    /// What becomes of rules with it.
    enum End: Equatable {
        /// No room has them. Where it is said what is wrong, this is in it.
        case refused(String)
        /// All rooms go back from them.
        case rolledBack
        /// One room goes back from them.
        case rolledBackInOneRoom
    }

    var end: End {
        switch self {
        case .syntax: .refused("saves.lua:")
        case .load: .refused("on purpose")
        case .schema: .refused("min")
        case .timer: .refused("\"beat\"")
        case .migration: .refused("on purpose")
        case .endlessMigration: .refused("(on_reload)")
        case .largeMigration: .refused("memory")
        case .filter, .beat: .rolledBack
        case .endlessFilter, .largeFilter: .rolledBackInOneRoom
        }
    }
}
