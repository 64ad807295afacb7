import NIOCore

/// The end of a torture: peace, a few last words, and a look at what everybody has.
extension TortureRun {
    private static let pollInterval = Duration.milliseconds(50)
    /// How long it may take until everybody is back, and until everybody has everything.
    private static let limit = Duration.seconds(20)

    func settle() {
        guard self.isRaging else { return }
        self.stage = .settling
        self.wait(until: { $0.players.allSatisfy(\.isSettled) }) { $0.sayFarewells() }
    }

    /// A third of the clients lose their connections, the others speak, the third comes back and speaks.
    private func sayFarewells() {
        let third = self.players.filter { $0.number % 3 == 0 }
        let others = self.players.filter { $0.number % 3 != 0 }
        for player in third { player.beReset(for: .milliseconds(600)) }
        self.after(.milliseconds(200)) { [weak self] in
            guard let self else { return }
            for player in others { player.sayFarewell() }
            self.after(.milliseconds(500)) { [weak self] in
                self?.wait(until: { $0.players.allSatisfy(\.isSettled) }) { run in
                    for player in third { player.sayFarewell() }
                    // Those whose time to come back is not over count as members, though nobody comes back for them.
                    let grace = run.plan.durability == .strict ? TorturePlan.grace : .zero
                    run.wait(until: { $0.isQuiet }, atMost: Self.limit + grace) { $0.finish() }
                }
            }
        }
    }

    private func wait(
        until holds: @escaping (TortureRun) -> Bool,
        atMost limit: Duration = TortureRun.limit,
        then next: @escaping (TortureRun) -> Void
    ) {
        guard !self.isOver else { return }
        guard limit > .zero, !holds(self) else { return next(self) }
        self.after(Self.pollInterval) { [weak self] in
            self?.wait(until: holds, atMost: limit - Self.pollInterval, then: next)
        }
    }

    /// Whether everybody has everything.
    private var isQuiet: Bool {
        guard self.players.allSatisfy(\.isSettled) else { return false }
        let allTaken = self.players.allSatisfy { player in
            self.check.rooms[player.room.number]?.highest[player.session.series] ?? 0 == player.session.said
        }
        guard allTaken else { return false }
        var check = self.check
        check.finish(lives: [], latest: self.latest, members: self.members)
        return check.findings[.stuck] + check.findings[.outdated] + check.findings[.presence]
            == self.check.findings[.stuck] + self.check.findings[.outdated] + self.check.findings[.presence]
    }

    func finish() {
        guard !self.isOver else { return }
        if self.failure == nil {
            for player in self.players where !player.isSettled {
                self.check.findings.note(.stuck, "client \(player.number) was not back at the end")
            }
            self.check.finish(lives: self.players.flatMap(\.lives), latest: self.latest, members: self.members)
        }
        self.stage = .over
        for player in self.players { player.link?.drop() }
        guard self.relay.isRunning else { return self.complete() }
        if self.failure == nil { self.relay.stop(within: Self.stopLimit) } else { self.relay.kill() }
    }

    /// By room and key, what its only sender sent last.
    private var latest: [Int: [String: ClientView.Latest?]] {
        var latest: [Int: [String: ClientView.Latest?]] = [:]
        for player in self.players {
            for key in player.session.ownKeys {
                let value = player.session.latest[key].map {
                    ClientView.Latest(author: player.session.author, count: $0)
                }
                if let value { latest[player.room.number, default: [:]][key] = value }
            }
            latest[player.room.number, default: [:]].updateValue(nil, forKey: PlayerSession.sharedKey)
        }
        return latest
    }

    /// By room, the clients in it. A kill may bring back members that had left, where not all was kept.
    private var members: [Int: Set<UInt64>] {
        guard self.plan.durability == .strict else { return [:] }
        var members: [Int: Set<UInt64>] = [:]
        for player in self.players where player.room.kind == .whole {
            members[player.room.number, default: []].insert(player.session.clientID)
        }
        return members
    }
}
