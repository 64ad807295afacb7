/// A sum over what a row holds, which SQLite itself does not check.
///
/// Each step is a bijection of the sum so far, so that a change within eight bytes is always found, any other but for
/// one in 2^64. About a nanosecond for eight bytes. The sums stand in files: it must never change.
package struct Checksum {
    private var sum: UInt64

    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init(_ start: Int64) {
        self.sum = UInt64(bitPattern: start) ^ 0xD6E8_FEB8_6659_FD93
    }

    package var value: Int64 { Int64(bitPattern: self.sum) }

    package mutating func add(_ value: Int64) {
        self.add(word: UInt64(bitPattern: value))
    }

    package mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.add($0) }
    }

    /// Adds the length too, so that neighbours cannot trade bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        self.add(word: UInt64(bytes.count))
        var sum = self.sum
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            sum = Self.mixed(sum, UInt64(littleEndian: word))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        self.sum = Self.mixed(sum, rest)
    }

    private mutating func add(word: UInt64) {
        self.sum = Self.mixed(self.sum, word)
    }

    @inline(__always)
    private static func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* Self.factor
        return product ^ product >> 29
    }
}
