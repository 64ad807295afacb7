internal import NIOCore

/// Rooms that follow other settings.
extension Home {
    /// Rooms of a tick, at most: whose rules are exchanged, and that are looked at; and the time after which no other is
    /// begun.
    private static let reloadsInTick = 8
    private static let looksInTick = 256
    private static let reloadTime = TimeAmount.milliseconds(2)

    /// Rooms that begin from now on do so under these.
    mutating func take(_ settings: RelaySettings) {
        self.settings = settings
        self.share = settings.share
    }

    /// Lets some rooms follow, or try it.
    mutating func goOn(_ reload: inout Reload, at moment: Moment) {
        if self.isAsleep { return }
        self.begin(moment)
        let start = self.moment.now
        let former = reload.report.tried
        for _ in 0..<Self.looksInTick {
            guard let key = reload.nextKey() else { return }
            // It may have ended since.
            if let place = self.places[key] { self.follow(&reload, place, key) }
            if reload.report.tried - former >= Self.reloadsInTick { return }
            if self.moment.now - start >= Self.reloadTime { return }
        }
    }

    private mutating func follow(_ reload: inout Reload, _ place: Int, _ key: RoomKey) {
        if reload.kind == .adoption { self.releaseRefused(place) }
        guard let policy = reload.settings.directory(key), !self.rooms[place].isOver else {
            reload.report.unchanged += 1
            return
        }
        let isAdopted = reload.kind == .adoption
        if isAdopted {
            self.rooms[place].showsVersion = reload.settings.showsVersions
            self.rooms[place].take(policy)
            self.followRecording(place)
            self.markDirty(place)
        }
        // Rules that are still to begin are made by then.
        if self.rooms[place].isOpening {
            if isAdopted { self.rooms[place].policy.rules = policy.rules }
            reload.report.unchanged += 1
            return
        }
        if self.followFromPromotion(&reload, place, to: policy.rules) { return }
        switch (self.rooms[place].policy.rules, policy.rules) {
        case (nil, nil): reload.report.unchanged += 1
        case (let old?, let new?) where old.name == new.name:
            if old.identity == new.identity {
                reload.report.unchanged += 1
            } else if self.rooms[place].refusedIdentity == new.identity {
                reload.report.noteReturned(key)
            } else {
                self.exchange(&reload, place, from: old, to: new)
            }
        default:
            reload.report.unchanged += 1
            if reload.report.kept.count < ReloadReport.most { reload.report.kept.append(key) }
        }
    }

    /// Gives a room other rules, or tries whether it could have them.
    /// - Parameter kind: The rules of its kind, where those are others.
    mutating func exchange(
        _ reload: inout Reload,
        _ place: Int,
        from old: any RulesProvider,
        to new: any RulesProvider,
        besides kind: (any RulesProvider)? = nil
    ) {
        self.moment.now = self.environment.clock.monotonic()
        let start = self.moment.now
        do {
            let clients = self.rooms[place].clientsOfRules
            let copy = try self.copyRules(of: place)
            let successor = try self.makeRules(new, of: place, clients: clients, copy: copy, from: old.version)
            reload.report.changed += 1
            guard reload.kind == .adoption else {
                self.charge(place)
                return
            }
            self.counts.reloads += 1
            let probation = Probation(
                reload.settings.probation,
                previous: old,
                copy: copy,
                clients: clients,
                lastID: self.rooms[place].lastID,
                endedPromotion: kind == nil && self.rooms[place].leftRules != nil,
                at: self.moment.now
            )
            self.rooms[place].leftRules = kind
            self.replaceRules(of: place, by: successor, of: new)
            self.noteBeginning(of: place, .reloaded)
            self.rooms[place].refusedIdentity = nil
            self.setProbation(probation, of: place)
            self.settle(place)
        } catch {
            reload.report.refuse(self.rooms[place].key, error.text)
            if reload.kind == .adoption { self.counts.refusedReloads += 1 }
            self.charge(place)
            reload.refusedTime += self.moment.now - start
        }
    }

    // MARK: Other rules for a room

    /// Rules that can take over.
    struct Successor {
        let rules: any RoomRules
        /// Of their `on_reload`.
        let outcome: HookOutcome
        /// `nil`: it was not run.
        let from: String?
        let context: HookContext
        let nanoseconds: UInt64
    }

    /// All that a room's rules keep by now.
    mutating func copyRules(of place: Int) throws(RulesRefusal) -> [UInt8] {
        self.markDirty(place)
        guard let copy = self.rooms[place].copyRules(at: self.moment.context) else {
            throw RulesRefusal(text: "There is no memory to copy what the room keeps.")
        }
        return copy
    }

    /// Makes rules for a room that has some; nothing of the room changes.
    /// - Parameters:
    ///   - copy: What they go on with, and which clients that is of.
    ///   - version: Whose copy it is; `nil`: of the same version.
    mutating func makeRules(
        _ provider: any RulesProvider,
        of place: Int,
        clients: [RestoredClient],
        copy: [UInt8],
        from version: String?
    ) throws(RulesRefusal) -> Successor {
        let context = self.rooms[place].complete(self.moment.context)
        let made: any RoomRules
        do {
            made = try provider.makeRules(for: self.rooms[place].key)
            if self.rooms[place].changes != nil { made.recordChanges() }
            try copy.withUnsafeBytes { try made.restore(clients, copy: $0, changes: [], context: context) }
        } catch {
            throw RulesRefusal(text: "\(error)")
        }
        if let rules = self.rooms[place].rules {
            made.restoreRates(rules.copyRates())
            made.skipIdentifiers(rules.identifierCount)
        }
        guard let version else {
            return Successor(rules: made, outcome: HookOutcome(.relay), from: nil, context: context, nanoseconds: 0)
        }
        return try self.takeOver(made, from: version, context: context)
    }

    /// Has rules that were given what others kept go on with it.
    func takeOver(
        _ rules: any RoomRules,
        from version: String,
        context: HookContext
    ) throws(RulesRefusal) -> Successor {
        let start = self.environment.clock.monotonic()
        let outcome = try rules.takeOver(from: version, context: context)
        let time = (self.environment.clock.monotonic() - start).nanoseconds
        return Successor(
            rules: rules,
            outcome: outcome,
            from: version,
            context: context,
            nanoseconds: UInt64(max(0, time))
        )
    }

    /// Has a room go on under other rules.
    mutating func replaceRules(of place: Int, by successor: Successor, of provider: any RulesProvider) {
        let key = self.rooms[place].key
        let rules = self.observed(successor.rules, of: key, by: self.rooms[place].recorder)
        self.rooms[place].replaceRules(rules, of: provider)
        self.noteReload(successor, by: rules)
        self.rooms[place].apply(effects: 0..<successor.outcome.effectCount, of: successor.rules)
        self.markDirty(place)
    }
}
