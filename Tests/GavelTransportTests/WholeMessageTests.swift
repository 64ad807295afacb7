import Testing

@testable import GavelTransport

@Suite struct WholeMessageTests {
    private static func message(_ bytes: [UInt8], at offset: Int = 0, limit: Int = 1 << 20) -> (String, end: Int)? {
        bytes.withUnsafeBytes { bytes in
            guard let message = WholeMessage(in: bytes, at: offset, limitBytes: limit) else { return nil }
            var target = [UInt8](repeating: 0, count: message.payload.count + 1)
            let isValid = target.withUnsafeMutableBytes { message.unmask(to: $0.baseAddress!) }
            return (isValid ? String(decoding: target.dropLast(), as: UTF8.self) : "invalid", message.end)
        }
    }

    @Test("a whole text frame is found at its place", arguments: [0, 1, 125, 126, 127, 65535])
    func found(length: Int) {
        let text = String(repeating: "y", count: length)
        let frame = ClientFrame.message(text)
        let found = Self.message([9, 9, 9] + frame + [1], at: 3)
        #expect(found?.0 == text)
        #expect(found?.end == 3 + frame.count)
    }

    @Test("a frame without its last byte is left to the reader, wherever it ends")
    func cut() {
        let frame = ClientFrame.message(String(repeating: "y", count: 200))
        for count in 0..<frame.count { #expect(Self.message(Array(frame.prefix(count))) == nil) }
    }

    @Test(
        "everything else is left to the reader",
        arguments: [
            ClientFrame.message("a", isFinal: false), ClientFrame.continuation("a", isFinal: true),
            ClientFrame.bytes(first: 0x82, payload: [1]), ClientFrame.control(ClientFrame.ping),
            ClientFrame.bytes(first: 0xC1, payload: [65]),
            ClientFrame.bytes(first: 0x81, payload: Array("unmasked".utf8), mask: nil),
            [0x81, 0xFE, 0, 5, 0, 0, 0, 0] + Array("hello".utf8), ClientFrame.closing(1000),
        ]
    )
    func left(bytes: [UInt8]) {
        #expect(Self.message(bytes) == nil)
    }

    @Test("a message over the limit is left to the reader")
    func limit() {
        #expect(Self.message(ClientFrame.message("1234"), limit: 4) != nil)
        #expect(Self.message(ClientFrame.message("12345"), limit: 4) == nil)
    }

    @Test("text that is not UTF-8 is noticed")
    func invalid() {
        #expect(Self.message(ClientFrame.bytes(first: 0x81, payload: [0xC3, 0x28]))?.0 == "invalid")
        #expect(Self.message(ClientFrame.bytes(first: 0x81, payload: Array("é".utf8)))?.0 == "é")
    }
}
