/// Why the relay ends a connection: a WebSocket close code (RFC 6455 section 7.4 and the protocol's own).
///
/// 4000–4499 ask the client to reconnect and resume, 4500–4999 tell it not to.
package struct CloseCode: Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let unsupportedData = CloseCode(rawValue: 1003)
    package static let invalidUTF8 = CloseCode(rawValue: 1007)
    package static let messageTooBig = CloseCode(rawValue: 1009)
    package static let slowConsumer = CloseCode(rawValue: 4002)
    package static let noPong = CloseCode(rawValue: 4003)
    package static let rateLimit = CloseCode(rawValue: 4005)
    package static let unavailable = CloseCode(rawValue: 4006)
    package static let joinTimeout = CloseCode(rawValue: 4007)
    package static let forbidden = CloseCode(rawValue: 4501)
    package static let kicked = CloseCode(rawValue: 4502)
    package static let badMessages = CloseCode(rawValue: 4503)
    package static let replaced = CloseCode(rawValue: 4505)

    /// How a connection ends that the relay closes with it.
    package var end: ConnectionEnd { self.rawValue >= 4500 ? .expelled : .lost }
}
