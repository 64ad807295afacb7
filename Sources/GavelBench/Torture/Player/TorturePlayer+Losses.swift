import NIOCore

/// Losing connections, and making new ones.
extension TorturePlayer {
    /// Longer than any client should need to come back, in nanoseconds.
    private static let patience: UInt64 = 8_000_000_000
    /// Ends of connections after which a client comes back, and that have a reason here.
    private static let usualCodes = [1001, 4002, 4003]

    /// A connection ended that this side did not give up, or could not be made.
    /// - Parameter code: Of the close frame; `nil`: none came.
    func ended(_ link: PlayerLink, code: Int?, failure: String?) {
        guard !link.isGivenUp, !self.run.isOver else { return }
        if let failure { self.run.check.findings.note(.malformed, "client \(self.number): \(failure)") }
        if link === self.older { return self.olderEnded(link, code: code) }
        guard link === self.link else { return }
        if link.hasOpened {
            self.run.tally.ends[code, default: 0] += 1
        } else {
            self.run.tally.vainConnections += 1
        }
        if let code, !Self.usualCodes.contains(code) {
            self.run.check.findings.note(.closed, "client \(self.number): its connection was closed with \(code)")
            if code == 1000 || code >= 4500 { self.endSession() }
        }
        // Whether the relay has heard it is not known.
        if self.phase == .leaving { self.endSession() }
        self.lose(for: self.askedDelay ?? self.backOff())
        self.askedDelay = nil
    }

    /// The client is without a connection, and makes another one later.
    func lose(for delay: Duration) {
        self.link = nil
        self.older?.drop()
        self.older = nil
        self.phase = .away
        let since = self.awaySince ?? self.run.now()
        self.awaySince = since
        if self.run.now() - since > Self.patience {
            self.run.check.findings.note(.stuck, "client \(self.number) could not come back for 8 seconds")
            self.awaySince = nil
        }
        self.run.after(delay) { [weak self] in
            guard let self, self.link == nil else { return }
            self.connect()
        }
    }

    /// More the more often it was of no use, with a random part, so that not all come at once.
    func backOff() -> Duration {
        self.failures += 1
        return .milliseconds(Int.random(in: 5...(40 * min(self.failures, 8)), using: &self.random))
    }

    // MARK: Two connections

    /// Another connection is to take the place of the one that is there.
    func openAnother(readingTheFirst isReading: Bool) {
        self.older = self.link
        self.older?.setReading(isReading)
        self.awaitsReplacement = false
        self.echoes = isReading ? 0 : 3
        self.phase = .away
        self.link = nil
        self.connect()
    }

    /// The newer connection has the client's place.
    func newerJoined() {
        guard let older = self.older else { return }
        // Who does not read does not hear of it either.
        self.awaitsReplacement = self.echoes == 0
        let limit = self.awaitsReplacement ? Duration.seconds(6) : self.random.around(.seconds(1))
        self.run.after(limit) { [weak self] in
            guard let self, self.older === older else { return }
            if self.awaitsReplacement {
                self.run.check.findings.note(.closed, "client \(self.number): the replaced connection was not closed")
            }
            older.drop()
            self.older = nil
        }
    }

    private func olderEnded(_ link: PlayerLink, code: Int?) {
        self.older = nil
        guard self.awaitsReplacement else {
            // It ended by itself, or this side has not heard of the newer one's success yet.
            if code == 4505, self.phase == .away {
                self.run.check.findings.note(
                    .closed,
                    "client \(self.number): 4505 came before a newer one asked to join"
                )
            }
            return
        }
        self.run.tally.replaced += 1
        let relayEnded = self.run.relay.kills > link.kills || self.run.relay.stops > link.stops
        if code == 4505 || relayEnded || code.map(Self.usualCodes.contains) ?? false { return }
        let how = code.map { "with \($0)" } ?? "without a close frame"
        self.run.check.findings.note(.closed, "client \(self.number): the replaced connection ended \(how)")
    }
}
