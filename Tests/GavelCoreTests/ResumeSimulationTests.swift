import GavelCore
import GavelTesting
import Testing

/// Clients lose connections, relays are killed or stopped, logs answer late; at any moment that is possible.
@Suite("Simulated losses")
struct ResumeSimulationTests {
    @Test("nothing is lost and nothing doubled", arguments: [nil, LogDurability.strict, .relaxed])
    func losses(durability: LogDurability?) {
        var tally = LossSchedule.Tally()
        for seed in 0..<60 as Range<UInt64> {
            let schedule = LossSchedule(seed: seed, durability: durability)
            schedule.run(&tally)
            #expect(schedule.violations.isEmpty, "seed \(seed)")
            if !schedule.violations.isEmpty { break }
        }
        #expect(tally.messages > 3_000 && tally.recoveries > 300)
        if durability != .relaxed { #expect(tally.certain > 1_500) }
        if durability != nil { #expect(tally.crashes > 50 && tally.stops > 50 && tally.failures > 10) }
        if durability == .strict { #expect(tally.reasons["epoch"] == nil) }
        if durability == .relaxed { #expect(tally.reasons["epoch", default: 0] > 20) }
    }
}

/// One random run.
private final class LossSchedule {
    struct Tally {
        var messages = 0
        var recoveries = 0
        var certain = 0
        var crashes = 0
        var stops = 0
        /// Connections closed because the log failed.
        var failures = 0
        var reasons: [String: Int] = [:]
    }

    private var random: SeededGenerator
    private let seed: UInt64
    private let clock = ManualClock()
    private let log: MemoryMessageLog?
    private let loops: Int
    private var relay: SimulatedRelay
    private var players: [ResumingPlayer] = []
    private var lives: UInt64 = 0
    private var crashes = 0
    private var stops = 0
    private(set) var violations: [String] = []

    init(seed: UInt64, durability: LogDurability?) {
        self.seed = seed
        self.random = SeededGenerator(seed: seed &* 77)
        self.loops = Int.random(in: 1...3, using: &self.random)
        let wall = self.clock.relayClock.wallMilliseconds
        self.log = durability.map { MemoryMessageLog($0, wallMilliseconds: wall) }
        self.relay = Self.makeRelay(loops: self.loops, seed: seed, life: 0, log: self.log, clock: self.clock)
        for name in 0..<6 { self.players.append(ResumingPlayer(room: "r\(name % 2)", name: name, seed: seed)) }
    }

    private static func makeRelay(
        loops: Int,
        seed: UInt64,
        life: UInt64,
        log: MemoryMessageLog?,
        clock: ManualClock
    ) -> SimulatedRelay {
        var outbound = OutboundLimits()
        outbound.softBytes = 600
        outbound.hardBytes = 1_600
        outbound.chunkBytes = 300
        var limits = RelayLimits()
        limits.mailboxBytes = seed % 2 == 0 ? 1_000 : 1 << 20
        let policy = RoomPolicy(
            presence: seed % 3 == 0,
            linger: .seconds(1_000),
            history: HistoryLimits(messages: seed % 5 == 0 ? 20 : 100_000, bytes: 1 << 30, age: .seconds(100_000)),
            resumeGrace: .seconds(600)
        )
        return SimulatedRelay(
            loops: loops,
            seed: seed &+ life &* 1_000_003,
            limits: limits,
            outbound: outbound,
            log: log,
            clock: clock,
            directory: { _ in policy }
        )
    }

    func run(_ tally: inout Tally) {
        for _ in 0..<120 { self.act() }
        self.finish()
        self.judge(&tally)
    }

    private func act() {
        for _ in 0..<Int.random(in: 0...8, using: &self.random) {
            if Int.random(in: 0..<4, using: &self.random) == 0 { self.log?.deliver() } else { _ = self.relay.step() }
        }
        let player = self.players.randomElement(using: &self.random)!
        player.pump()
        player.read()
        guard player.isOpen else { return self.connect(player) }
        switch Int.random(in: 0..<40, using: &self.random) {
        case 0...2: player.lose()
        case 3: player.abandon()
        case 4: player.close()
        case 5: player.loseGhosts()
        case 6...9: player.open(Int.random(in: 0...400, using: &self.random))
        case 10, 11: player.open(nil)
        case 12: player.send(#"{"type":"gavel.ping"}"#)
        case 13: player.send("rubbish")
        case 14 where self.log != nil: self.crash()
        case 15 where self.log != nil: self.stop()
        case 16 where Int.random(in: 0..<3, using: &self.random) == 0: self.log?.fail(MessageLogError(.full, "full"))
        case 17, 18: self.log?.fail(nil)
        default: for _ in 0..<Int.random(in: 1...5, using: &self.random) { player.say() }
        }
    }

    private func connect(_ player: ResumingPlayer) {
        player.lose()
        let loop = Int.random(in: 0..<self.loops, using: &self.random)
        let isSlow = Int.random(in: 0..<4, using: &self.random) == 0
        player.connect(to: self.relay, on: loop, window: isSlow ? 500 : nil)
    }

    private func crash() {
        self.crashes += 1
        self.log!.crash()
        self.restart()
    }

    private func stop() {
        self.log!.fail(nil)
        self.stops += 1
        for loop in self.relay.loops { loop.beginDrain() }
        self.settle()
        for loop in self.relay.loops { loop.sleep {} }
        self.settle()
        for loop in self.relay.loops { loop.sayFarewell() }
        self.settle()
        self.log!.crash()
        self.restart()
    }

    private func restart() {
        for player in self.players { player.loseRelay() }
        self.lives += 1
        self.relay = Self.makeRelay(
            loops: self.loops,
            seed: self.seed,
            life: self.lives,
            log: self.log,
            clock: self.clock
        )
    }

    private func settle() {
        repeat { self.relay.settle() } while self.log?.deliver() ?? false
    }

    private func finish() {
        self.log?.fail(nil)
        for player in self.players { player.loseGhosts() }
        for _ in 0..<100 {
            for player in self.players {
                player.read()
                if !player.isOpen { self.connect(player) }
                player.open(nil)
                player.pump()
            }
            self.settle()
        }
        for player in self.players { player.finish() }
    }

    private func judge(_ tally: inout Tally) {
        let (places, violations) = self.players.agree()
        self.violations += violations
        for player in self.players {
            tally.recoveries += player.recoveries
            tally.failures += player.closedUnavailable
            tally.reasons.merge(player.reasons, uniquingKeysWith: +)
        }
        self.judgeMarks(places, &tally)
        tally.messages += places.count
        tally.crashes += self.crashes
        tally.stops += self.stops
    }

    /// Whether every message was taken as often as it should be.
    private func judgeMarks(_ places: [OrderChecker.Place: [UInt8]], _ tally: inout Tally) {
        // What a relaxed log loses is lost, and what was seen before that is sent again.
        let hasFailed = self.crashes > 0 || self.players.contains { $0.closedUnavailable > 0 }
        if self.log?.durability == .relaxed, hasFailed { return }
        // A short history hides from all what was taken while all were away.
        let isEachKnown = self.seed % 5 != 0
        self.violations += self.players.judgeMarks(places, isEachKnown: isEachKnown)
        if isEachKnown { tally.certain += self.players.map(\.certain.count).reduce(0, +) }
    }
}
