internal import CGavelJSON
internal import NIOCore

/// Small pieces of JSON, written where they are sent from.
extension ByteBuffer {
    /// Appends text that is JSON already.
    mutating func writeJSON(_ text: StaticString) {
        self.writeStaticString(text)
    }

    /// Appends UTF-8 as a JSON string with its quotes.
    mutating func writeJSONString(_ bytes: UnsafeRawBufferPointer) {
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: 6 * bytes.count + 2) { target in
            gj_write_string(
                bytes.assumingMemoryBound(to: UInt8.self).baseAddress,
                bytes.count,
                target.assumingMemoryBound(to: UInt8.self).baseAddress
            )
        }
    }

    mutating func writeJSONString(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.writeJSONString($0) }
    }

    /// Appends an integer in decimal digits.
    mutating func writeDecimal(_ value: UInt64) {
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: Decimal.maximumLength) { target in
            Decimal.write(value, length: Decimal.length(value), to: target.baseAddress!)
        }
    }
}

/// Decimal digits of unsigned integers.
enum Decimal {
    /// Digits of the largest value.
    static let maximumLength = 20

    @inline(__always)
    static func length(_ value: UInt64) -> Int {
        var length = 1
        var bound: UInt64 = 10
        while length < Self.maximumLength, value >= bound {
            length += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        return length
    }

    /// Writes `length` digits, all the value has; returns `length`.
    @inline(__always)
    @discardableResult
    static func write(_ value: UInt64, length: Int, to target: UnsafeMutableRawPointer) -> Int {
        var rest = value
        var position = length
        while position > 0 {
            position -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            target.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: digit), toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        return length
    }
}
