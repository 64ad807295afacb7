import GavelCore
import GavelTesting
import Testing

/// New rules for rooms that go on.
@Suite("The reload of a room")
struct ReloadTests {
    private typealias Answer = RulesDouble.Answer

    private func settings(_ version: String) -> RelaySettings {
        VersionedRules.settings(VersionedRules.provider(version))
    }

    @Test("carries over what the rules keep; its effects stand together between two messages", arguments: [1, 3])
    func carried(loops: Int) {
        let setup = ReloadSetup(self.settings("1"), loops: loops)
        let client = setup.join(on: loops - 1)
        setup.say(client, times: 3)
        _ = client.read()
        let next = VersionedRules.provider("2") { rules, from in
            Answer(
                .relay,
                effects: [.broadcast(#"{"type":"from\#(from)"}"#), .broadcast(#"{"type":"has\#(rules.kept)"}"#)]
            )
        }
        client.send(#"{"type":"say"}"#)
        let pending = setup.relay.reload(VersionedRules.settings(next))
        for _ in 0..<5 {
            client.send(#"{"type":"say"}"#)
            _ = setup.relay.step()
        }
        setup.settle()
        let heard = client.read()
        let place = heard.firstIndex { $0.type == "from1" }!
        #expect(heard[place + 1].type == "has\(place + 3)")
        #expect(heard.map { $0[number: "msg_id"] } == (4...11).map { Int64($0) })
        #expect(pending.report?.changed == 1 && pending.report?.refused == 0)
        #expect(setup.ask(client)?["version"] == "2")
        #expect(setup.relay.loops.reduce(0) { $0 + $1.statistics.reloads } == 1)
    }

    @Test("that cannot be leaves the room as it was, and says why")
    func refused() {
        let setup = ReloadSetup(self.settings("1"))
        let client = setup.join()
        setup.say(client, times: 2)
        let stranded = RulesDoubleProvider(name: "count.lua", version: "3") { _, _, _ in Answer(.relay) }
        let cases: [(any RulesProvider, String)] = [
            (BrokenProvider(), "count.lua:1: syntax error"),
            (VersionedRules.provider("2", onReload: nil), #"count.lua:1: no (reload(from: "1"))"#),
            (StrandedProvider(inner: stranded), "The timer \"tick\" is running, and there is no rules.timers.tick."),
        ]
        for (rules, text) in cases {
            for isRehearsal in [true, false] {
                let wanted = VersionedRules.settings(rules)
                let report = isRehearsal ? setup.relay.rehearse(wanted) : setup.relay.adopt(wanted)
                #expect(report?.refused == 1 && report?.changed == 0)
                #expect(report?.refusals.first?.text.hasPrefix(text) ?? false, "\(report!)")
            }
            let answer = setup.ask(client)
            #expect(answer?["version"] == "1" && answer?["kept"] == "2")
        }
        #expect(setup.relay.loops[0].statistics.refusedReloads == 3)
    }

    @Test("that is only tried changes nothing, as often as it is tried")
    func rehearsal() {
        let setup = ReloadSetup(self.settings("1"), durability: .strict)
        let client = setup.join()
        setup.say(client, times: 2)
        for _ in 0..<3 {
            let pending = setup.relay.reload(self.settings("2"), isRehearsal: true)
            setup.settle()
            #expect(pending.report?.changed == 1)
        }
        #expect(setup.ask(client)?["version"] == "1")
        let other = setup.join("other")
        #expect(setup.ask(other)?["version"] == "1")
        setup.restart(self.settings("1"))
        #expect(setup.ask(setup.join())?["kept"] == "2")
    }

    @Test("is done for a few rooms in each tick; rooms that begin meanwhile have the new rules, and none waits")
    func spread() {
        let clock = ManualClock()
        let old = self.settings("1")
        let host = SingleLoop(clock: clock, directory: old.directory)
        let clients = (0..<50).map { host.join("r\($0)") }
        for client in clients { _ = client.read() }
        let pending = PendingReload(loops: 1)
        host.loop.adopt(self.settings("2")) { pending.add($0) }
        var ticks = 0
        while pending.report == nil, ticks < 100 {
            host.tick()
            ticks += 1
            let newcomer = host.join("new\(ticks)")
            newcomer.send(#"{"type":"what"}"#)
            clients[49].send(#"{"type":"say"}"#)
            host.tick()
            #expect(newcomer.read().last?["version"] == "2")
            #expect(clients[49].read().map(\.type) == ["say"])
            newcomer.disconnect()
        }
        #expect(ticks > 2 && ticks < 10)
        #expect(pending.report?.changed == 50)
        for client in clients {
            client.send(#"{"type":"what"}"#)
            host.tick()
            #expect(client.read().last?["version"] == "2")
        }
    }

    @Test("that is tried stops when it was refused often or for long, and that is no stop of the relay")
    func muchRefused() {
        let setup = ReloadSetup(self.settings("1"))
        for room in 0..<150 { _ = setup.join("r\(room)") }
        let quick = setup.relay.rehearse(VersionedRules.settings(VersionedRules.provider("2", onReload: nil)))
        #expect(quick.map { $0.refused >= 100 && $0.refused < 150 && $0.unreached == 0 } ?? false)
        let clock = setup.clock
        let slow = VersionedRules.provider("2") { _, _ in
            clock.advance(by: .milliseconds(10))
            return Answer(.failed, payload: "count.lua:1: it spent its time")
        }
        let report = setup.relay.rehearse(VersionedRules.settings(slow))
        #expect(report?.refused == 1 && report?.unreached == 0)
    }

    @Test("of many rooms that have nothing to exchange is done in a few ticks")
    func unchanged() {
        let old = self.settings("1")
        let host = SingleLoop(clock: ManualClock(), directory: old.directory)
        for room in 0..<1_000 { _ = host.join("r\(room)") }
        let pending = PendingReload(loops: 1)
        host.loop.adopt(old) { pending.add($0) }
        var ticks = 0
        while pending.report == nil, ticks < 100 {
            host.tick()
            ticks += 1
        }
        #expect(pending.report?.unchanged == 1_000)
        #expect(ticks > 2 && ticks < 10)
    }

    @Test("that is asked for while another is under way comes after it")
    func twice() {
        let setup = ReloadSetup(self.settings("1"))
        let clients = (0..<30).map { setup.join("r\($0)") }
        let first = setup.relay.reload(self.settings("2"))
        for _ in 0..<3 { _ = setup.relay.step() }
        let second = setup.relay.reload(self.settings("3"))
        setup.settle()
        #expect(first.report?.changed == 30 && second.report?.changed == 30)
        for client in clients { #expect(setup.ask(client)?["version"] == "3") }
    }

    @Test("ends where the relay stops: rooms not reached go on with the new rules when they wake")
    func stop() {
        let setup = ReloadSetup(self.settings("1"), durability: .strict)
        for room in 0..<40 { setup.say(setup.join("r\(room)")) }
        let pending = setup.relay.reload(self.settings("2"))
        for _ in 0..<2 { _ = setup.relay.step() }
        for loop in setup.relay.loops {
            loop.beginDrain()
            loop.sleep {}
        }
        #expect(pending.report.map { $0.unreached > 0 && $0.changed > 0 && $0.changed + $0.unreached == 40 } ?? false)
        setup.settle()
        setup.restart(self.settings("2"))
        for room in 0..<40 {
            let answer = setup.ask(setup.join("r\(room)"))
            #expect(answer?["version"] == "2" && answer?["kept"] == "1")
        }
    }

    @Test("tells the new rules who is there and who is away")
    func away() {
        let setup = ReloadSetup(self.settings("1"), loops: 2)
        let gone = setup.join(on: 1)
        let client = setup.join()
        let plain = setup.join(resume: "false")
        gone.disconnect(.lost)
        setup.settle()
        _ = setup.adopt(self.settings("2"))
        plain.disconnect(.lost)
        setup.settle()
        let answer = setup.ask(client)
        #expect(answer?["version"] == "2" && answer?["clients"] == "[1, 2]" && answer?["connected"] == "[2]")
    }

    @Test("of a busy room lets what waits meet the new rules, in its order")
    func backlog() {
        let clock = ManualClock()
        @Sendable func provider(_ version: String) -> RulesDoubleProvider {
            RulesDoubleProvider(version: version) { _, hook, _ in
                guard case .message = hook else { return Answer(.relay) }
                clock.advance(by: .milliseconds(3))
                return Answer(.changed, payload: #"{"type":"by\#(version)"}"#)
            }
        }
        let host = SingleLoop(clock: clock) { _ in RoomPolicy(rules: provider("1")) }
        let client = host.join("r")
        _ = client.read()
        for _ in 0..<10 { client.send(#"{"type":"work"}"#) }
        host.tick()
        host.loop.adopt(RelaySettings { _ in RoomPolicy(rules: provider("2")) }) { _ in }
        _ = host.run(limit: 50)
        let heard = client.read()
        #expect(heard.map { $0[number: "msg_id"] } == (1...10).map { Int64($0) })
        let types = heard.map(\.type)
        #expect(Set(types) == ["by1", "by2"] && types == types.sorted())
    }

    @Test(
        "waits for no commit, and what is told stays in order behind it",
        arguments: [LogDurability.strict, .relaxed]
    )
    func held(durability: LogDurability) {
        let setup = ReloadSetup(self.settings("1"), durability: durability)
        let client = setup.join()
        _ = client.read()
        client.send(#"{"type":"say"}"#)
        setup.relay.settle()
        let next = VersionedRules.provider("2") { _, _ in Answer(.relay, effects: [.broadcast(#"{"type":"new"}"#)]) }
        let pending = setup.relay.reload(VersionedRules.settings(next))
        setup.relay.settle()
        #expect(pending.report?.changed == 1)
        client.send(#"{"type":"say"}"#)
        setup.relay.settle()
        if durability == .strict { #expect(client.read().isEmpty) }
        setup.settle()
        #expect(client.read().map(\.type) == ["say", "new", "say"])
        // The log has the new version: nothing is reloaded when the room wakes.
        setup.restart(VersionedRules.settings(VersionedRules.provider("2", onReload: nil)))
        let answer = setup.ask(setup.join())
        #expect(answer?["kept"] == "2" && answer?["version"] == "2")
    }

    @Test("of a room that is being opened is none: it begins with the new rules")
    func opening() {
        let setup = ReloadSetup(self.settings("1"), durability: .strict)
        let client = setup.relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        setup.relay.settle()
        let pending = setup.relay.reload(self.settings("2"))
        setup.relay.settle()
        #expect(pending.report?.unchanged == 1)
        setup.settle()
        #expect(setup.ask(client)?["version"] == "2")
    }

    @Test("is none where the room is to have another file, or none, or no entry names it: it keeps what it has")
    func kept() {
        let setup = ReloadSetup(self.settings("1"))
        let client = setup.join()
        let other = RulesDoubleProvider(name: "other.lua") { _, _, _ in Answer(.relay) }
        #expect(setup.adopt(VersionedRules.settings(other))?.kept.count == 1)
        #expect(setup.adopt(RelaySettings { _ in RoomPolicy() })?.kept.count == 1)
        #expect(setup.adopt(RelaySettings { _ in nil })?.unchanged == 1)
        #expect(setup.ask(client)?["version"] == "1")
        client.disconnect(.left)
        setup.relay.pass(.seconds(60))
        let late = setup.join()
        #expect(late.read().map { $0["code"] } == ["forbidden"])
    }

    @Test("whose on_reload closes the room or throws clients out does so in good order")
    func effects() {
        let setup = ReloadSetup(self.settings("1"))
        let clients = (0..<3).map { _ in setup.join() }
        let kicks = VersionedRules.provider("2") { _, _ in Answer(.relay, effects: [.kick(2, "out")]) }
        _ = setup.adopt(VersionedRules.settings(kicks))
        #expect(clients[1].read().last?["reason"] == "kicked")
        #expect(setup.ask(clients[0])?["clients"] == "[1, 3]")
        let closes = VersionedRules.provider("3") { _, _ in Answer(.relay, effects: [.close("over")]) }
        _ = setup.adopt(VersionedRules.settings(closes))
        #expect(clients[2].read().last?["reason"] == "closed")
        #expect(setup.relay.roomCount == 0)
    }
}

/// Rules that lack what a running timer needs.
private struct StrandedProvider: RulesProvider {
    let inner: RulesDoubleProvider
    var name: String { self.inner.name }
    var version: String { self.inner.version }
    var identity: String { self.inner.identity }

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        let rules = try self.inner.makeRules(for: key) as! RulesDouble
        rules.strandedTimers = ["tick"]
        return rules
    }
}
