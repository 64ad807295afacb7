package import NIOCore

/// Where a relay speaks HTTP, and to whom.
package struct HTTPConfiguration: Sendable {
    /// An address; `nil`: nowhere.
    package var host: String? = "127.0.0.1"
    /// 0 lets the system choose.
    package var port = 8766
    /// What operators show; `nil`: one is made at start.
    package var token: String?
    /// Names by which this machine is reached, beside its addresses and `localhost`.
    package var names: [String] = []
    /// Where pages of games reach the relay, `ws://…` or `wss://…`; `nil`: at its port of the host they are from.
    package var relay: String?

    /// Connections at a time; more wait.
    package var connections = 256
    /// Longest body of a request, and longest message over a WebSocket, in bytes.
    package var bodyBytes = 64 << 10
    /// How long a connection may be silent; over a WebSocket it is asked before whether somebody is there.
    package var idleTimeout: TimeAmount = .seconds(60)
    /// How long a WebSocket may stay open without the token.
    package var tokenTimeout: TimeAmount = .seconds(5)
    /// How long whoever listens to a stream may take to read one line.
    package var writeTimeout = Duration.seconds(10)
    /// How long answers that are under way may take when the relay ends.
    package var drain = Duration.seconds(15)

    package init() {}

    /// Shortest token in bytes.
    package static let shortestToken = 16

    /// Whether others than this machine's own programs may reach it, and no token was given to keep them out.
    package var lacksToken: Bool {
        guard let host = self.host else { return false }
        return self.token == nil && !HostName.isLoopback(host)
    }
}
