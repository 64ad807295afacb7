import GavelCore
import GavelTesting
import Testing

@Suite("Against slow clients and floods, a relay")
struct FlowTests {
    private static let pad = String(repeating: "p", count: 1_000)

    private func relay(
        loops: Int = 1,
        soft: Int = 10_000,
        hard: Int = 50_000,
        mailbox: Int = 8 << 20,
        policy: RoomPolicy = RoomPolicy()
    ) -> SimulatedRelay {
        var outbound = OutboundLimits()
        outbound.softBytes = soft
        outbound.hardBytes = hard
        outbound.slowGrace = .seconds(5)
        var limits = RelayLimits()
        limits.mailboxBytes = mailbox
        return SimulatedRelay(loops: loops, seed: 3, limits: limits, outbound: outbound, directory: { _ in policy })
    }

    private func join(_ relay: SimulatedRelay, on loop: Int = 0, window: Int? = nil) -> SimulatedClient {
        let client = relay.connect(on: loop)
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        client.outlet.window = window
        return client
    }

    private func say(_ client: SimulatedClient) {
        client.send(#"{"type":"say","pad":"\#(Self.pad)"}"#)
    }

    @Test("cuts one that never reads at the hard limit, with 4002 behind the frame under way, and nobody else")
    func hardLimit() {
        let relay = self.relay()
        let healthy = (0..<3).map { _ in self.join(relay) }
        let stuck = self.join(relay, window: 500)
        var sent = 0
        while stuck.isOpen, sent < 100 {
            self.say(healthy[sent % 3])
            relay.settle()
            sent += 1
        }
        #expect((45...55).contains(sent))
        #expect(stuck.outlet.closed?.code == .slowConsumer)
        #expect((stuck.connection?.queuedBytes ?? 0) < 2_000)
        stuck.outlet.open(nil)
        #expect(stuck.read().map { $0[number: "msg_id"] } == [0, 1])
        #expect(stuck.closeCodes == [4002])
        for client in healthy { #expect(client.isOpen && client.read().count { $0.type == "say" } == sent) }
    }

    @Test("cuts one that stays above the soft limit for the grace time, and not one that gets below it in between")
    func grace() {
        let relay = self.relay()
        let sender = self.join(relay)
        _ = self.join(relay)
        let slow = self.join(relay, window: 0)
        let recovering = self.join(relay, window: 0)
        for _ in 0..<12 { self.say(sender) }
        relay.settle()
        relay.pass(.seconds(3))
        recovering.outlet.open(nil)
        recovering.outlet.open(0)
        for _ in 0..<12 { self.say(sender) }
        relay.settle()
        relay.pass(.seconds(3))
        #expect(slow.outlet.closed?.code == .slowConsumer)
        #expect(recovering.isOpen)
        relay.pass(.seconds(3))
        #expect(recovering.outlet.closed?.code == .slowConsumer)
        #expect(sender.isOpen)
    }

    @Test("slows a sender down while most of its room cannot keep up, and cuts nobody", arguments: [1, 3])
    func slowMajority(loops: Int) {
        let relay = self.relay(loops: loops)
        let sender = self.join(relay)
        let readers = (0..<7).map { self.join(relay, on: $0 % loops, window: 0) }
        for _ in 0..<200 { self.say(sender) }
        var rounds = 0
        while readers.contains(where: { $0.outlet.sent.count < 200 * 1_000 }), rounds < 2_000 {
            rounds += 1
            relay.settle()
            for reader in readers { reader.outlet.open(3_000) }
            sender.pump()
            relay.settle()
            #expect((readers.map { $0.connection?.queuedBytes ?? 0 }.max() ?? 0) <= 50_000)
        }
        #expect(rounds > 50)
        for reader in readers {
            reader.outlet.open(nil)
            #expect(reader.isOpen)
        }
        relay.settle()
        sender.pump()
        relay.settle()
        for reader in readers + [sender] { #expect(reader.read().count { $0.type == "say" } == 200) }
    }

    @Test("bounds what a flooder that never reads can make it keep")
    func flooder() {
        let relay = self.relay()
        let flooder = self.join(relay, window: 0)
        for _ in 0..<1_000 where flooder.isOpen {
            self.say(flooder)
            relay.settle()
            #expect((flooder.connection?.queuedBytes ?? 0) <= 52_000)
        }
        // Alone in its room it is the slow majority: it is not read, and cut when the grace time is over.
        #expect(!flooder.outlet.isReading)
        relay.pass(.seconds(7))
        #expect(flooder.outlet.closed?.code == .slowConsumer)
    }

    @Test("stops reading senders whose mailbox to the room's home is full, and goes on when it was emptied")
    func mailbox() {
        let relay = self.relay(loops: 2, mailbox: 20_000)
        let clients = (0..<2).map { self.join(relay, on: $0) }
        for client in clients { _ = client.read() }
        for _ in 0..<200 { for client in clients { self.say(client) } }
        // One tick of the sender's loop, no parcel taken at the other end.
        relay.tick()
        for _ in 0..<50 { for client in clients { self.say(client) } }
        #expect(clients.contains { !$0.outlet.isReading })
        for _ in 0..<500 where clients.contains(where: { !$0.isIdle }) {
            relay.settle()
            for client in clients { client.pump() }
        }
        relay.settle()
        for client in clients {
            let messages = client.read().filter { $0.type == "say" }
            #expect(messages.compactMap { $0[number: "msg_id"] } == (1...500).map { Int64($0) })
        }
    }

    @Test("says no more than half a client's limit to a loop that is held up, and the rest when it goes on")
    func heldUpLoop() {
        let relay = self.relay(loops: 2)
        let clients = (0..<4).map { self.join(relay, on: $0 % 2) }
        for client in clients { _ = client.read() }
        for _ in 0..<200 {
            for client in clients[..<2] { self.say(client) }
            relay.tick()
        }
        // Who lives on the room's home loop has all that the room said so far.
        let said = clients.map(\.outlet.sent.count).max() ?? 0
        #expect((10_000...26_000).contains(said), "\(said)")
        for _ in 0..<500 where clients.contains(where: { !$0.isIdle }) {
            relay.settle()
            for client in clients { client.pump() }
        }
        relay.settle()
        for client in clients {
            #expect(client.isOpen)
            #expect(client.read().compactMap { $0[number: "msg_id"] } == (1...400).map { Int64($0) })
        }
    }

    @Test("refuses a client too many, a room too many and a message too large, each by its code")
    func limits() {
        var limits = RelayLimits()
        limits.rooms = 2
        let policy = RoomPolicy(maxClients: 1, linger: .zero, messageBytes: 50)
        let relay = SimulatedRelay(loops: 1, seed: 1, limits: limits, directory: { _ in policy })
        func answer(to room: String) -> (String?, SimulatedClient) {
            let client = relay.connect()
            client.send(#"{"type":"join","room":"\#(room)"}"#)
            relay.settle()
            return (client.read().first?["code"], client)
        }
        let (_, first) = answer(to: "a")
        #expect(answer(to: "a").0 == "room_full")
        #expect(answer(to: "b").0 == nil)
        #expect(answer(to: "c").0 == "unavailable")
        first.disconnect()
        relay.settle()
        let (code, third) = answer(to: "c")
        #expect(code == nil)
        self.say(third)
        relay.settle()
        #expect(third.read().map { $0["code"] } == ["too_large"])
    }

    @Test("keeps an empty room's order for its linger and then begins it anew")
    func linger() {
        let relay = self.relay(policy: RoomPolicy(linger: .seconds(10)))
        let first = self.join(relay)
        self.say(first)
        relay.settle()
        let epoch = first.read()[0]["epoch"]
        first.disconnect()
        relay.settle()
        relay.pass(.seconds(5))
        let second = self.join(relay)
        let joined = second.read()[0]
        #expect(joined["epoch"] == epoch)
        #expect(joined[number: "msg_id"] == 1)
        #expect(joined[number: "client_id"] == 2)
        second.disconnect()
        relay.settle()
        relay.pass(.seconds(12))
        let third = self.join(relay).read()[0]
        #expect(third["epoch"] != epoch)
        #expect(third[number: "msg_id"] == 0)
    }

    @Test("forgets every trace of rooms and connections that ended")
    func cleanup() {
        let relay = self.relay(loops: 2, policy: RoomPolicy(linger: .zero))
        for number in 0..<2_000 {
            let client = relay.connect(on: number % 2)
            client.send(#"{"type":"join","room":"room-\#(number)"}"#)
            relay.settle()
            client.disconnect()
        }
        relay.settle()
        #expect(relay.roomCount == 0)
        #expect(relay.loops.map(\.connectionCount) == [0, 0])
    }
}
