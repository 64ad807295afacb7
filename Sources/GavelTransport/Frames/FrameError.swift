package import GavelCore

/// What is wrong with a frame; each of these costs the connection.
package enum FrameError: Error, Hashable, Sendable, CaseIterable {
    case unmasked
    case reservedBits
    case unknownOpcode
    case lengthNotMinimal
    case controlTooLong
    case controlFragmented
    case unexpectedContinuation
    case interruptedMessage
    case binaryRefused
    case tooLarge
    case tooManyFragments
    case invalidUTF8
    case invalidClosePayload

    /// The code the connection is closed with (RFC 6455 section 7.4.1).
    package var closeCode: CloseCode {
        switch self {
        case .binaryRefused: .unsupportedData
        case .tooLarge, .tooManyFragments: .messageTooBig
        case .invalidUTF8: .invalidUTF8
        default: .protocolError
        }
    }

    /// What the close frame says, for the client's developer.
    package var reason: StaticString {
        switch self {
        case .unmasked: "frame not masked"
        case .reservedBits: "reserved bit set"
        case .unknownOpcode: "unknown opcode"
        case .lengthNotMinimal: "length not encoded in the fewest bytes"
        case .controlTooLong: "control frame over 125 bytes"
        case .controlFragmented: "fragmented control frame"
        case .unexpectedContinuation: "continuation without a message"
        case .interruptedMessage: "new message inside a fragmented one"
        case .binaryRefused: "binary frames are not supported"
        case .tooLarge: "message too big"
        case .tooManyFragments: "too many fragments"
        case .invalidUTF8: "invalid UTF-8"
        case .invalidClosePayload: "invalid close frame"
        }
    }
}
