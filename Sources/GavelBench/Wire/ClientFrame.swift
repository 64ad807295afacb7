import NIOCore

/// Masked frames as a client sends them (RFC 6455, section 5.2), each whole.
enum ClientFrame {
    enum Opcode: UInt8 {
        case text = 0x1
        case close = 0x8
        case pong = 0xA
    }

    /// The largest header: 2 bytes, 8 of length, 4 of mask.
    static let mostHeaderBytes = 14

    /// Writes the header of a frame and returns its size.
    @inline(__always)
    static func writeHeader(
        _ opcode: Opcode,
        payloadBytes: Int,
        mask: UInt32,
        to frame: UnsafeMutableRawPointer
    ) -> Int {
        frame.storeBytes(of: 0x80 | opcode.rawValue, as: UInt8.self)
        let maskOffset: Int
        if payloadBytes < 126 {
            frame.storeBytes(of: 0x80 | UInt8(payloadBytes), toByteOffset: 1, as: UInt8.self)
            maskOffset = 2
        } else if payloadBytes <= 0xFFFF {
            frame.storeBytes(of: 0x80 | 126, toByteOffset: 1, as: UInt8.self)
            frame.storeBytes(of: UInt16(payloadBytes).bigEndian, toByteOffset: 2, as: UInt16.self)
            maskOffset = 4
        } else {
            frame.storeBytes(of: 0x80 | 127, toByteOffset: 1, as: UInt8.self)
            frame.storeBytes(of: UInt64(payloadBytes).bigEndian, toByteOffset: 2, as: UInt64.self)
            maskOffset = 10
        }
        frame.storeBytes(of: mask.littleEndian, toByteOffset: maskOffset, as: UInt32.self)
        return maskOffset + 4
    }

    /// Masks a payload in place, or unmasks it. The key's lowest byte is the first of the masking key.
    @inline(__always)
    static func applyMask(_ mask: UInt32, to payload: UnsafeMutableRawBufferPointer) {
        guard let base = payload.baseAddress else { return }
        let wide = (UInt64(mask) << 32 | UInt64(mask)).littleEndian
        var offset = 0
        while payload.count - offset >= 8 {
            let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            base.storeBytes(of: word ^ wide, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < payload.count {
            payload[offset] ^= UInt8(truncatingIfNeeded: mask >> (8 * UInt32(offset & 3)))
            offset += 1
        }
    }

    /// Appends a frame. A control frame's payload must be at most 125 bytes.
    static func write(
        _ opcode: Opcode,
        _ payload: some Collection<UInt8>,
        mask: UInt32,
        to buffer: inout ByteBuffer
    ) {
        let payloadBytes = payload.count
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: payloadBytes + Self.mostHeaderBytes) { space in
            let header = Self.writeHeader(opcode, payloadBytes: payloadBytes, mask: mask, to: space.baseAddress!)
            let body = UnsafeMutableRawBufferPointer(rebasing: space[header..<(header + payloadBytes)])
            body.copyBytes(from: payload)
            Self.applyMask(mask, to: body)
            return header + payloadBytes
        }
    }
}

/// Masking keys, a new one for each frame.
///
/// xorshift32 (G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003). RFC 6455, section 5.3,
/// wants keys that nobody can foretell, to protect proxies from the scripts of web pages; a load generator sends its
/// own bytes to a relay of its own, so cheap keys that vary suffice.
struct MaskingKeys {
    private var state: UInt32

    /// - Parameter seed: Any number; 0 is taken as 1.
    init(seed: UInt32 = 0x9E37_79B9) {
        self.state = max(1, seed)
    }

    @inline(__always)
    mutating func next() -> UInt32 {
        self.state ^= self.state << 13
        self.state ^= self.state >> 17
        self.state ^= self.state << 5
        return self.state
    }
}
