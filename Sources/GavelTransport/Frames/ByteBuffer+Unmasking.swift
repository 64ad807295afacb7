import NIOCore

extension ByteBuffer {
    /// Appends a piece of a frame's payload without its mask.
    /// - Parameter phase: How many bytes of the payload came before.
    /// - Returns: Whether the piece is ASCII.
    @discardableResult
    mutating func appendUnmasked(_ piece: UnsafeRawBufferPointer, _ mask: UInt32, phase: Int) -> Bool {
        var isASCII = true
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: piece.count) { target in
            if let start = target.baseAddress {
                isASCII = Masking.remove(mask, phase: phase, from: piece, to: start)
            }
            return piece.count
        }
        return isASCII
    }
}
