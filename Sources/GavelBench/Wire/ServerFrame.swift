/// The header of a frame from the relay (RFC 6455, section 5.2).
struct ServerFrameHeader: Equatable {
    static let continuation: UInt8 = 0x0
    static let text: UInt8 = 0x1
    static let close: UInt8 = 0x8
    static let ping: UInt8 = 0x9
    static let pong: UInt8 = 0xA

    var opcode: UInt8
    /// Whether the frame ends its message.
    var isFinal: Bool
    /// Whether reserved bits are set, or the frame is masked, which a server's never is.
    var isRefused: Bool
    var headerBytes: Int
    var payloadBytes: Int

    /// - Returns: `nil` when more bytes are needed. A length beyond `Int` becomes the largest `Int`.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2, let base = bytes.baseAddress else { return nil }
        let first = base.load(as: UInt8.self)
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        self.opcode = first & 0x0F
        self.isFinal = first & 0x80 != 0
        self.isRefused = first & 0x70 != 0 || second & 0x80 != 0
        switch second & 0x7F {
        case 126:
            guard bytes.count >= 4 else { return nil }
            self.headerBytes = 4
            self.payloadBytes = Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        case 127:
            guard bytes.count >= 10 else { return nil }
            self.headerBytes = 10
            self.payloadBytes = Int(clamping: UInt64(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt64.self)))
        case let length:
            self.headerBytes = 2
            self.payloadBytes = Int(length)
        }
    }
}
