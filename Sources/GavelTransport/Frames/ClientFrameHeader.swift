/// The header of a frame from a client (RFC 6455 section 5.2): masked, without extensions.
struct ClientFrameHeader {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { self.rawValue & 0x8 != 0 }
    }

    enum Parsed {
        /// The bytes end before the header does.
        case incomplete
        case header(ClientFrameHeader, size: Int)
        case malformed(FrameError)
    }

    /// Most bytes a header can have.
    static let longestBytes = 14
    /// Most bytes the payload of a control frame can have.
    static let controlPayloadBytes = 125

    var opcode: Opcode
    var isFinal: Bool
    /// Bytes of payload; not yet held against any limit.
    var length: Int
    /// The masking key, its first byte lowest.
    var mask: UInt32

    /// Parses the header at the start of `bytes`. What a second byte can tell is told without waiting for the rest.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> Parsed {
        guard bytes.count >= 2 else { return .incomplete }
        let first = bytes[0]
        let second = bytes[1]
        guard first & 0x70 == 0 else { return .malformed(.reservedBits) }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return .malformed(.unknownOpcode) }
        guard second & 0x80 != 0 else { return .malformed(.unmasked) }
        let isFinal = first & 0x80 != 0
        let shortLength = Int(second & 0x7F)
        if opcode.isControl {
            guard isFinal else { return .malformed(.controlFragmented) }
            guard shortLength <= Self.controlPayloadBytes else { return .malformed(.controlTooLong) }
        }

        let extendedBytes = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8
        guard bytes.count >= 2 + extendedBytes else { return .incomplete }
        let length: Int
        switch extendedBytes {
        case 0:
            length = shortLength
        case 2:
            length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { return .malformed(.lengthNotMinimal) }
        default:
            let long = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard long > UInt64(UInt16.max) else { return .malformed(.lengthNotMinimal) }
            guard long <= UInt64(Int.max) else { return .malformed(.tooLarge) }
            length = Int(long)
        }

        let size = 2 + extendedBytes + 4
        guard bytes.count >= size else { return .incomplete }
        let mask = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self))
        return .header(Self(opcode: opcode, isFinal: isFinal, length: length, mask: mask), size: size)
    }
}
