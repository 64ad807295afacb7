import GavelCore
import GavelTesting
import Testing

/// Rooms that a log keeps: over a restart, and while the log is slow or fails.
@Suite("Rooms with a log")
struct LoggedRoomTests {
    private final class Setup {
        let clock = ManualClock()
        let log: MemoryMessageLog
        let policy: RoomPolicy
        private(set) var relay: SimulatedRelay

        init(
            _ durability: LogDurability,
            loops: Int = 1,
            linger: Duration = .seconds(600),
            rules: RulesDoubleProvider? = nil
        ) {
            let policy = RoomPolicy(presence: true, linger: linger, resumeGrace: .seconds(60), rules: rules)
            self.policy = policy
            self.log = MemoryMessageLog(durability, wallMilliseconds: self.clock.relayClock.wallMilliseconds)
            self.relay = SimulatedRelay(
                loops: loops,
                seed: 1,
                log: self.log,
                clock: self.clock,
                directory: { _ in policy }
            )
        }

        /// The relay is killed, and another takes its place.
        func restart() {
            self.log.crash()
            let policy = self.policy
            self.relay = SimulatedRelay(
                loops: self.relay.loops.count,
                seed: 2,
                log: self.log,
                clock: self.clock,
                directory: { _ in policy }
            )
        }

        func settle() {
            repeat { self.relay.settle() } while self.log.deliver()
        }

        func join(_ resume: String = "true", on loop: Int = 0) -> SimulatedClient {
            let client = self.relay.connect(on: loop)
            client.send(#"{"type":"join","room":"r","resume":\#(resume)}"#)
            self.settle()
            return client
        }

        func position(_ joined: ReceivedMessage, _ id: Int64) -> String {
            #"{"session":"\#(joined["session"]!)","epoch":"\#(joined["epoch"]!)","msg_id":\#(id)}"#
        }
    }

    @Test("a client returns to its room after a kill, where what it saw is kept", arguments: [1, 3])
    func kill(loops: Int) {
        let setup = Setup(.strict, loops: loops)
        let client = setup.join()
        let joined = client.read()[0]
        client.send(#"{"type":"say"}"#)
        setup.settle()
        #expect(client.read().map(\.type) == ["say"])
        setup.restart()
        let back = setup.join(setup.position(joined, 1), on: loops - 1).read()
        #expect(back[0].description.contains(#""recovered":true"#) && back[0][number: "handled"] == 1)
        #expect(back[1][number: "msg_id"] == 2 && back.count == 2)
    }

    @Test("under strict nothing is heard before it is committed, and senders are not read while much waits")
    func strictWaits() {
        let setup = Setup(.strict)
        let client = setup.join()
        _ = client.read()
        for index in 0..<20_000 {
            client.send(#"{"type":"say","n":\#(index),"pad":"0123456789012345678901234567890123456789"}"#)
            if index % 50 == 0 { setup.relay.settle() }
        }
        setup.relay.settle()
        #expect(client.read().isEmpty)
        #expect(!client.isIdle && !client.outlet.isReading)
        #expect(setup.relay.loops[0].statistics.backlogBytes < 4 << 20)
        for _ in 0..<1_000 where !client.isIdle {
            setup.settle()
            client.pump()
        }
        setup.settle()
        #expect(client.read().count == 20_000)
    }

    @Test("a room that its rules close while a client of before the restart is away ends in good order")
    func closedAfterRestart() {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .message(_, "end", _) = hook { return .init(.dropped, effects: [.close("over")]) }
            return .init(.relay)
        }
        let setup = Setup(.strict, rules: rules)
        let gone = setup.join()
        let joined = gone.read()[0]
        setup.restart()
        let other = setup.join()
        other.send(#"{"type":"end"}"#)
        setup.settle()
        #expect(other.read().last?["reason"] == "closed")
        let late = setup.join(setup.position(joined, 1)).read()[0]
        #expect(late["reason"] == "session" && late[number: "client_id"] == 1)
    }

    @Test("rules that close a room as it begins refuse the join, with a log as without")
    func closedAtOnce() {
        let rules = RulesDoubleProvider { _, hook, _ in
            if case .create = hook { return .init(.relay, effects: [.close("no")]) }
            return .init(.relay)
        }
        let setup = Setup(.strict, rules: rules)
        #expect(setup.join().read().map { $0["code"] } == ["unavailable"])
        #expect(setup.relay.roomCount == 0)
    }

    @Test("when a commit fails everybody is closed with 4006, and has the whole grace to come back", arguments: [1, 3])
    func failure(loops: Int) {
        let setup = Setup(.strict, loops: loops)
        setup.relay.pass(.seconds(3_600))
        let clients = (0..<3).map { setup.join(on: $0 % loops) }
        let joined = clients.map { $0.read()[0] }
        setup.log.fail(MessageLogError(.full, "full"))
        clients[0].send(#"{"type":"say"}"#)
        clients[1].send(#"{"type":"leave"}"#)
        setup.settle()
        for client in clients {
            _ = client.read()
            #expect(client.closeCodes == [4006])
            client.disconnect()
        }
        setup.settle()
        setup.log.fail(nil)
        let first = setup.join(setup.position(joined[0], 3))
        #expect(first.read()[0][number: "handled"] == 0)
        setup.relay.pass(.seconds(30))
        setup.settle()
        for index in [1, 2] {
            let back = setup.join(setup.position(joined[index], 3)).read()[0]
            #expect(back.description.contains(#""recovered":true"#))
            #expect(back[number: "client_id"] == joined[index][number: "client_id"])
        }
        #expect(setup.relay.loops.reduce(0) { $0 + $1.statistics.failedRooms } == 1)
    }

    @Test("a log that does not answer refuses no room that it need not ask for")
    func unanswered() {
        let setup = Setup(.relaxed)
        let client = setup.relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        setup.relay.settle()
        #expect(client.read().isEmpty)
        setup.settle()
        #expect(client.read().first?.type == "joined")
    }

    @Test("a room that all have left ends in the log, too: the next of its name begins anew")
    func ends() {
        let setup = Setup(.strict, linger: .zero)
        let client = setup.join("false")
        client.send(#"{"type":"say"}"#)
        setup.settle()
        let epoch = client.read()[0]["epoch"]!
        client.disconnect()
        setup.settle()
        #expect(setup.relay.roomCount == 0)
        setup.restart()
        let joined = setup.join().read()[0]
        #expect(joined[number: "msg_id"] == 0 && joined["epoch"] != epoch)
    }

    @Test("those who do not come back in time after a restart leave, and the rules hear of it")
    func expired() {
        let setup = Setup(.strict)
        _ = setup.join()
        _ = setup.join()
        setup.restart()
        setup.relay.pass(.seconds(90))
        let client = setup.join("false")
        setup.relay.pass(.seconds(2))
        setup.settle()
        #expect(client.read().filter { $0.type == "client_left" }.count == 2)
    }

    @Test("a stop keeps the epoch under relaxed, also of a room that is just being opened")
    func stop() {
        let setup = Setup(.relaxed)
        let client = setup.join()
        let joined = client.read()[0]
        self.stop(setup)
        setup.restart()
        let late = setup.relay.connect()
        late.send(#"{"type":"join","room":"r"}"#)
        setup.relay.settle()
        self.stop(setup)
        setup.restart()
        let back = setup.join(setup.position(joined, 1)).read()[0]
        #expect(back.description.contains(#""recovered":true"#))
    }

    private func stop(_ setup: Setup) {
        for loop in setup.relay.loops {
            loop.beginDrain()
            loop.sleep {}
        }
        setup.settle()
    }
}
