internal import GavelCore

/// Where whole server frames end that stand one after another (RFC 6455 section 5.2).
enum FrameWalk {
    /// - Returns: The end of each frame; `nil` where the bytes are not whole text frames.
    static func ends(of bytes: UnsafeRawBufferPointer) -> [Int]? {
        var ends: [Int] = []
        var offset = 0
        while offset < bytes.count {
            guard offset + 2 <= bytes.count, bytes[offset] == 0x81 else { return nil }
            var header = 2
            var length = UInt64(bytes[offset + 1])
            if length == 126 {
                header = 4
                guard offset + header <= bytes.count else { return nil }
                length = UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt16.self)))
            } else if length == 127 {
                header = 10
                guard offset + header <= bytes.count else { return nil }
                length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt64.self))
            } else if length > 127 {
                return nil
            }
            guard length <= UInt64(bytes.count - offset - header) else { return nil }
            offset += header + Int(length)
            ends.append(offset)
        }
        return ends
    }
}
