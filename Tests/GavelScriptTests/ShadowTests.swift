import GavelCore
import GavelScript
import GavelTesting
import Testing

@Suite("rules beside which others are tried")
struct ShadowTests {
    private static func rules(_ version: String, log: LogRecorder) throws -> ScriptRulesProvider {
        let source = """
            local rules = gavel.rules()
            rules.messages.say, rules.messages.fail = {}, {}
            function rules.on_create(room) room.state = { version = "\(version)" } end
            function rules.filters.say() gavel.log("said") end
            function rules.filters.fail() error("cracked") end
            return rules
            """
        return try ScriptRules.load(
            source: Array(source.utf8),
            name: "say.lua",
            configuration: .patient,
            logger: log.logger
        )
    }

    @Test("log once what they log, and tell once what fails in them")
    func logsOnce() throws {
        let (own, other) = (LogRecorder(), LogRecorder())
        let rules = try Self.rules("1", log: own)
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: RelaySettings { _ in RoomPolicy(rules: rules) })
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r"}"#)
        relay.settle()
        let feed = ShadowFeed()
        relay.loops[0].observe(RoomKey("r"), feed)
        let shadow = Shadow(try Self.rules("2", log: other))
        client.send(#"{"type":"say"}"#)
        client.send(#"{"type":"fail"}"#)
        relay.settle()
        let before = own.entries.map(\.message)
        #expect(before.count == 2)
        let findings = feed.take().events.flatMap { shadow.take($0, isBehind: false) }
        #expect(shadow.tally.messages == 2 && shadow.tally.failures == 1, "\(findings)")
        #expect(own.entries.map(\.message) == before)
        #expect(other.entries.map(\.message) == before)
    }
}
