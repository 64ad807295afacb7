package import GavelCore

/// Where rooms are kept, how safely and for how long.
package struct StorageConfiguration: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Rooms end with the process.
        case memory
        case sqlite
    }

    package var kind = Kind.memory
    /// The database file, as written.
    package var path = "gavel.db"
    package var durability = LogDurability.relaxed
    /// At least so many of a room's latest messages are kept, if they are not older than ``keepAge``.
    package var keepMessages = 10_000
    /// Older messages go, and rooms that nobody was in for so long.
    package var keepAge: Duration = .seconds(7 * 86_400)

    package init() {}
}
