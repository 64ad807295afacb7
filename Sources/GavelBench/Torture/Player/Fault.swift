/// What befalls a client.
enum Fault: String, CaseIterable {
    /// Closes with 1001, as a page does that is left, and comes back.
    case goAway = "closed with 1001"
    /// Closes with 1000, and joins as a new client.
    case end = "closed with 1000"
    /// Leaves the room, and joins it as a new client on the same connection.
    case leave = "left"
    /// The connection ends without a close frame.
    case drop = "dropped"
    /// The connection is reset.
    case reset = "reset"
    /// The connection is reset in the middle of a frame.
    case tear = "torn in a frame"
    /// Does not read for a while.
    case stall = "stalled"
    /// Abandons the connection without ending it, which goes on sending, and opens another.
    case abandon = "half open"
    /// Opens a second connection while the first one lives.
    case second = "second connection"

    /// Whether the client's session ends with it.
    var endsSession: Bool { self == .end || self == .leave }
}
