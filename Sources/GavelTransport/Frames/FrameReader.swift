package import GavelCore
package import NIOCore

/// What ``FrameReader`` found.
package enum FrameEvent: Hashable, Sendable {
    /// All bytes are taken, and more are needed.
    case incomplete
    /// A message, text or binary, is complete; ``FrameReader/takePayload()`` has it.
    case message(FrameOpcode)
    /// ``FrameReader/takePayload()`` has what the pong must carry.
    case ping
    case pong
    case close(CloseStatus)
    /// The stream is malformed here. Nothing more can be read from it.
    case failure(FrameError)
}

/// Reads a client's frames from pieces of a byte stream that may be cut anywhere (RFC 6455 section 5).
///
/// A value that holds the message under way, at most `limitBytes` of it, and nothing between messages. Limits are
/// enforced at the frame header, text is checked as it arrives.
package struct FrameReader {
    /// Fragments that any message may have, however small its limit.
    private static let leastFragments = 65_536

    private enum Stage {
        case header
        case payload(ClientFrameHeader, received: Int)
        case failed
    }

    /// Largest message in bytes, over all its fragments.
    package var limitBytes: Int
    private let acceptsBinary: Bool

    private var stage = Stage.header
    private var partialHeader = PartialHeader()
    /// What the message under way is; `nil` between messages.
    private var messageOpcode: FrameOpcode?
    private var message = ByteBuffer()
    private var validator = UTF8Validator()
    private var fragmentCount = 0
    /// Payload of the control frame under way; a control frame may stand between the fragments of a message.
    private var control = ByteBuffer()
    private var isControlReady = false

    package init(limitBytes: Int, acceptsBinary: Bool) {
        self.limitBytes = limitBytes
        self.acceptsBinary = acceptsBinary
    }

    /// Whether the next byte begins a frame that is not part of a fragmented message.
    package var isBetweenMessages: Bool {
        if case .header = self.stage { self.partialHeader.count == 0 && self.messageOpcode == nil } else { false }
    }

    /// Reads on until something is found or the bytes are used up.
    /// - Parameters:
    ///   - bytes: The stream's next bytes; not kept.
    ///   - offset: Where to begin in them; moved past what was taken.
    package mutating func next(in bytes: UnsafeRawBufferPointer, from offset: inout Int) -> FrameEvent {
        while true {
            switch self.stage {
            case .failed:
                offset = bytes.count
                return .incomplete
            case .header:
                let header: ClientFrameHeader
                switch self.partialHeader.parse(bytes, from: &offset) {
                case .incomplete: return .incomplete
                case .malformed(let error): return self.fail(error)
                case .header(let parsed, _): header = parsed
                }
                if let error = self.begin(header) { return self.fail(error) }
                self.stage = .payload(header, received: 0)
            case .payload(let header, let received):
                let count = min(header.length - received, bytes.count - offset)
                let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
                offset += count
                guard self.take(piece, of: header, received: received) else { return self.fail(.invalidUTF8) }
                guard received + count == header.length else {
                    self.stage = .payload(header, received: received + count)
                    return .incomplete
                }
                self.stage = .header
                if let event = self.finish(header) { return event }
            }
        }
    }

    /// Hands over the payload of the event just answered. Complexity: O(1).
    package mutating func takePayload() -> ByteBuffer {
        if self.isControlReady {
            self.isControlReady = false
            return Self.take(&self.control)
        }
        return Self.take(&self.message)
    }

    private static func take(_ buffer: inout ByteBuffer) -> ByteBuffer {
        let taken = buffer
        buffer = ByteBuffer()
        return taken
    }

    private mutating func fail(_ error: FrameError) -> FrameEvent {
        self.stage = .failed
        self.message = ByteBuffer()
        self.control = ByteBuffer()
        return .failure(error)
    }

    /// Admits a frame by its header.
    private mutating func begin(_ header: ClientFrameHeader) -> FrameError? {
        switch header.opcode {
        case .close, .ping, .pong:
            self.control = ByteBuffer()
            self.isControlReady = false
            return nil
        case .continuation:
            guard self.messageOpcode != nil else { return .unexpectedContinuation }
            guard self.fragmentCount < max(Self.leastFragments, self.limitBytes) else { return .tooManyFragments }
        case .text, .binary:
            guard self.messageOpcode == nil else { return .interruptedMessage }
            guard header.opcode == .text || self.acceptsBinary else { return .binaryRefused }
            self.messageOpcode = header.opcode == .text ? .text : .binary
            self.message = ByteBuffer()
            self.validator = UTF8Validator()
            self.fragmentCount = 0
        }
        self.fragmentCount += 1
        return header.length <= self.limitBytes - self.message.readableBytes ? nil : .tooLarge
    }

    /// Appends a piece of a payload.
    /// - Returns: Whether a text message can still be UTF-8.
    private mutating func take(_ piece: UnsafeRawBufferPointer, of header: ClientFrameHeader, received: Int) -> Bool {
        guard piece.count > 0 else { return true }
        if header.opcode.isControl {
            self.control.appendUnmasked(piece, header.mask, phase: received)
            return true
        }
        let start = self.message.readableBytes
        let isASCII = self.message.appendUnmasked(piece, header.mask, phase: received)
        guard self.messageOpcode == .text, !(isASCII && self.validator.isComplete) else { return true }
        return self.message.withUnsafeReadableBytes { bytes in
            self.validator.take(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// Ends a frame; answers what it completes.
    private mutating func finish(_ header: ClientFrameHeader) -> FrameEvent? {
        switch header.opcode {
        case .ping:
            self.isControlReady = true
            return .ping
        case .pong:
            self.control = ByteBuffer()
            return .pong
        case .close:
            let payload = Self.take(&self.control)
            switch payload.withUnsafeReadableBytes(CloseStatus.parse) {
            case .success(let status): return .close(status)
            case .failure(let error): return self.fail(error)
            }
        case .text, .binary, .continuation:
            guard header.isFinal, let opcode = self.messageOpcode else { return nil }
            guard opcode == .binary || self.validator.isComplete else { return self.fail(.invalidUTF8) }
            self.messageOpcode = nil
            return .message(opcode)
        }
    }
}
