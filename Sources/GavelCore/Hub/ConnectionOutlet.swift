package import NIOCore

/// The socket side of a connection: the seam that the transport implements, and a test's recorder.
///
/// Confined to the connection's event loop. No call may call back into the connection before it returns, except
/// where it says so.
package protocol ConnectionOutlet: AnyObject {
    /// Offers bytes to the socket at once. Called only while nothing handed over by ``sendWhenWritable(_:)`` is on
    /// its way.
    /// - Returns: How many of them the socket took, from the first on; 0 where it takes none now or cannot be written
    ///   directly. A broken socket answers with all, its end is reported by the read side.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int

    /// Hands over bytes that must leave before any others; answered, later and not from within this call, by
    /// ``Connection/outletBecameWritable()``.
    func sendWhenWritable(_ bytes: ByteBuffer)

    /// Whether to read the socket and to pass on what was read already. After `true`, messages that were held back
    /// come first, and not from within this call.
    func setReading(_ isReading: Bool)

    /// Ends the connection: the transport sends the close frame through ``Connection/sendFrame(_:_:)``, waits for
    /// the output to drain and for the peer's answer, a second at most, and closes the socket.
    func close(_ code: CloseCode, reason: StaticString)

    /// The connection has no bytes left to send. Called only after ``Connection/end(_:)``.
    func outputDrained()

    /// Once a second, for keepalive.
    func sweep(at now: NIODeadline)
}

/// How a connection ended, as the transport saw it.
package enum ConnectionEnd: Sendable {
    /// The peer closed with 1000.
    case left
    /// The relay closed it and does not want the client back: 4500 to 4999.
    case expelled
    /// Anything else.
    case lost
}
