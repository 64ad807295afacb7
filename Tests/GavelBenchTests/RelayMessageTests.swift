import NIOCore
import Testing

@testable import GavelBench

@Suite("What a tortured client reads")
struct RelayMessageTests {
    private func message(_ text: String) -> RelayMessage? {
        Array(text.utf8).withUnsafeBytes { RelayMessage($0) }
    }

    @Test("a joined reply")
    func joined() throws {
        let message = try #require(
            self.message(
                #"{"type":"joined","client_id":3,"msg_id":120,"epoch":"e1","session":"s1","recovered":false,"#
                    + #""reason":"history","handled":17,"clients":[{"type":"x"}]}"#
            )
        )
        #expect(message.type == "joined")
        #expect(message.clientID == 3)
        #expect(message.number == 120)
        #expect(message.epoch == "e1")
        #expect(message.session == "s1")
        #expect(message.recovered == false)
        #expect(message.reason == "history")
        #expect(message.handled == 17)
        #expect(self.message(#"{"recovered":true}"#)?.recovered == true)
    }

    @Test("a message says what it is of which series, and whether somebody came or went")
    func series() {
        let told = self.message(#"{"type":"tell","author":"1.2","said":5, "filtered":9,"client_id":1,"msg_id":7}"#)
        #expect(told?.values == [SeriesValue("client 1.2", 5), SeriesValue("the rules' state", 9)])
        #expect(self.message(#"{"type":"beat","beat":3}"#)?.values == [SeriesValue("the rules' timer", 3)])
        #expect(self.message(#"{"type":"client_joined","client_id":4}"#)?.presence == .came(4))
        #expect(self.message(#"{"type":"client_left","client_id":4,"reason":"lost"}"#)?.presence == .went(4))
    }

    @Test("what is no object is none", arguments: ["", "[]", "{", #"{"type"}"#, #"{"type":"a"} x"#, #"{"a":1,}"#])
    func refuses(text: String) {
        #expect(self.message(text) == nil)
    }

    @Test("frames are read however they are cut")
    func reads() {
        let bytes =
            Array(
                "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n".utf8
            ) + [0x81, 2, 0x7B, 0x7D, 0x89, 1, 9, 0x88, 2, 0x11, 0x99]
        for size in [1, 3, bytes.count] {
            var reader = LinkReader()
            var events: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                var part = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
                for event in reader.read(&part) {
                    switch event {
                    case .opened: events.append("opened")
                    case .refused: events.append("refused")
                    case .text(let text): events.append(String(decoding: text, as: UTF8.self))
                    case .ping(let payload): events.append("ping \(payload)")
                    case .closed(let code): events.append("closed \(code ?? 0)")
                    case .failed(let reason): events.append(reason)
                    }
                }
            }
            #expect(events == ["opened", "{}", "ping [9]", "closed 4505"])
        }
    }
}
