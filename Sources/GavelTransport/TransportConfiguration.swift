/// How the relay listens and what it asks of a socket before and beside any room.
package struct TransportConfiguration: Sendable {
    /// Address to bind, a name or a number; `"0.0.0.0"` or `"::"` for all.
    package var host = "127.0.0.1"
    /// TCP port; 0 lets the system choose.
    package var port = 8765
    /// Connections at a time; beyond them the listening socket is not read.
    package var maxConnections = 10_000
    /// Connections at a time from one address, answered 503 beyond; `nil`: no limit.
    package var connectionsPerAddress: Int?
    /// Values of `Origin` that may connect, compared without regard to case; empty: any. A request without `Origin`
    /// does not come from a page and is admitted.
    package var allowedOrigins: [String] = []
    /// From accepting a connection to the end of its opening handshake.
    package var handshakeTimeout: Duration = .seconds(10)
    /// Largest message in bytes; a longer one is refused at its frame header, with 1009.
    package var messageBytes = 64 << 10
    /// Silence after which the relay sends a ping.
    package var pingInterval: Duration = .seconds(15)
    /// How long the answer to a ping may take before the connection is closed with 4003.
    package var pongTimeout: Duration = .seconds(10)
    /// `SO_SNDBUF` in bytes, so that a slow client's backlog waits where it is counted; `nil`: the system's choice.
    package var sendBufferBytes: Int? = 256 << 10
    /// Most bytes handed to a channel at a time.
    package var chunkBytes = 64 << 10
    /// From SIGTERM to the last socket closed.
    package var drain: Duration = .seconds(10)
    /// Serves `/echo`, which echoes text and binary messages verbatim, for conformance suites. Development only.
    package var echo = false

    package init() {}
}
