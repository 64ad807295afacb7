import NIOCore
import Testing

@testable import GavelBench

@Suite("A client of rules that count")
struct RulesCheckTests {
    private static func frame(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        precondition(bytes.count < 126)
        return [0x81, UInt8(bytes.count)] + bytes
    }

    private static func ping(_ sequence: Int, from client: Int, number: Int, own: Int, rules: Int = 1) -> [UInt8] {
        Self.frame(
            """
            {"type":"ping","seq":\(sequence),"ts":10,"count":\(number - 7),"own":\(own),"rules":\(rules),\
            "client_id":\(client),"msg_id":\(number)}
            """
        )
    }

    private static let failure = Self.frame(#"{"type":"error","client_id":3,"code":"rules_failed","to":"ping"}"#)

    /// A client that is in its room, as client 3 at number 7, and has sent three messages.
    private static func playing(_ tally: inout Tally) -> BenchClient {
        var client = BenchClient(room: "r0", isSender: true, checksRules: true, mostMessageBytes: 1000)
        let handshake = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        let bytes = Array(handshake.utf8) + Self.frame(#"{"type":"joined","client_id":3,"room":"r0","msg_id":7}"#)
        Self.receive(bytes, &client, &tally)
        for _ in 0..<3 { _ = client.send() }
        return client
    }

    private static func receive(
        _ bytes: [UInt8],
        _ client: inout BenchClient,
        _ tally: inout Tally,
        at now: UInt64 = 0
    ) {
        let (used, action) = bytes.withUnsafeBytes { client.receive($0, at: now, into: &tally) }
        #expect(used == bytes.count && [.none, .joined].contains(action))
    }

    @Test("finds nothing wrong where all counts go on, and notes when it saw which rules first")
    func right() {
        var tally = Tally()
        var client = Self.playing(&tally)
        Self.receive(Self.ping(1, from: 3, number: 8, own: 1), &client, &tally, at: 5)
        Self.receive(Self.ping(9, from: 4, number: 9, own: 40, rules: 3), &client, &tally, at: 6)
        Self.receive(Self.ping(2, from: 3, number: 10, own: 2, rules: 2), &client, &tally, at: 7)
        Self.receive(Self.ping(3, from: 3, number: 11, own: 3, rules: 3), &client, &tally, at: 8)
        #expect(tally.violations.total == 0)
        #expect(tally.sightings == [1: [5], 3: [6]])
        #expect(client.order.missing == 0)
    }

    @Test("does not wait for a message that the rules failed at, and takes no other for it")
    func failure() {
        var tally = Tally()
        var client = Self.playing(&tally)
        Self.receive(Self.ping(1, from: 3, number: 8, own: 1) + Self.failure, &client, &tally)
        Self.receive(Self.ping(3, from: 3, number: 9, own: 2), &client, &tally)
        #expect(tally.violations.total == 0 && tally.errors.isEmpty && tally.failedByRules == 1)
        #expect(client.order.missing == 0)
        #expect(client.takeReturned() == 3)
        Self.receive(Self.failure, &client, &tally)
        #expect(client.order.missing == 0 && client.takeReturned() == 0)
    }

    @Test("finds counts that went back, were left out or are missing, of each kind, and goes on from there")
    func lost() {
        var tally = Tally()
        var client = Self.playing(&tally)
        let first = Self.ping(1, from: 3, number: 8, own: 5)
        Self.receive(first + Self.ping(2, from: 3, number: 9, own: 5), &client, &tally)
        #expect(tally.violations[.state] == 1)
        let words = "client 3 of room r0: 5 of the client's messages came where 6 was expected"
        #expect(tally.violations.first(of: .state) == words)
        Self.receive(Self.ping(3, from: 3, number: 10, own: 6), &client, &tally)
        #expect(tally.violations[.state] == 1)
        let bare = #"{"type":"ping","seq":1,"ts":1,"client_id":9,"msg_id":11}"#
        let later = #"{"type":"ping","seq":2,"ts":1,"client_id":9,"msg_id":12,"count":9}"#
        Self.receive(Self.frame(bare) + Self.frame(later), &client, &tally)
        #expect(tally.violations[.state] == 3)
        #expect(tally.violations.total == 3)
    }

    @Test("finds timers that miss a call or stand still")
    func timers() {
        var tally = Tally()
        var client = Self.playing(&tally)
        func beat(_ count: Int, number: Int, at now: UInt64) {
            let text = #"{"type":"beat","beat":\#(count),"client_id":0,"msg_id":\#(number)}"#
            Self.receive(Self.frame(text), &client, &tally, at: now)
        }
        beat(4, number: 8, at: 0)
        beat(5, number: 9, at: RulesCheck.longestSilence)
        #expect(tally.violations.total == 0)
        beat(7, number: 10, at: RulesCheck.longestSilence)
        #expect(tally.violations[.state] == 1)
        beat(8, number: 11, at: 2 * RulesCheck.longestSilence + 1)
        #expect(tally.violations[.state] == 2)
        client.noteSilence(at: 3 * RulesCheck.longestSilence + 1, into: &tally)
        #expect(tally.violations[.state] == 2)
        client.noteSilence(at: 3 * RulesCheck.longestSilence + 2, into: &tally)
        #expect(tally.violations[.state] == 3)
    }
}
