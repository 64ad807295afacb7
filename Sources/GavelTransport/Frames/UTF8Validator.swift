/// Checks that bytes are UTF-8 (RFC 3629), in pieces that may be cut anywhere.
///
/// A sequence that cannot become valid is refused at its first wrong byte, without waiting for the rest.
struct UTF8Validator {
    /// Bytes of the current sequence that are still to come.
    private var missing: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the bytes so far end where a sequence ends.
    var isComplete: Bool { self.missing == 0 }

    /// Whether a text that stands whole in `bytes` is valid.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var validator = Self()
        return validator.take(bytes) && validator.isComplete
    }

    /// Goes on with the next piece.
    ///
    /// Complexity: O(n), 8 bytes a step where they are ASCII.
    /// - Returns: Whether the text can still be valid. After `false` the validator must not be used again.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var offset = 0
        let count = bytes.count
        while offset < count {
            if self.missing == 0, count &- offset >= 8,
                base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                offset &+= 8
                continue
            }
            guard self.take(base.load(fromByteOffset: offset, as: UInt8.self)) else { return false }
            offset &+= 1
        }
        return true
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.missing == 0 else {
            guard byte >= self.lowest, byte <= self.highest else { return false }
            self.lowest = 0x80
            self.highest = 0xBF
            self.missing &-= 1
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: self.missing = 1
        case 0xE0: self.begin(missing: 2, lowest: 0xA0, highest: 0xBF)
        case 0xED: self.begin(missing: 2, lowest: 0x80, highest: 0x9F)
        case 0xE1...0xEF: self.missing = 2
        case 0xF0: self.begin(missing: 3, lowest: 0x90, highest: 0xBF)
        case 0xF1...0xF3: self.missing = 3
        case 0xF4: self.begin(missing: 3, lowest: 0x80, highest: 0x8F)
        default: return false
        }
        return true
    }

    @inline(__always)
    private mutating func begin(missing: UInt8, lowest: UInt8, highest: UInt8) {
        self.missing = missing
        self.lowest = lowest
        self.highest = highest
    }
}
