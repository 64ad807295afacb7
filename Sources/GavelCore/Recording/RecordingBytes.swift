/// Writes the numbers and texts of a recording.
struct RecordingWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { self.bytes.reserveCapacity(capacity) }

    mutating func clear() { self.bytes.removeAll(keepingCapacity: true) }

    mutating func byte(_ value: UInt8) { self.bytes.append(value) }

    /// Seven bits a byte, the low ones first, the high bit set on all but the last.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    /// The sign in the lowest bit.
    mutating func signed(_ value: Int64) { self.number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// With their count in front.
    mutating func text(_ value: UnsafeRawBufferPointer) {
        self.number(UInt64(value.count))
        self.bytes.append(contentsOf: value)
    }

    mutating func text(_ value: [UInt8]) { value.withUnsafeBytes { self.text($0) } }

    mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { self.text(UnsafeRawBufferPointer($0)) }
    }

    /// The low byte first.
    mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { self.bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ value: [UInt8]) { self.bytes.append(contentsOf: value) }
}

/// Reads them, and trusts nothing.
struct RecordingReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.offset = bytes.startIndex
    }

    var isAtEnd: Bool { self.offset == self.bytes.endIndex }

    private static var short: RecordingError { RecordingError("it ends in the midst of something.") }

    mutating func byte() throws(RecordingError) -> UInt8 {
        guard self.offset < self.bytes.endIndex else { throw Self.short }
        defer { self.offset += 1 }
        return self.bytes[self.offset]
    }

    mutating func number() throws(RecordingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 70, by: 7) {
            let byte = try self.byte()
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw RecordingError("a number in it is too long.")
    }

    mutating func signed() throws(RecordingError) -> Int64 {
        let value = try self.number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func slice(_ count: UInt64) throws(RecordingError) -> ArraySlice<UInt8> {
        guard count <= UInt64(self.bytes.endIndex - self.offset) else { throw Self.short }
        defer { self.offset += Int(count) }
        return self.bytes[self.offset..<self.offset + Int(count)]
    }

    mutating func text() throws(RecordingError) -> [UInt8] { Array(try self.slice(try self.number())) }

    mutating func string() throws(RecordingError) -> String { String(decoding: try self.text(), as: UTF8.self) }

    mutating func fixed<Value: FixedWidthInteger>(_ type: Value.Type) throws(RecordingError) -> Value {
        try self.slice(UInt64(MemoryLayout<Value>.size)).reversed().reduce(0) { $0 << 8 | Value($1) }
    }

    /// How many of something follow, each of which takes a byte at least.
    mutating func count() throws(RecordingError) -> Int {
        let count = try self.number()
        guard count <= UInt64(self.bytes.endIndex - self.offset) else { throw Self.short }
        return Int(count)
    }
}
