/// Somebody came into a room, or went.
enum PresenceChange: Hashable, Sendable {
    case came(UInt64)
    case went(UInt64)
}
