import Testing

@testable import GavelTransport

@Suite struct CloseStatusTests {
    private static func parse(_ payload: [UInt8]) -> Result<CloseStatus, FrameError> {
        payload.withUnsafeBytes(CloseStatus.parse)
    }

    @Test(
        "codes that may be sent are read",
        arguments: [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999]
    )
    func allowed(code: Int) {
        #expect(Self.parse([UInt8(code >> 8), UInt8(code & 0xFF), 65]) == .success(CloseStatus(code: UInt16(code))))
    }

    @Test(
        "codes that may not be sent are refused",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000]
    )
    func refused(code: Int) {
        #expect(Self.parse([UInt8(code >> 8), UInt8(code & 0xFF)]) == .failure(.invalidClosePayload))
    }

    @Test("no payload is no code, half a code is an error")
    func short() {
        #expect(Self.parse([]) == .success(CloseStatus(code: nil)))
        #expect(Self.parse([3]) == .failure(.invalidClosePayload))
    }
}
