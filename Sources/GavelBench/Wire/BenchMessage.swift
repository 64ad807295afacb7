import NIOCore

/// The messages that the load generator sends: numbered by their sender, stamped with their sending time, and padded
/// to a fixed size.
struct BenchMessage {
    /// The `type` of each message.
    static let type = "ping"
    /// The smallest size in bytes that holds every count and time of a run.
    static let leastBytes = 64
    /// The largest size in bytes.
    static let mostBytes = 1 << 20

    private static let start: StaticString = #"{"type":"ping","seq":"#
    private static let time: StaticString = #","ts":"#
    private static let padding: StaticString = #","pad":""#
    private static let end: StaticString = #""}"#

    private let bytes: Int
    private let filler: [UInt8]

    /// - Parameter bytes: The size of each message's JSON text; at least ``leastBytes``.
    init(bytes: Int) {
        precondition((Self.leastBytes...Self.mostBytes).contains(bytes))
        self.bytes = bytes
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789 ".utf8)
        self.filler = (0..<bytes).map { letters[$0 % letters.count] }
    }

    /// Appends one message as a masked frame.
    /// - Parameters:
    ///   - sequence: The sender's count of its messages, this one included.
    ///   - sentAt: Nanoseconds since the run's start.
    func write(sequence: UInt64, sentAt: UInt64, mask: UInt32, to buffer: inout ByteBuffer) {
        let bytes = self.bytes
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes + ClientFrame.mostHeaderBytes) { space in
            let frame = space.baseAddress!
            let header = ClientFrame.writeHeader(.text, payloadBytes: bytes, mask: mask, to: frame)
            let body = frame + header
            var offset = 0
            Self.append(Self.start, to: body, &offset)
            Self.append(sequence, to: body, &offset)
            Self.append(Self.time, to: body, &offset)
            Self.append(sentAt, to: body, &offset)
            Self.append(Self.padding, to: body, &offset)
            let fill = bytes - offset - Self.end.utf8CodeUnitCount
            precondition(fill >= 0, "a count or a time has outgrown the smallest message")
            self.filler.withUnsafeBytes { (body + offset).copyMemory(from: $0.baseAddress!, byteCount: fill) }
            offset += fill
            Self.append(Self.end, to: body, &offset)
            ClientFrame.applyMask(mask, to: UnsafeMutableRawBufferPointer(start: body, count: bytes))
            return header + bytes
        }
    }

    @inline(__always)
    private static func append(_ text: StaticString, to body: UnsafeMutableRawPointer, _ offset: inout Int) {
        (body + offset).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        offset += text.utf8CodeUnitCount
    }

    @inline(__always)
    private static func append(_ number: UInt64, to body: UnsafeMutableRawPointer, _ offset: inout Int) {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        rest = number
        for place in stride(from: offset + digits - 1, through: offset, by: -1) {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
            body.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
            rest = quotient
        }
        offset += digits
    }
}
