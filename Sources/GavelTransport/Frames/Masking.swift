/// Takes the client's mask off a payload (RFC 6455 section 5.3).
enum Masking {
    /// Copies `source` to `target` without its mask.
    ///
    /// Complexity: O(n), 16 bytes a step.
    /// - Parameters:
    ///   - target: Room for as many bytes as `source` has; the two must not overlap.
    ///   - mask: The key, its first byte lowest.
    ///   - phase: How many bytes of the frame's payload came before `source`.
    /// - Returns: Whether all bytes are ASCII, and so are UTF-8 without a closer look.
    static func remove(
        _ mask: UInt32,
        phase: Int = 0,
        from source: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawPointer
    ) -> Bool {
        guard let input = source.baseAddress else { return true }
        let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
        let key = shift == 0 ? mask : mask &>> shift | mask &<< (32 &- shift)
        let wideKey = UInt64(key) | UInt64(key) &<< 32

        var seen: UInt64 = 0
        var offset = 0
        let count = source.count
        while count &- offset >= 16 {
            let low = input.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wideKey.littleEndian
            let high = input.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self) ^ wideKey.littleEndian
            target.storeBytes(of: low, toByteOffset: offset, as: UInt64.self)
            target.storeBytes(of: high, toByteOffset: offset &+ 8, as: UInt64.self)
            seen |= low | high
            offset &+= 16
        }
        if count &- offset >= 8 {
            let low = input.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wideKey.littleEndian
            target.storeBytes(of: low, toByteOffset: offset, as: UInt64.self)
            seen |= low
            offset &+= 8
        }
        var rest = wideKey
        while offset < count {
            let byte = input.load(fromByteOffset: offset, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            seen |= UInt64(byte)
            rest &>>= 8
            offset &+= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
