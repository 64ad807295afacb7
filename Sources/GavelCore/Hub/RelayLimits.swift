/// Limits of the relay, the same on each of its loops.
package struct RelayLimits: Sendable {
    /// Largest message a connection may send, in bytes.
    package var messageBytes = 64 << 10
    /// Longest room key, in bytes of UTF-8; at most 128.
    package var roomKeyBytes = 128
    /// Longest client name, in bytes of UTF-8.
    package var nameBytes = 64
    /// Deepest nesting of a message, the message itself counted.
    package var jsonDepth: UInt32 = 32
    /// Malformed messages a connection may send in a minute before it is closed with 4503.
    package var badMessages = 30
    /// How long a connection may stay without having joined a room.
    package var joinTimeout: Duration? = .seconds(60)
    /// Rooms at a time over all loops; `nil`: no limit.
    package var rooms: Int?
    /// Rooms that one connection may join in a minute; `nil`: no limit.
    package var joinsPerMinute: Int?
    /// Messages a connection may send each second; `nil`: no limit.
    package var messagesPerSecond: Int?
    /// Bytes a connection may send each second; `nil`: no limit.
    package var bytesPerSecond: Int?
    /// Bytes under way from one loop to another before senders are no longer read.
    package var mailboxBytes = 8 << 20

    package init() {}
}

/// How much may wait for a client that reads too slowly.
package struct OutboundLimits: Sendable {
    /// Above this many queued bytes a client counts as slow.
    package var softBytes = 256 << 10
    /// Above this many it is cut at once, with 4002.
    package var hardBytes = 2 << 20
    /// A client that has been slow this long without a break is cut, with 4002.
    package var slowGrace: Duration = .seconds(10)
    /// Most bytes given to the channel at a time.
    package var chunkBytes = 64 << 10

    package init() {}
}
