import Testing

@testable import GavelBench

@Suite("The client's handshake")
struct HandshakeTests {
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSEC-WebSocket-Accept:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    @Test("asks for the relay's path at its host")
    func request() throws {
        let request = Handshake.request(to: try RelayAddress(url: "ws://[::1]:9000/relay?x=1"))
        #expect(request.hasPrefix("GET /relay?x=1 HTTP/1.1\r\nHost: [::1]:9000\r\n"))
        #expect(request.hasSuffix("Sec-WebSocket-Version: 13\r\n\r\n"))
    }

    @Test("is done at the empty line, and only with the right answer to its key")
    func accepted() {
        let answer = Array(Self.accepted.utf8)
        #expect(Handshake.reply(answer + [0x81, 0]) == .accepted(headerBytes: answer.count))
        for end in answer.indices {
            #expect(Handshake.reply(answer[..<end]) == .incomplete)
        }
        let wrong = Self.accepted.replacing("s3pP", with: "S3pP")
        #expect(Handshake.reply(Array(wrong.utf8)) == .refused("its Sec-WebSocket-Accept does not answer our key"))
    }

    @Test("says what the relay answered instead")
    func refused() {
        let answer = Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8)
        #expect(Handshake.reply(answer) == .refused(#"it answered the handshake with "HTTP/1.1 403 Forbidden""#))
    }

    @Test("gives up on an answer without end")
    func endless() {
        let answer = [UInt8](repeating: UInt8(ascii: "x"), count: Handshake.mostReplyBytes)
        #expect(Handshake.reply(answer.dropLast()) == .incomplete)
        #expect(Handshake.reply(answer) == .refused("its answer to the handshake has no end"))
    }
}
