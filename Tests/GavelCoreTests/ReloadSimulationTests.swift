import GavelCore
import GavelTesting
import Testing

/// Settings are adopted, rehearsed and refused, rules fail and give way, while clients lose connections and relays are
/// killed or stopped; at any moment that is possible.
@Suite("Simulated reloads")
struct ReloadSimulationTests {
    @Test(
        "lose and double nothing, and leave each room on one version",
        arguments: [nil, LogDurability.strict, .relaxed]
    )
    func reloads(durability: LogDurability?) {
        var tally = ReloadSchedule.Tally()
        for seed in 0..<50 as Range<UInt64> {
            let schedule = ReloadSchedule(seed: seed, durability: durability)
            schedule.run(&tally)
            #expect(schedule.violations.isEmpty, "seed \(seed): \(schedule.violations.prefix(3))")
            if !schedule.violations.isEmpty { break }
        }
        #expect(tally.messages > 3_000 && tally.recoveries > 150, "\(tally)")
        #expect(tally.reloads > 500 && tally.refusals > 100 && tally.rehearsals > 200, "\(tally)")
        #expect(tally.returns > 50 && tally.snapshots > 10, "\(tally)")
        if durability != nil { #expect(tally.restarts > 50 && tally.refusedWakes > 5, "\(tally)") }
        if durability != .relaxed { #expect(tally.counted > 50, "\(tally)") }
    }
}

/// One random run.
private final class ReloadSchedule {
    struct Tally {
        var messages = 0
        var recoveries = 0
        var reloads = 0
        var refusals = 0
        var rehearsals = 0
        var returns = 0
        var snapshots = 0
        var restarts = 0
        var refusedWakes = 0
        /// Rooms whose rules have counted every message.
        var counted = 0
    }

    private static let rooms = 4
    private var random: SeededGenerator
    private let seed: UInt64
    private let clock = ManualClock()
    private let log: MemoryMessageLog?
    private let loops: Int
    private var relay: SimulatedRelay
    private var settings: RelaySettings
    private var players: [ResumingPlayer] = []
    /// Versions given to the relay.
    private var adopted: Set<String> = ["0"]
    private var pending: [(reload: PendingReload, isRehearsal: Bool)] = []
    private var events: [RelayEvent] = []
    private var lives: UInt64 = 0
    private var lastVersion = 0
    private(set) var violations: [String] = []

    init(seed: UInt64, durability: LogDurability?) {
        self.seed = seed
        self.random = SeededGenerator(seed: seed &* 91)
        self.loops = Int.random(in: 1...3, using: &self.random)
        let wall = self.clock.relayClock.wallMilliseconds
        self.log = durability.map { MemoryMessageLog($0, wallMilliseconds: wall) }
        self.settings = Self.settings(VersionedRules.provider("0"), &self.random)
        self.relay = SimulatedRelay(
            loops: self.loops,
            seed: seed,
            settings: self.settings,
            log: self.log,
            clock: self.clock
        )
        for name in 0..<8 { self.players.append(ResumingPlayer(room: "r\(name % Self.rooms)", name: name, seed: seed)) }
    }

    private static func settings(_ rules: any RulesProvider, _ random: inout SeededGenerator) -> RelaySettings {
        let policy = RoomPolicy(
            presence: Bool.random(using: &random),
            linger: .seconds(1_000),
            history: HistoryLimits(messages: 100_000, bytes: 1 << 30, age: .seconds(100_000)),
            resumeGrace: .seconds(600),
            rules: rules
        )
        var settings = RelaySettings { _ in policy }
        settings.limits.mailboxBytes = Bool.random(using: &random) ? 1_000 : 1 << 20
        settings.outbound.softBytes = Int.random(in: 300...900, using: &random)
        settings.outbound.hardBytes = Int.random(in: 1_000...4_000, using: &random)
        settings.outbound.chunkBytes = Int.random(in: 100...500, using: &random)
        settings.probation = ProbationLimits(messages: 60, time: .seconds(60), errors: 2)
        settings.showsVersions = Bool.random(using: &random)
        return settings
    }

    func run(_ tally: inout Tally) {
        for _ in 0..<130 { self.act(&tally) }
        self.finish(&tally)
        self.judge(&tally)
    }

    private func act(_ tally: inout Tally) {
        for _ in 0..<Int.random(in: 0...8, using: &self.random) {
            if Int.random(in: 0..<4, using: &self.random) == 0 { self.log?.deliver() } else { _ = self.relay.step() }
        }
        let player = self.players.randomElement(using: &self.random)!
        player.pump()
        player.read()
        guard player.isOpen else { return self.connect(player) }
        switch Int.random(in: 0..<40, using: &self.random) {
        case 0, 1: player.lose()
        case 2: player.abandon()
        case 3: player.close()
        case 4: player.loseGhosts()
        case 5, 6: player.open(Int.random(in: 0...400, using: &self.random))
        case 7, 8: player.open(nil)
        case 9 where self.log != nil: self.restart(stopping: Bool.random(using: &self.random), &tally)
        case 10...14: self.reload()
        case 15...19: for _ in 0..<2 { player.send(#"{"type":"bad"}"#) }
        case 20: self.clock.advance(by: .seconds(15))
        default: for _ in 0..<Int.random(in: 1...4, using: &self.random) { player.say() }
        }
    }

    private func connect(_ player: ResumingPlayer) {
        player.lose()
        let loop = Int.random(in: 0..<self.loops, using: &self.random)
        let isSlow = Int.random(in: 0..<5, using: &self.random) == 0
        player.connect(to: self.relay, on: loop, window: isSlow ? 500 : nil)
    }

    private func makeRules() -> any RulesProvider {
        self.lastVersion += 1
        let version = "\(self.lastVersion)"
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: return BrokenProvider()
        case 1: return VersionedRules.provider(version, onReload: nil)
        case 2, 3, 4: return VersionedRules.provider(version, failing: ["bad"])
        case 5:
            // It can be taken to, and not be returned to.
            return VersionedRules.provider(version) { _, from in
                Int(from)! > Int(version)! ? .init(.failed, payload: "no way back") : .init(.relay)
            }
        default:
            return VersionedRules.provider(version) { _, from in
                .init(
                    .relay,
                    effects: [.broadcast(#"{"type":"from\#(from)"}"#), .broadcast(#"{"type":"to\#(version)"}"#)]
                )
            }
        }
    }

    private func reload() {
        let settings = Self.settings(self.makeRules(), &self.random)
        let isRehearsal = Int.random(in: 0..<3, using: &self.random) == 0
        self.pending.append((self.relay.reload(settings, isRehearsal: isRehearsal), isRehearsal))
        if isRehearsal { return }
        self.settings = settings
        self.adopted.insert("\(self.lastVersion)")
    }

    private func restart(stopping: Bool, _ tally: inout Tally) {
        if stopping {
            for loop in self.relay.loops { loop.beginDrain() }
            self.settle()
            for loop in self.relay.loops { loop.sleep {} }
            self.settle()
            for loop in self.relay.loops { loop.sayFarewell() }
            self.settle()
            self.collectReports(&tally)
        }
        self.pending.removeAll()
        self.events += self.relay.events
        tally.restarts += 1
        self.log!.crash()
        for player in self.players { player.loseRelay() }
        self.lives += 1
        self.relay = SimulatedRelay(
            loops: self.loops,
            seed: self.seed &+ self.lives &* 1_000_003,
            settings: self.settings,
            log: self.log,
            clock: self.clock
        )
    }

    private func settle() {
        repeat { self.relay.settle() } while self.log?.deliver() ?? false
    }

    private func collectReports(_ tally: inout Tally) {
        for (reload, isRehearsal) in self.pending {
            guard let report = reload.report else {
                self.violations.append("a reload without an end")
                continue
            }
            if isRehearsal { tally.rehearsals += report.changed } else { tally.reloads += report.changed }
            tally.refusals += report.refused
        }
        self.pending.removeAll()
    }

    private func finish(_ tally: inout Tally) {
        for player in self.players { player.loseGhosts() }
        self.bringBack()
        self.askVersions { self.adopted.contains($0) }
        // Every room can follow this one, those that could not wake among them.
        self.lastVersion += 1
        let last = "\(self.lastVersion)"
        self.settings = Self.settings(VersionedRules.provider(last), &self.random)
        self.pending.append((self.relay.reload(self.settings), false))
        self.bringBack()
        self.collectReports(&tally)
        self.askVersions { $0 == last }
        for player in self.players { player.finish() }
        self.events += self.relay.events
    }

    private func bringBack() {
        for _ in 0..<60 {
            for player in self.players {
                player.read()
                if !player.isOpen { self.connect(player) }
                player.open(nil)
                player.pump()
            }
            self.settle()
        }
    }

    /// The members of a room hear one version, and that is one that may be.
    private func askVersions(_ isPossible: (String) -> Bool) {
        for player in self.players {
            // Rules that do not start refuse it.
            player.read()
            player.lastReply = nil
            if player.isOpen { player.send(#"{"type":"what"}"#) }
        }
        self.settle()
        var versions: [String: Set<String>] = [:]
        for player in self.players where player.isOpen {
            player.read()
            guard let version = player.lastReply?["version"] else {
                self.violations.append("\(player.name) was not answered")
                continue
            }
            versions[player.room, default: []].insert(version)
            if !isPossible(version) { self.violations.append("\(player.room) runs \(version)") }
        }
        for (room, versions) in versions where versions.count > 1 {
            self.violations.append("\(room) runs \(versions)")
        }
    }

    private func judge(_ tally: inout Tally) {
        let (places, violations) = self.players.agree()
        self.violations += violations
        tally.recoveries += self.players.map(\.recoveries).reduce(0, +)
        tally.messages += places.count
        var returned: Set<String> = []
        for event in self.events {
            switch event {
            case .rolledBack(let rollback):
                tally.returns += 1
                if rollback.way != .state { returned.insert("\(rollback.key)") }
                if rollback.way == .snapshot { tally.snapshots += 1 }
            case .wakeRefused: tally.refusedWakes += 1
            case .recordingRefused: break
            }
        }
        self.judgeMarks(places, except: returned, &tally)
    }

    /// Whether every message was taken as often as it should be, and rules have counted each.
    private func judgeMarks(
        _ places: [OrderChecker.Place: [UInt8]],
        except returned: Set<String>,
        _ tally: inout Tally
    ) {
        // What a relaxed log loses is lost, and what was seen before that is sent again.
        if self.log?.durability == .relaxed, self.lives > 0 { return }
        self.violations += self.players.judgeMarks(places)
        for player in self.players {
            guard !returned.contains(player.room), let kept = player.lastReply?["kept"].flatMap({ Int($0) }) else {
                continue
            }
            // Rules that do not fail on it relay what is bad, and count it.
            let count = places.filter {
                $0.key.room == player.room
                    && ["say", "bad"].contains(ReceivedMessage(text: $0.value)?.type ?? "")
            }.count
            tally.counted += 1
            if kept < count { self.violations.append("\(player.room) has counted \(kept) of \(count)") }
        }
    }
}
