internal import NIOCore
internal import NIOWebSocket

/// Puts a client's frames together to texts (RFC 6455 section 5). A value that holds no more than one message.
struct WebSocketMessages {
    enum Event: Equatable {
        /// More is to come, or what came needs no answer.
        case nothing
        /// A whole message, in UTF-8.
        case text(ByteBuffer)
        case ping(ByteBuffer)
        /// The client leaves, and may say why.
        case close(WebSocketErrorCode?)
        /// What came cannot be understood, nor what follows it.
        case failure(WebSocketFailure)
    }

    private let limitBytes: Int
    /// What came of a message that is not whole.
    private var text = ByteBuffer()
    private var isWhole = true

    /// - Parameter limitBytes: Longest message.
    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    mutating func take(_ frame: WebSocketFrame) -> Event {
        do throws(WebSocketFailure) {
            guard frame.maskKey != nil else { throw WebSocketFailure(.protocolError, "frames are to be masked") }
            guard frame.reservedBits.isEmpty else { throw WebSocketFailure(.protocolError, "a reserved bit is set") }
            switch frame.opcode {
            case .text:
                guard self.isWhole else { throw WebSocketFailure(.protocolError, "a message lacks its end") }
                return try self.add(frame)
            case .continuation:
                guard !self.isWhole else { throw WebSocketFailure(.protocolError, "a message lacks its start") }
                return try self.add(frame)
            case .ping: return .ping(frame.unmaskedData)
            case .pong: return .nothing
            case .connectionClose: return .close(try Self.code(of: frame.unmaskedData))
            case .binary: throw WebSocketFailure(.unacceptableData, "messages are to be texts")
            default: throw WebSocketFailure(.protocolError, "there is no such kind of frame")
            }
        } catch {
            return .failure(error)
        }
    }

    private mutating func add(_ frame: WebSocketFrame) throws(WebSocketFailure) -> Event {
        guard frame.length <= self.limitBytes - self.text.readableBytes else { throw .tooLarge }
        self.text.writeImmutableBuffer(frame.unmaskedData)
        self.isWhole = frame.fin
        guard self.isWhole else { return .nothing }
        let text = self.text
        self.text = ByteBuffer()
        guard String(validating: text.readableBytesView, as: UTF8.self) != nil else { throw .invalidUTF8 }
        return .text(text)
    }

    /// What a close frame says (section 5.5.1).
    private static func code(of payload: ByteBuffer) throws(WebSocketFailure) -> WebSocketErrorCode? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        switch payload.readInteger(as: UInt16.self) {
        case .some(let code) where [1000...1003, 1007...1014, 3000...4999].contains(where: { $0.contains(code) }):
            guard String(validating: payload.readableBytesView, as: UTF8.self) != nil else { throw .invalidUTF8 }
            return WebSocketErrorCode(codeNumber: Int(code))
        default:
            throw WebSocketFailure(.protocolError, "a close frame holds no code")
        }
    }
}

/// Why a relay ends a WebSocket.
struct WebSocketFailure: Error, Equatable {
    let code: WebSocketErrorCode
    /// For people, in 123 bytes at most.
    let reason: String

    init(_ code: WebSocketErrorCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    static let tooLarge = Self(.messageTooLarge, "a message is longer than may be")
    static let invalidUTF8 = Self(.dataInconsistentWithMessage, "a text is not UTF-8")
    static let wantsToken = Self(.policyViolation, "first send the relay's token: {\"token\":\"...\"}")
    static let wrongToken = Self(.policyViolation, "this is not the relay's token")
    static let tooMany = Self(.policyViolation, "too many requests wait for one that is being done")
    static let goingAway = Self(.goingAway, "the relay is going away")

    /// What a decoder of frames threw.
    init(_ error: NIOWebSocketError) {
        switch error {
        case .invalidFrameLength: self = .tooLarge
        case .fragmentedControlFrame: self.init(.protocolError, "a control frame is in fragments")
        case .multiByteControlFrameLength: self.init(.protocolError, "a control frame is longer than 125 bytes")
        }
    }
}
