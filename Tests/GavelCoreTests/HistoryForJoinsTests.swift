import GavelCore
import GavelTesting
import Testing

@Suite("History for those who join")
struct HistoryForJoinsTests {
    private func relay(
        loops: Int = 1,
        history: HistoryLimits? = HistoryLimits(),
        outbound: OutboundLimits = OutboundLimits()
    ) -> SimulatedRelay {
        let policy = RoomPolicy(history: history)
        return SimulatedRelay(loops: loops, seed: 5, outbound: outbound, directory: { _ in policy })
    }

    private func connect(_ relay: SimulatedRelay, _ join: String, window: Int? = nil) -> SimulatedClient {
        let client = relay.connect(window: window)
        client.send(join)
        relay.settle()
        return client
    }

    private func say(_ client: SimulatedClient, _ count: Int, _ relay: SimulatedRelay) {
        for index in 1...count { client.send(#"{"type":"say","n":\#(index)}"#) }
        relay.settle()
    }

    private func ids(_ messages: [ReceivedMessage]) -> [Int64] { messages.compactMap { $0[number: "msg_id"] } }

    @Test(
        "a join that asks for history gets the latest messages first, then what comes, without gap",
        arguments: [1, 3]
    )
    func history(loops: Int) {
        let relay = self.relay(loops: loops)
        let first = self.connect(relay, #"{"type":"join","room":"r"}"#)
        self.say(first, 20, relay)
        let late = relay.connect(on: loops - 1)
        late.send(#"{"type":"join","room":"r","history":5}"#)
        first.send(#"{"type":"say","n":21}"#)
        relay.settle()
        let read = late.read()
        #expect(read[0].type == "joined")
        let last = read[0][number: "msg_id"]!
        #expect(last == 20 || last == 21)
        #expect(self.ids(Array(read[1...])) == Array(last - 4...21))
        #expect(read.last?.description == #"{"type":"say","n":21,"client_id":1,"msg_id":21}"#)
    }

    @Test("a join gets as much history as there is, and none where the room keeps none")
    func shortHistory() {
        for history in [HistoryLimits(), nil] {
            let relay = self.relay(history: history)
            let first = self.connect(relay, #"{"type":"join","room":"r"}"#)
            self.say(first, 3, relay)
            let late = self.connect(relay, #"{"type":"join","room":"r","history":1e3}"#)
            #expect(late.read().map { $0["code"] } == ["bad_message"])
            late.send(#"{"type":"join","room":"r","history":99999999999999999999}"#)
            relay.settle()
            let ids = self.ids(late.read())
            #expect(ids == (history == nil ? [3] : [3, 1, 2, 3]))
        }
    }

    @Test("messages of the tick in which one joins are history, and are not sent twice")
    func sameTick() {
        let relay = self.relay()
        let first = self.connect(relay, #"{"type":"join","room":"r"}"#)
        let late = relay.connect()
        for index in 1...4 { first.send(#"{"type":"say","n":\#(index)}"#) }
        late.send(#"{"type":"join","room":"r","history":3}"#)
        for index in 5...6 { first.send(#"{"type":"say","n":\#(index)}"#) }
        relay.settle()
        #expect(self.ids(late.read()) == [4, 2, 3, 4, 5, 6])
    }

    @Test("a large history sent to a client on a slow link does not make it slow, and one that takes nothing is cut")
    func pacedHistory() {
        var outbound = OutboundLimits()
        outbound.softBytes = 2_000
        outbound.hardBytes = 4_000
        outbound.chunkBytes = 500
        let relay = self.relay(outbound: outbound)
        let first = self.connect(relay, #"{"type":"join","room":"r"}"#)
        self.say(first, 500, relay)
        let slow = self.connect(relay, #"{"type":"join","room":"r","history":500}"#, window: 1_000)
        let stuck = self.connect(relay, #"{"type":"join","room":"r","history":500}"#, window: 1_000)
        for _ in 0..<30 {
            slow.outlet.open(700)
            relay.pass(.seconds(1))
        }
        #expect(slow.isOpen)
        #expect(!stuck.isOpen && stuck.outlet.closed?.code == .slowConsumer)
        let statistics = relay.loops[0].statistics
        #expect(statistics.cutClients == 1 && statistics.cutBytes > 10_000)
        #expect(statistics.replayedBytes > 0 && statistics.queuedBytes >= statistics.replayedBytes)
        #expect(statistics.slowClients == 0 && statistics.historyBytes > 15_000)
        slow.outlet.open(nil)
        relay.settle()
        #expect(self.ids(slow.read()) == [500] + Array(1...500))
    }

    @Test("one that joins again and again for its history and reads nothing is cut")
    func rejoins() {
        var outbound = OutboundLimits()
        outbound.softBytes = 20_000
        outbound.hardBytes = 40_000
        let relay = self.relay(outbound: outbound)
        let first = self.connect(relay, #"{"type":"join","room":"r"}"#)
        self.say(first, 500, relay)
        let stuck = self.connect(relay, #"{"type":"join","room":"r","history":500}"#, window: 0)
        for _ in 0..<30 where stuck.isOpen {
            stuck.send(#"{"type":"join","room":"r","history":500}"#)
            relay.settle()
        }
        #expect(!stuck.isOpen && stuck.outlet.closed?.code == .slowConsumer)
    }
}
