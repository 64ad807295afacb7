import Testing

@testable import GavelBench

@Suite("The header of a relay's frame")
struct ServerFrameHeaderTests {
    private func header(_ bytes: [UInt8]) -> ServerFrameHeader? {
        bytes.withUnsafeBytes { ServerFrameHeader($0) }
    }

    @Test("has its length in one, two or eight bytes")
    func lengths() throws {
        let short = try #require(self.header([0x81, 125]))
        #expect((short.headerBytes, short.payloadBytes) == (2, 125))
        let medium = try #require(self.header([0x81, 126, 0x12, 0x34]))
        #expect((medium.headerBytes, medium.payloadBytes) == (4, 0x1234))
        let long = try #require(self.header([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 2]))
        #expect((long.headerBytes, long.payloadBytes) == (10, 0x10002))
        #expect(long.opcode == 2)
    }

    @Test(
        "is not there until all its bytes are",
        arguments: [[], [0x81], [0x81, 126, 1], [0x81, 127, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]]
    )
    func incomplete(bytes: [UInt8]) {
        #expect(self.header(bytes) == nil)
    }

    @Test(
        "is refused with reserved bits or a mask",
        arguments: [[0xC1, 1], [0xA1, 1], [0x91, 1], [0x81, 0x81]] as [[UInt8]]
    )
    func refused(bytes: [UInt8]) throws {
        #expect(try #require(self.header(bytes)).isRefused)
    }

    @Test("a length beyond every bound does not overflow")
    func beyond() throws {
        let header = try #require(self.header([0x81, 127] + [UInt8](repeating: 0xFF, count: 8)))
        #expect(header.payloadBytes == .max)
    }
}
