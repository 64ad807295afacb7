import NIOCore

/// A client that plays, loses its connection in every way, and comes back. Confined to the run's event loop.
final class TorturePlayer: LinkOwner {
    enum Phase {
        /// Not in the room; perhaps a connection is being made.
        case away
        /// The join is on its way.
        case joining
        case playing
        /// `leave` is on its way.
        case leaving
    }

    let number: Int
    let room: TortureRoom
    let run: TortureRun
    var session: PlayerSession
    var random: TortureRandom
    var phase = Phase.away
    /// The connection that counts, or is going to.
    var link: PlayerLink?
    /// A connection that still lives while another takes its place.
    var older: PlayerLink?
    /// Whether the older connection must be told that it was replaced.
    var awaitsReplacement = false
    /// How many messages more go over the older connection too, where nothing must take them.
    var echoes = 0
    /// Sessions that are over.
    private(set) var pastLives: [TortureCheck.Life] = []
    /// The relay's kills and stops before the last connection that was in the room.
    private var kills = 0
    private var stops = 0
    private var askedHistory: UInt64 = 0
    var failures = 0
    /// When it lost its place, in nanoseconds; `nil`: it has it, or was told to be patient.
    var awaySince: UInt64?
    /// What the relay asked for before the next connection.
    var askedDelay: Duration?

    init(number: Int, room: TortureRoom, run: TortureRun) {
        self.number = number
        self.room = room
        self.run = run
        self.session = PlayerSession(player: number)
        self.random = TortureRandom(seed: run.plan.seed &* 1_000_003 &+ UInt64(number))
    }

    /// Whether the client is in its room, on one connection.
    var isSettled: Bool { self.phase == .playing && self.older == nil }

    /// All its sessions.
    var lives: [TortureCheck.Life] { self.session.life == 0 ? [] : self.pastLives + [self.life(isAlive: true)] }

    private func life(isAlive: Bool) -> TortureCheck.Life {
        TortureCheck.Life(
            series: self.session.series,
            room: self.room.number,
            sent: self.session.said,
            isAlive: isAlive && self.session.secret != nil
        )
    }

    /// The session is over on purpose.
    func endSession() {
        self.session.end()
    }

    // MARK: Joining

    func connect() {
        guard !self.run.isOver, self.phase == .away else { return }
        self.link = self.run.connect(self)
    }

    func opened(_ link: PlayerLink) {
        guard link === self.link, !link.isGivenUp else { return }
        self.join(on: link)
    }

    private func join(on link: PlayerLink) {
        self.phase = .joining
        let last = self.run.check.views[self.number]?.last ?? 0
        self.askedHistory = self.session.secret == nil && self.random.chance(0.3) ? 20 : 0
        link.send(self.session.join(room: self.room.key, last: last, history: self.askedHistory))
    }

    private func joined(_ message: RelayMessage, on link: PlayerLink) {
        guard message.session != nil else {
            return self.run.fail(
                "The relay gives no session to a join with \"resume\":true, so nobody can come back: it is too old."
            )
        }
        let past = self.session.life > 0 ? self.life(isAlive: false) : nil
        let last = message.number ?? 0
        switch self.session.enter(message) {
        case .wrong(let what):
            self.run.check.findings.note(.resume, "client \(self.number): \(what)")
            self.session.end()
            link.reset()
            return self.lose(for: .milliseconds(100))
        case .new:
            self.begin(after: past, last: last)
        case .returned(let outcome, let handled):
            self.judge(outcome, last: last)
            if outcome == .over {
                self.begin(after: past, last: last)
            } else {
                for text in self.session.sent[handled...] { link.send(text) }
                self.run.tally.sentAgain += UInt64(self.session.sent.count - handled)
            }
        }
        (self.kills, self.stops) = (link.kills, link.stops)
        self.phase = .playing
        self.failures = 0
        self.awaySince = nil
        self.newerJoined()
    }

    private func begin(after past: TortureCheck.Life?, last: UInt64) {
        if let past { self.pastLives.append(past) }
        self.run.check.join(
            self.number,
            room: self.room.number,
            epoch: self.session.epoch,
            last: last,
            history: self.askedHistory
        )
    }

    private func judge(_ outcome: ResumeOutcome, last: UInt64) {
        self.run.tally.resumes[outcome, default: 0] += 1
        self.run.check.comeBack(
            self.number,
            epoch: self.session.epoch,
            last: last,
            outcome: outcome,
            circumstances: ResumeCircumstances(
                durability: self.run.plan.durability,
                hasShortHistory: self.room.kind == .short,
                wasKilled: self.run.relay.kills > self.kills,
                wasStopped: self.run.relay.stops > self.stops
            )
        )
    }

    // MARK: Receiving

    func receive(_ text: [UInt8], on link: PlayerLink) {
        // What comes to a client that has given the connection up is nobody's.
        guard !link.isGivenUp, !self.run.isOver else { return }
        guard let message = text.withUnsafeBytes({ RelayMessage($0) }) else {
            return self.run.check.findings.note(.malformed, "client \(self.number) got \(Self.excerpt(text))")
        }
        // Until the newer connection asks to take the place, the older one has it.
        let counts = link === (self.older != nil && self.phase == .away ? self.older : self.link)
        switch message.type {
        case "joined" where link === self.link && self.phase == .joining: self.joined(message, on: link)
        case "left" where link === self.link && self.phase == .leaving:
            self.endSession()
            self.join(on: link)
        case "joined", "left":
            self.run.check.findings.note(.malformed, "client \(self.number) got \(Self.excerpt(text))")
        case "error": self.refused(message, on: link)
        case "closing": self.askedDelay = .milliseconds(Int64(min(message.reconnectMilliseconds ?? 0, 300)))
        default:
            if let number = message.number {
                self.take(number, message, text, counts: counts)
            } else if let author = message.author, let count = message.moved, counts {
                let key = message.key ?? "cursor of \(author)"
                self.run.check.receiveLatest(self.number, key: key, .init(author: author, count: count))
            }
        }
    }

    private func take(_ number: UInt64, _ message: RelayMessage, _ text: [UInt8], counts: Bool) {
        let parse = { RoomHistory.Message(text: text, values: message.values, presence: message.presence) }
        if counts {
            self.run.check.receive(self.number, number: number, text: text, parse)
        } else {
            let epoch = self.run.check.views[self.number]?.epoch ?? ""
            self.run.check.glimpse(self.number, epoch: epoch, number: number, text: text, parse)
        }
    }

    private func refused(_ message: RelayMessage, on link: PlayerLink) {
        let code = message.code ?? ""
        switch (code, message.reason) {
        case ("bad_message", _), ("unknown_type", _), ("rejected", "on_purpose"?):
            self.run.tally.refused += 1
        case ("not_joined", _) where link !== self.link:
            // The newer connection has the place, which this side has not heard yet.
            self.run.tally.refused += 1
        case ("unavailable", _) where link === self.link && self.phase == .joining:
            // The relay is going away, or has no room for now: to be tried again.
            self.run.tally.refusedJoins += 1
            link.drop()
            self.lose(for: self.backOff())
        default:
            let reason = message.reason.map { " (\($0))" } ?? ""
            self.run.check.findings.note(.refusal, "client \(self.number) was answered \(code)\(reason)")
        }
    }

    static func excerpt(_ text: [UInt8]) -> String {
        String(decoding: text.prefix(160), as: UTF8.self)
    }
}

@available(*, unavailable)
extension TorturePlayer: Sendable {}
