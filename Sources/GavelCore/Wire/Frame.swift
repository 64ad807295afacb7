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

    /// The length of the whole text frame of a server that begins at an index; `nil`: there is none, or not all of it.
    static func frameLength(at start: Int, in bytes: [UInt8]) -> Int? {
        guard bytes.count - start >= 2, bytes[start] == 0x80 | FrameOpcode.text.rawValue else { return nil }
        var payload = Int(bytes[start + 1])
        let extra = payload < 126 ? 0 : payload == 126 ? 2 : payload == 127 ? 8 : -1
        guard extra >= 0, bytes.count - start >= 2 + extra else { return nil }
        if extra > 0 {
            guard extra == 2 || bytes[start + 2..<start + 6].allSatisfy({ $0 == 0 }) else { return nil }
            payload = bytes[start + 2..<start + 2 + extra].reduce(0) { $0 << 8 | Int($1) }
        }
        let length = 2 + extra + payload
        return length <= bytes.count - start ? length : nil
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
