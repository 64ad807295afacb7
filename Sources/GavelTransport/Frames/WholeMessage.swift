/// A text message that lies whole, in one frame, in the bytes just read: the common case, found without any state.
///
/// Whatever is not exactly that (a control frame, a fragment, a frame cut by the end of the bytes, a malformed one) is
/// left to ``FrameReader``, which must be between two messages where this is used.
package struct WholeMessage {
    /// The payload, still masked.
    package let payload: UnsafeRawBufferPointer
    private let mask: UInt32
    /// Where the next frame begins.
    package let end: Int

    /// Looks for the message at `offset`.
    /// - Parameter limitBytes: The longest message admitted.
    @inline(__always)
    package init?(in bytes: UnsafeRawBufferPointer, at offset: Int, limitBytes: Int) {
        let available = bytes.count &- offset
        guard available >= 6, let base = bytes.baseAddress.map({ $0 + offset }) else { return nil }
        // Final, no reserved bits, text.
        guard base.load(as: UInt8.self) == 0x81 else { return nil }
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        guard second & 0x80 != 0 else { return nil }

        var length = Int(second & 0x7F)
        var start = 6
        if length == 126 {
            guard available >= 8 else { return nil }
            length = Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { return nil }
            start = 8
        } else if length == 127 {
            return nil
        }
        guard length <= limitBytes, available &- start >= length else { return nil }
        self.payload = UnsafeRawBufferPointer(start: base + start, count: length)
        self.mask = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: start &- 4, as: UInt32.self))
        self.end = offset &+ start &+ length
    }

    /// Writes the message to `target`, which has room for as many bytes as ``payload``.
    /// - Returns: Whether it is UTF-8.
    @inline(__always)
    package func unmask(to target: UnsafeMutableRawPointer) -> Bool {
        Masking.remove(self.mask, from: self.payload, to: target)
            || UTF8Validator.isValid(UnsafeRawBufferPointer(start: target, count: self.payload.count))
    }
}
