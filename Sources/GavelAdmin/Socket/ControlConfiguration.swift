package import NIOCore

/// How much a relay takes of commands.
package struct ControlConfiguration: Sendable {
    /// Longest request in bytes.
    package var lineBytes = 64 << 10
    /// Clients at a time; more are turned away.
    package var clients = 32
    /// How long a client may take to read one line.
    package var writeTimeout: TimeAmount = .seconds(10)
    /// How long commands that are being done may take when the relay ends.
    package var drain: TimeAmount = .seconds(2)

    package init() {}
}
