import NIOCore
import Testing

@testable import GavelBench

@Suite("A client's frames")
struct ClientFrameTests {
    /// Takes a frame apart byte by byte, as RFC 6455, section 5.2, draws it.
    private func parts(of frame: [UInt8]) throws -> (first: UInt8, headerBytes: Int, payload: [UInt8]) {
        try #require(frame.count >= 6)
        #expect(frame[1] & 0x80 != 0, "a client's frame is masked")
        var length = Int(frame[1] & 0x7F)
        var offset = 2
        let extended = length == 126 ? 2 : length == 127 ? 8 : 0
        if extended > 0 {
            length = frame[2..<(2 + extended)].reduce(0) { $0 << 8 | Int($1) }
            offset += extended
        }
        let key = Array(frame[offset..<(offset + 4)])
        offset += 4
        let payload = frame[offset...].enumerated().map { $1 ^ key[$0 % 4] }
        #expect(payload.count == length)
        return (frame[0], offset, payload)
    }

    @Test(
        "carry their payload masked, with the shortest length that holds it",
        arguments: [(0, 6), (1, 6), (7, 6), (8, 6), (9, 6), (125, 6), (126, 8), (1000, 8), (65535, 8), (65536, 14)]
    )
    func payload(size: Int, headerBytes: Int) throws {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var buffer = ByteBuffer()
        ClientFrame.write(.text, payload, mask: 0xA1B2_C3D4, to: &buffer)
        let parts = try self.parts(of: Array(buffer.readableBytesView))
        #expect(parts.first == 0x81)
        #expect(parts.headerBytes == headerBytes)
        #expect(parts.payload == payload)
    }

    @Test("are those of the RFC's own example")
    func example() {
        // RFC 6455, section 5.7: a masked "Hello" with the key 37 fa 21 3d.
        var buffer = ByteBuffer()
        ClientFrame.write(.text, "Hello".utf8, mask: 0x3D21_FA37, to: &buffer)
        #expect(
            Array(buffer.readableBytesView) == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }

    @Test("have keys that vary")
    func keys() {
        var keys = MaskingKeys()
        #expect(Set((0..<1000).map { _ in keys.next() }).count == 1000)
        var zero = MaskingKeys(seed: 0)
        #expect(zero.next() != zero.next())
    }

    @Test("hold messages of exactly the size asked for", arguments: [64, 100, 125, 126, 1024, 70_000])
    func message(bytes: Int) throws {
        let message = BenchMessage(bytes: bytes)
        for (sequence, sentAt) in [(UInt64(1), UInt64(0)), (9, 10), (100, 987_654_321), (12_345_678, 600_000_000_000)] {
            var buffer = ByteBuffer()
            message.write(sequence: sequence, sentAt: sentAt, mask: 0x0102_0304, to: &buffer)
            let payload = try self.parts(of: Array(buffer.readableBytesView)).payload
            #expect(payload.count == bytes)
            let start = #"{"type":"ping","seq":\#(sequence),"ts":\#(sentAt),"pad":""#
            #expect(payload.starts(with: start.utf8))
            #expect(payload.suffix(2) == Array(#""}"#.utf8))
            let scan = try #require(payload.withUnsafeBytes { MessageScan($0) })
            #expect(scan.sequence == sequence)
            #expect(scan.sentAt == sentAt)
            #expect(String(decoding: payload[scan.type], as: UTF8.self) == BenchMessage.type)
        }
    }

    @Test("follow each other in one buffer")
    func several() throws {
        let message = BenchMessage(bytes: 100)
        var buffer = ByteBuffer()
        message.write(sequence: 1, sentAt: 5, mask: 1, to: &buffer)
        let one = buffer.readableBytes
        message.write(sequence: 2, sentAt: 5, mask: 2, to: &buffer)
        let second = try self.parts(of: Array(buffer.readableBytesView.dropFirst(one))).payload
        #expect(second.starts(with: #"{"type":"ping","seq":2,"#.utf8))
    }
}
