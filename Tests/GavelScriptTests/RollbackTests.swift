import GavelCore
import GavelScript
import GavelTesting
import Testing

/// Rules in a running room that were fine until they were used.
@Suite("rules that fail in use")
struct RollbackTests {
    /// What is wrong with rules, and how it shows.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case error, budget, memory, effects, verdict, timers, snapshots

        var testDescription: String { self.rawValue }

        /// Of the filter for `add`.
        var filter: String {
            switch self {
            case .error: #"error("cracked")"#
            case .budget: "while true do end"
            case .memory: #"local text = "12345678" while true do text = text .. text end"#
            case .effects: #"for i = 1, 1000 do room:send(client, { type = "a" }) end"#
            case .verdict: "return 5"
            case .timers: #"room:after("1s", "bell", nil, room.state.n)"#
            case .snapshots: "room:sync()"
            }
        }

        var timer: String { self == .timers ? #"error("cracked")"# : "" }
        var snapshot: String { self == .snapshots ? #"error("cracked")"# : "" }

        var text: String {
            switch self {
            case .error, .timers, .snapshots: "cracked"
            case .budget: "spent its budget"
            case .memory: "memory"
            case .effects: "effects"
            case .verdict: "filters.add returned a number"
            }
        }

        var hook: String {
            switch self {
            case .timers: "timers.bell"
            case .snapshots: "snapshot"
            default: "filters.add"
            }
        }

        /// Whether messages pass all the same.
        var relays: Bool { self == .timers || self == .snapshots }
    }

    private static func rules(_ version: String, _ fault: Fault? = nil, onReload: String = "") throws -> RelaySettings {
        let source = """
            local rules = gavel.rules()
            rules.messages.add, rules.messages.look = {}, {}
            function rules.on_create(room) room.state = { n = 0 } end
            function rules.on_reload(room, from) \(onReload) end
            function rules.filters.add(room, client)
              room.state.n = room.state.n + 1
              client.data.n = (client.data.n or 0) + 1
              \(fault?.filter ?? "")
            end
            function rules.commands.look(room, client)
              return { n = room.state.n, own = client.data.n, version = "\(version)", id = gavel.id() }
            end
            function rules.timers.bell(room) \(fault?.timer ?? "") end
            function rules.snapshot(room, client) \(fault?.snapshot ?? "") return { n = room.state.n } end
            return rules
            """
        let provider = try ScriptRules.load(
            source: Array(source.utf8),
            name: "count.lua",
            configuration: .patient,
            logger: LogRecorder().logger,
            seed: { (1, 2, 3, 4) }
        )
        var settings = RelaySettings { _ in RoomPolicy(rules: provider) }
        settings.probation = ProbationLimits(messages: nil, time: .seconds(60), errors: 3)
        return settings
    }

    /// A room that has taken two messages.
    private func begin(_ settings: RelaySettings) -> (SimulatedRelay, SimulatedClient) {
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings)
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        self.add(relay, client, times: 2)
        return (relay, client)
    }

    private func add(_ relay: SimulatedRelay, _ client: SimulatedClient, times: Int) {
        for _ in 0..<times { client.send(#"{"type":"add"}"#) }
        relay.settle()
    }

    private func look(_ relay: SimulatedRelay, _ client: SimulatedClient) -> ReceivedMessage? {
        _ = client.read()
        client.send(#"{"type":"look"}"#)
        relay.settle()
        return client.read().last
    }

    private func rollbacks(_ relay: SimulatedRelay) -> [Rollback] {
        relay.events.compactMap { if case .rolledBack(let rollback) = $0 { rollback } else { nil } }
    }

    @Test("give way to those before, whatever they fail at, and all that was kept stays", arguments: Fault.allCases)
    func faults(_ fault: Fault) throws {
        let (relay, client) = self.begin(try Self.rules("old"))
        #expect(relay.adopt(try Self.rules("new", fault))?.changed == 1)
        #expect(self.look(relay, client)?["version"] == "new")
        _ = client.read()
        self.add(relay, client, times: 2)
        if fault == .timers { relay.pass(.seconds(2)) }
        #expect(self.rollbacks(relay).isEmpty)
        self.add(relay, client, times: 1)
        if fault == .timers { relay.pass(.seconds(2)) }
        let rollback = try #require(self.rollbacks(relay).first)
        #expect(rollback.way == .state && rollback.stateText == nil)
        #expect(rollback.failure?.hook == fault.hook)
        #expect(rollback.failure?.text.contains(fault.text) == true, "\(String(describing: rollback.failure))")
        #expect(rollback.failure?.text.contains("count.lua:") == true)
        let types = client.read().map(\.type).filter { $0 != "snapshot" }
        #expect(types == Array(repeating: fault.relays ? "add" : "error", count: 3))
        self.add(relay, client, times: 1)
        #expect(client.read().map(\.type) == ["add"])
        let answer = self.look(relay, client)
        let count: Int64 = fault.relays ? 6 : 3
        #expect(answer?["version"] == "old")
        #expect(answer?[number: "n"] == count && answer?[number: "own"] == count)
        #expect(self.rollbacks(relay).count == 1)
    }

    @Test(
        "give way to those before as the room was at the reload, where those cannot take over what is kept now",
        arguments: [
            (#"error("no way back")"#, "no way back"), ("while true do end", "spent its budget"),
            (#"local text = "12345678" while true do text = text .. text end"#, "memory"),
        ]
    )
    func snapshot(onReload: String, text: String) throws {
        let (relay, client) = self.begin(try Self.rules("old", onReload: onReload))
        #expect(relay.adopt(try Self.rules("new", .timers))?.changed == 1)
        self.add(relay, client, times: 3)
        relay.pass(.seconds(2))
        let rollback = try #require(self.rollbacks(relay).first)
        #expect(rollback.way == .snapshot && rollback.snapshotText == nil && rollback.failure?.hook == "timers.bell")
        #expect(rollback.stateText?.contains(text) == true && rollback.stateText?.contains("count.lua:4") == true)
        #expect(rollback.lastID.before == 2 && rollback.lastID.now == 5)
        _ = client.read()
        self.add(relay, client, times: 1)
        #expect(client.read().map { $0[number: "msg_id"] } == [6])
        let answer = self.look(relay, client)
        #expect(answer?["version"] == "old" && answer?[number: "n"] == 3 && answer?[number: "own"] == 3)
    }

    @Test("leave behind no identifier that those before give out once more, also where the state is the older one")
    func identifiers() throws {
        let (relay, client) = self.begin(try Self.rules("old", onReload: #"error("no way back")"#))
        var ids: [String?] = []
        for _ in 0..<2 { ids.append(self.look(relay, client)?["id"]) }
        #expect(relay.adopt(try Self.rules("new", .timers))?.changed == 1)
        for _ in 0..<3 { ids.append(self.look(relay, client)?["id"]) }
        self.add(relay, client, times: 3)
        relay.pass(.seconds(2))
        #expect(self.rollbacks(relay).first?.way == .snapshot)
        for _ in 0..<4 { ids.append(self.look(relay, client)?["id"]) }
        #expect(!ids.contains(nil) && Set(ids).count == 9)
    }
}
