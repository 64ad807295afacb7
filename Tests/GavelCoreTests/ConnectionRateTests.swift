import GavelCore
import GavelTesting
import Testing

/// The limits of a connection that are counted by time.
@Suite("A connection's rate")
struct ConnectionRateTests {
    private func relay(_ change: (inout RelayLimits) -> Void, policy: RoomPolicy = RoomPolicy()) -> SimulatedRelay {
        var limits = RelayLimits()
        change(&limits)
        return SimulatedRelay(
            loops: 1,
            seed: 5,
            limits: limits,
            directory: { key in key.bytes == [0x21] ? nil : policy }
        )
    }

    @Test("takes a message after the time it was told to wait, on a relay that has nothing else to do")
    func retry() {
        let relay = self.relay { $0.messagesPerSecond = 10 }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        for _ in 0..<12 { client.send(#"{"type":"say"}"#) }
        relay.settle()
        let refused = client.read().first { $0.type == "error" }
        #expect(refused?["code"] == "rate_limited")
        relay.clock.advance(by: .milliseconds(refused?[number: "retry_after_ms"] ?? 0))
        client.send(#"{"type":"say"}"#)
        relay.settle()
        #expect(client.read().last?.type == "say")
    }

    @Test("includes messages that only the room found malformed: too many of them close it with 4503")
    func malformed() {
        let relay = self.relay({ $0.badMessages = 5 }, policy: RoomPolicy(messageBytes: 40))
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        for _ in 0..<5 { client.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 50))"}"#) }
        relay.settle()
        #expect(client.isOpen)
        client.send(#"{"type":"say","pad":"\#(String(repeating: "x", count: 50))"}"#)
        relay.settle()
        #expect(client.read().suffix(6).allSatisfy { $0["code"] == "too_large" })
        #expect(client.closeCodes == [4503])
    }

    @Test("counts a second join once")
    func secondJoin() {
        let relay = self.relay {
            $0.messagesPerSecond = 2
            $0.joinsPerMinute = 2
        }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"a"}"#)
        relay.settle()
        client.send(#"{"type":"join","room":"b"}"#)
        relay.settle()
        #expect(client.read().map(\.type) == ["joined", "left", "joined"])
        relay.clock.advance(by: .seconds(2))
        client.send(#"{"type":"join","room":"c"}"#)
        relay.settle()
        #expect(client.read().map { $0["code"] } == ["rate_limited"])
    }

    @Test("a join that was refused does not end the wait for the first")
    func refusedJoin() {
        let relay = self.relay { $0.joinTimeout = .seconds(10) }
        let client = relay.connect()
        client.send(#"{"type":"join","room":"!"}"#)
        relay.settle()
        relay.pass(.seconds(12))
        _ = client.read()
        #expect(client.closeCodes == [4007])
        let member = relay.connect()
        member.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        relay.pass(.seconds(12))
        #expect(member.isOpen)
    }

    @Test("a message with a ref behind a refused join is answered, although the next join follows at once")
    func answered() {
        let relay = self.relay({ _ in }, policy: RoomPolicy(maxClients: 1))
        let member = relay.connect()
        member.send(#"{"type":"join","room":"full"}"#)
        relay.settle()
        let client = relay.connect()
        client.send(#"{"type":"join","room":"full"}"#)
        client.send(#"{"type":"say","ref":1}"#)
        client.send(#"{"type":"join","room":"lobby"}"#)
        relay.settle()
        client.pump()
        relay.settle()
        let messages = client.read()
        #expect(messages.map(\.type) == ["error", "error", "joined"])
        #expect(messages[1][number: "ref"] == 1)
    }
}
