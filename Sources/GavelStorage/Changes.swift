/// Changes of several ticks in one row: each behind its length, four bytes, the lowest first.
enum Changes {
    static func append(_ change: [UInt8], to bytes: inout [UInt8]) {
        guard !change.isEmpty else { return }
        withUnsafeBytes(of: UInt32(change.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: change)
    }

    /// - Returns: `nil` where the lengths contradict the bytes.
    static func split(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]]? {
        var changes: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            guard offset + 4 <= bytes.count else { return nil }
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            offset += 4
            guard length > 0, length <= bytes.count - offset else { return nil }
            changes.append(Array(bytes[offset..<offset + length]))
            offset += length
        }
        return changes
    }
}
