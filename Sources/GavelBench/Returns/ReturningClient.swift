/// A client that is in a room, loses it with the relay, and comes back. Confined to the run's event loop.
final class ReturningClient: LinkOwner {
    let number: Int
    let room: Int
    private(set) var session: PlayerSession
    private(set) var isPresent = false
    /// Sessions that are over, and the one that is not.
    var lives: [TortureCheck.Life] { self.session.life == 0 ? [] : self.pastLives + [self.life(isAlive: true)] }
    private var pastLives: [TortureCheck.Life] = []
    private let run: ReturnsRun
    private var link: PlayerLink?

    init(number: Int, room: Int, run: ReturnsRun) {
        self.number = number
        self.room = room
        self.run = run
        self.session = PlayerSession(player: number)
    }

    func connect() {
        self.link = self.run.connect(self)
    }

    func say() {
        let text = self.session.note(padding: 40)
        self.link?.send(text)
    }

    /// Ends the connection without a word.
    func drop() {
        let link = self.link
        // What the end calls is not to find it.
        self.link = nil
        self.isPresent = false
        link?.drop()
    }

    // MARK: The connection

    func opened(_ link: PlayerLink) {
        guard link === self.link else { return }
        self.run.opened()
        let last = self.run.check.views[self.number]?.last ?? 0
        link.send(self.session.join(room: "returns-\(self.room)", last: last, history: 0))
    }

    func receive(_ text: [UInt8], on link: PlayerLink) {
        guard link === self.link else { return }
        guard let message = text.withUnsafeBytes({ RelayMessage($0) }) else {
            return self.run.check.findings.note(
                .malformed,
                "client \(self.number) got \(TorturePlayer.excerpt(text))"
            )
        }
        switch message.type {
        case "joined": self.joined(message, on: link)
        case "closing": self.run.askedToReturn(inMilliseconds: message.reconnectMilliseconds ?? 0)
        case "error" where !self.isPresent && message.code == "unavailable":
            self.drop()
            self.run.triedInVain(self, "the join was answered unavailable")
        case "error":
            self.run.check.findings.note(.refusal, "client \(self.number) was answered \(message.code ?? "")")
        default:
            guard let number = message.number else { return }
            self.run.check.receive(self.number, number: number, text: text) {
                RoomHistory.Message(text: text, values: message.values, presence: message.presence)
            }
        }
    }

    func ended(_ link: PlayerLink, code: Int?, failure: String?) {
        guard link === self.link else { return }
        if let failure { self.run.check.findings.note(.malformed, "client \(self.number): \(failure)") }
        self.link = nil
        let wasPresent = self.isPresent
        self.isPresent = false
        let how = code.map { "closed with \($0)" } ?? "ended without a close frame"
        if wasPresent {
            self.run.lost(self, how)
        } else {
            self.run.triedInVain(self, link.hasOpened ? "the connection was \(how)" : "no connection could be made")
        }
    }

    // MARK: The session

    private func joined(_ message: RelayMessage, on link: PlayerLink) {
        let past = self.session.life > 0 ? self.life(isAlive: false) : nil
        let last = message.number ?? 0
        let entry = self.session.enter(message)
        self.isPresent = true
        switch entry {
        case .wrong(let what):
            self.run.check.findings.note(.resume, "client \(self.number): \(what)")
        case .new:
            self.begin(after: nil, last: last)
        case .returned(let outcome, let handled):
            self.run.returned(self, outcome, epoch: self.session.epoch, last: last)
            if outcome == .over {
                self.begin(after: past, last: last)
            } else {
                for text in self.session.sent[handled...] { link.send(text) }
            }
        }
        self.run.joined()
    }

    private func begin(after past: TortureCheck.Life?, last: UInt64) {
        if let past { self.pastLives.append(past) }
        self.run.check.join(self.number, room: self.room, epoch: self.session.epoch, last: last)
    }

    private func life(isAlive: Bool) -> TortureCheck.Life {
        TortureCheck.Life(series: self.session.series, room: self.room, sent: self.session.said, isAlive: isAlive)
    }
}

@available(*, unavailable)
extension ReturningClient: Sendable {}
