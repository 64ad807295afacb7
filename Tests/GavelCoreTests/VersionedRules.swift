import GavelCore
import GavelTesting

/// Rules that count messages in what they keep, in any number of versions.
enum VersionedRules {
    typealias Answer = RulesDouble.Answer

    /// - Parameters:
    ///   - failing: Types of messages on which they fail; `timer`: their timers do.
    ///   - onReload: What they do as they take over; they fail where it is `nil`.
    static func provider(
        _ version: String,
        failing: Set<String> = [],
        onReload: (@Sendable (RulesDouble, String) -> Answer)? = { _, _ in Answer(.relay) }
    ) -> RulesDoubleProvider {
        RulesDoubleProvider(name: "count.lua", version: version) { rules, hook, context in
            switch hook {
            case .create:
                rules.kept = "0"
                return Answer(.relay)
            case .reload(let from): return onReload?(rules, from) ?? Answer(.failed, payload: "count.lua:1: no")
            case .timer:
                return failing.contains("timer") ? Answer(.failed, payload: "count.lua:9: tick") : Answer(.relay)
            case .message(_, let type, _):
                if failing.contains(type) { return Answer(.failed, payload: #""message":"count.lua:5: \#(type)""#) }
                if type == "what" {
                    return Answer(.handled, hasReply: true, payload: self.description(of: rules, version))
                }
                if type == "later" { rules.nextTimer = context.uptimeMilliseconds + 1_000 }
                rules.kept = "\((Int(rules.kept) ?? 0) + 1)"
                return Answer(.relay)
            default: return Answer(.relay)
            }
        }
    }

    private static func description(of rules: RulesDouble, _ version: String) -> String {
        let connected = rules.clients.filter { rules.connected.contains($0) }
        return
            #""version":"\#(version)","kept":"\#(rules.kept)","clients":"\#(rules.clients)","connected":"\#(connected)""#
    }

    static func settings(_ rules: any RulesProvider, probation: ProbationLimits = ProbationLimits()) -> RelaySettings {
        var settings = RelaySettings { _ in RoomPolicy(resumeGrace: .seconds(60), rules: rules) }
        settings.probation = probation
        return settings
    }
}

/// Rules that do not start.
struct BrokenProvider: RulesProvider, Error, CustomStringConvertible {
    let name = "count.lua"
    let version = "broken"
    let identity = "broken"
    let description = "count.lua:1: syntax error"

    func makeRules(for key: RoomKey) throws -> any RoomRules { throw self }
}

/// One relay, whose log is answered as it goes on, and what tests ask of it.
final class ReloadSetup {
    let clock = ManualClock()
    let log: MemoryMessageLog?
    private let loops: Int
    private(set) var relay: SimulatedRelay

    init(_ settings: RelaySettings, loops: Int = 1, durability: LogDurability? = nil) {
        self.loops = loops
        let wall = self.clock.relayClock.wallMilliseconds
        self.log = durability.map { MemoryMessageLog($0, wallMilliseconds: wall) }
        self.relay = SimulatedRelay(loops: loops, seed: 1, settings: settings, log: self.log, clock: self.clock)
    }

    /// The relay is killed, and another takes its place.
    func restart(_ settings: RelaySettings) {
        self.log!.crash()
        self.relay = SimulatedRelay(loops: self.loops, seed: 2, settings: settings, log: self.log, clock: self.clock)
    }

    func settle() {
        repeat { self.relay.settle() } while self.log?.deliver() ?? false
    }

    func join(_ room: String = "r", on loop: Int = 0, resume: String = "true") -> SimulatedClient {
        let client = self.relay.connect(on: loop)
        client.send(#"{"type":"join","room":"\#(room)","resume":\#(resume)}"#)
        self.settle()
        return client
    }

    func adopt(_ settings: RelaySettings) -> ReloadReport? {
        let pending = self.relay.reload(settings)
        self.settle()
        return pending.report
    }

    /// What a room's rules say of themselves: version and what they keep.
    func ask(_ client: SimulatedClient) -> ReceivedMessage? {
        _ = client.read()
        client.send(#"{"type":"what"}"#)
        self.settle()
        return client.read().last
    }

    func say(_ client: SimulatedClient, _ type: String = "say", times: Int = 1) {
        for _ in 0..<times { client.send(#"{"type":"\#(type)"}"#) }
        self.settle()
    }
}
