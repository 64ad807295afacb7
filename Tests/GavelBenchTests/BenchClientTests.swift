import NIOCore
import Testing

@testable import GavelBench

@Suite("One client of a run")
struct BenchClientTests {
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    private static func frame(_ text: String, opcode: UInt8 = 1, isFinal: Bool = true) -> [UInt8] {
        let bytes = Array(text.utf8)
        precondition(bytes.count < 126)
        return [(isFinal ? 0x80 : 0) | opcode, UInt8(bytes.count)] + bytes
    }

    private static func ping(_ sequence: Int, from client: Int, number: Int) -> [UInt8] {
        Self.frame(#"{"type":"ping","seq":\#(sequence),"ts":10,"client_id":\#(client),"msg_id":\#(number)}"#)
    }

    private static func client() -> BenchClient {
        BenchClient(room: "r0", isSender: true, mostMessageBytes: 1000)
    }

    /// A client that is in its room, as client 3 at number 7, and has sent two messages.
    private static func playing(_ tally: inout Tally) -> BenchClient {
        var client = Self.client()
        var bytes = Array(Self.accepted.utf8)
        bytes += Self.frame(#"{"type":"joined","client_id":3,"room":"r0","msg_id":7}"#)
        _ = bytes.withUnsafeBytes { client.receive($0, at: 0, into: &tally) }
        _ = client.send()
        _ = client.send()
        return client
    }

    private func receive(_ bytes: [UInt8], _ client: inout BenchClient, _ tally: inout Tally) -> BenchClient.Action {
        bytes.withUnsafeBytes { client.receive($0, at: 1010, into: &tally).action }
    }

    @Test("asks to join after the handshake, and is in its room after the joined reply")
    func joining() {
        var tally = Tally()
        var client = Self.client()
        #expect(self.receive(Array(Self.accepted.utf8), &client, &tally) == .join)
        #expect(self.receive(Self.frame(#"{"type":"joined","client_id":9}"#), &client, &tally) == .joined)
        #expect(client.id == 9)
        #expect(client.phase == .playing)
    }

    @Test("counts deliveries and returns while measuring, and may send as many as came back")
    func counting() {
        var tally = Tally()
        var client = Self.playing(&tally)
        #expect(self.receive(Self.ping(1, from: 3, number: 8), &client, &tally) == .none)
        #expect(tally.delivered == 0)
        tally.isMeasuring = true
        _ = self.receive(Self.ping(2, from: 3, number: 9) + Self.ping(1, from: 4, number: 10), &client, &tally)
        #expect(tally.delivered == 2)
        #expect(tally.accepted == 1)
        #expect(tally.latencies.percentiles?.max == .nanoseconds(1000))
        #expect(client.takeReturned() == 2)
        #expect(client.takeReturned() == 0)
        #expect(tally.violations.total == 0)
    }

    @Test("finds gaps, repeats and own messages out of order")
    func violations() {
        var tally = Tally()
        var client = Self.playing(&tally)
        let bytes =
            Self.ping(2, from: 3, number: 9) + Self.ping(1, from: 4, number: 9) + Self.ping(2, from: 4, number: 10)
        #expect(self.receive(bytes, &client, &tally) == .none)
        #expect(tally.violations[.gap] == 1)
        #expect(tally.violations[.repeated] == 1)
        #expect(tally.violations[.ownOrder] == 1)
        #expect(tally.violations.first(of: .gap) == "client 3 of room r0: number 9 came where 8 was expected")
    }

    @Test("holds presence and broadcasts to the room's numbers, and private sends to none")
    func otherMessages() {
        var tally = Tally()
        var client = Self.playing(&tally)
        _ = self.receive(
            Self.frame(#"{"type":"client_joined","client_id":4,"msg_id":8}"#)
                + Self.frame(#"{"type":"reply","client_id":0,"to":"x"}"#) + Self.ping(1, from: 4, number: 9)
                + Self.frame(#"{"type":"client_left","client_id":4,"msg_id":11}"#),
            &client,
            &tally
        )
        #expect(tally.violations.total == 1)
        #expect(tally.violations[.gap] == 1)
    }

    @Test("finds malformed messages")
    func malformed() {
        var tally = Tally()
        var client = Self.playing(&tally)
        let bytes = Self.frame("nonsense") + Self.frame(#"{"type":"ping","client_id":3,"msg_id":8}"#)
        #expect(self.receive(bytes, &client, &tally) == .none)
        #expect(tally.violations[.malformed] == 2)
    }

    @Test("counts the relay's errors by their code")
    func errors() {
        var tally = Tally()
        var client = Self.playing(&tally)
        let error = Self.frame(#"{"type":"error","client_id":3,"code":"rate_limited"}"#)
        #expect(self.receive(error + error, &client, &tally) == .none)
        #expect(tally.errors == ["rate_limited": 2])
    }

    @Test("bounds the codes it tells apart")
    func errorCodes() {
        var tally = Tally()
        for code in 0..<100 { tally.noteError(code: "c\(code)") }
        #expect(tally.errors.count == Tally.mostErrorCodes + 1)
        #expect(tally.errors["others"] == UInt64(100 - Tally.mostErrorCodes))
    }

    @Test(
        "gives up, and says why",
        arguments: [
            (Self.frame("\u{F}\u{22}slow", opcode: 8), "the relay closed the connection with 3874 (slow)"),
            (Self.frame("", opcode: 8), "the relay closed the connection without a code"),
            (Self.frame(#"{"type":"left","reason":"kicked"}"#), "the relay took a client out of its room"),
            (Self.frame("", opcode: 3), "the relay sent an unexpected frame (opcode 3)"),
            (Self.frame("", opcode: 0), "the relay sent an unexpected frame (opcode 0)"),
            ([0x09, 0x00], "the relay sent a control frame that is too long or fragmented"),
            ([0x89, 126, 0x00, 0x7E], "the relay sent a control frame that is too long or fragmented"),
            (Self.frame("a", isFinal: false) + Self.frame("b"), "the relay began a message inside another"),
            ([0x81, 126, 0x10, 0x00], "the relay sent a message of more than 1000 bytes"),
            ([0xC1, 0x00], "the relay sent a frame that is masked or has reserved bits set"),
        ]
    )
    func failures(bytes: [UInt8], reason: String) {
        var tally = Tally()
        var client = Self.playing(&tally)
        #expect(self.receive(bytes, &client, &tally) == .fail(reason))
    }

    @Test("gives up when the join is refused, or answered by something else")
    func refusedJoin() {
        let replies = [
            #"{"type":"error","client_id":0,"code":"room_full"}"#: "the relay refused the join: room_full",
            #"{"type":"joined"}"#: "the relay's answer to the join is not a joined reply",
            #"{"type":"ping"}"#: #"the relay sent {"type":"ping"} instead of a joined reply"#,
        ]
        for (reply, reason) in replies {
            var tally = Tally()
            var client = Self.client()
            #expect(self.receive(Array(Self.accepted.utf8) + Self.frame(reply), &client, &tally) == .fail(reason))
        }
    }

    @Test("fragments add up to no more than the largest message")
    func fragmentLimit() {
        var tally = Tally()
        var client = Self.playing(&tally)
        let part = String(repeating: "x", count: 120)
        #expect(self.receive(Self.frame(part, isFinal: false), &client, &tally) == .none)
        for _ in 2...8 {
            #expect(self.receive(Self.frame(part, opcode: 0, isFinal: false), &client, &tally) == .none)
        }
        #expect(
            self.receive(Self.frame(part, opcode: 0, isFinal: false), &client, &tally)
                == .fail("the relay sent a message of more than 1000 bytes")
        )
    }

    @Test("comes to the same wherever its bytes are split")
    func splits() {
        var bytes = Array(Self.accepted.utf8)
        bytes += Self.frame(#"{"type":"joined","client_id":3,"room":"r0","msg_id":7}"#)
        bytes += Self.ping(1, from: 4, number: 8)
        bytes += Self.frame(#"{"type":"ping","seq":2,"ts":10,"cli"#, isFinal: false)
        bytes += Self.frame("abc", opcode: 9)
        bytes += Self.frame(#"ent_id":4,"msg_id":9}"#, opcode: 0)
        bytes += Self.ping(3, from: 4, number: 10)
        for split in bytes.indices {
            var tally = Tally()
            tally.isMeasuring = true
            var client = Self.client()
            let used = bytes[..<split].withUnsafeBytes { client.receive($0, at: 1010, into: &tally).usedBytes }
            let rest = bytes[used...].withUnsafeBytes { client.receive($0, at: 1010, into: &tally).usedBytes }
            #expect(used + rest == bytes.count)
            #expect(tally.delivered == 3)
            #expect(tally.violations.total == 0)
            #expect(client.order.lastNumber == 10)
            // The pong: masked, with the ping's payload.
            #expect(client.controlFrames.readableBytes == 9)
            #expect(client.controlFrames.readableBytesView.starts(with: [0x8A, 0x83]))
        }
    }
}
