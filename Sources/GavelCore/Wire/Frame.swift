internal import NIOCore

/// What a frame carries (RFC 6455 section 5.2).
package enum FrameOpcode: UInt8, Sendable {
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA
}

/// Headers of server frames: final, unmasked, without extensions (RFC 6455 section 5.2).
enum FrameHeader {
    /// The longest header of a server frame, in bytes.
    static let maximumLength = 10

    /// The header's length in bytes before `payload` bytes.
    @inline(__always)
    static func length(payload: Int) -> Int {
        payload < 126 ? 2 : payload < 65536 ? 4 : 10
    }

    /// Writes the header to `target`, which has room for ``length(payload:)`` bytes.
    @inline(__always)
    static func write(_ opcode: FrameOpcode, payload: Int, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: 0x80 | opcode.rawValue, as: UInt8.self)
        if payload < 126 {
            target.storeBytes(of: UInt8(truncatingIfNeeded: payload), toByteOffset: 1, as: UInt8.self)
        } else if payload < 65536 {
            target.storeBytes(of: 126, toByteOffset: 1, as: UInt8.self)
            target.storeBytes(of: UInt16(truncatingIfNeeded: payload).bigEndian, toByteOffset: 2, as: UInt16.self)
        } else {
            target.storeBytes(of: 127, toByteOffset: 1, as: UInt8.self)
            target.storeBytes(of: UInt64(payload).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
    }
}

extension ByteBuffer {
    /// Appends a whole frame.
    mutating func writeFrame(_ opcode: FrameOpcode, _ payload: UnsafeRawBufferPointer) {
        let length = FrameHeader.length(payload: payload.count)
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: length + payload.count) { target in
            FrameHeader.write(opcode, payload: payload.count, to: target.baseAddress!)
            UnsafeMutableRawBufferPointer(rebasing: target[length...]).copyMemory(from: payload)
            return length + payload.count
        }
    }
}
