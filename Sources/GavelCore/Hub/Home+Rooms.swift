internal import NIOCore

extension Home {
    /// Finds a room, or makes it.
    mutating func place(for key: RoomKey) -> Result<Int, MessageError> {
        if let place = self.places[key] { return .success(place) }
        guard let policy = self.settings.directory(key) else { return .failure(.unlisted) }
        guard self.environment.takeRoom(most: self.settings.limits.rooms) else { return .failure(.tooManyRooms) }
        self.renewMoment()
        let room: Room
        if self.environment.log != nil, policy.isLogged {
            room = self.makeOpening(key, policy)
        } else if let made = try? self.makeRoom(key, policy, life: 0, stored: nil) {
            room = made
        } else {
            self.environment.returnRoom()
            return .failure(.rulesUnavailable)
        }
        let place = self.freePlaces.popLast() ?? self.rooms.count
        if place == self.rooms.count { self.rooms.append(room) } else { self.rooms[place] = room }
        self.places[key] = place
        if room.isOpening {
            let history = policy.history ?? HistoryLimits(messages: 0, bytes: 0, age: .zero)
            self.openings.append(Opening(place: place, key: key, life: room.logging.life, history: history))
        } else if self.rooms[place].hasRules {
            self.settle(place)
        }
        self.lingering[place] = self.moment.now
        return .success(place)
    }

    /// What takes joins in until the log has answered.
    private func makeOpening(_ key: RoomKey, _ policy: RoomPolicy) -> Room {
        var room = Room(
            key: key,
            policy: policy,
            epoch: [],
            rules: nil,
            life: self.environment.nextLife(),
            loops: self.loops,
            pool: self.pool
        )
        room.isOpening = true
        room.meters = self.meters
        return room
    }

    /// - Parameters:
    ///   - life: For the log; 0: the room is not kept in one.
    ///   - stored: What the log keeps; `nil`: the room is new.
    /// - Returns: `nil` where the rules do not start; they have said why in the log.
    mutating func makeRoom(_ key: RoomKey, _ policy: RoomPolicy, life: UInt64, stored: StoredRoom?) throws -> Room? {
        let record = try stored.map { try RoomRecord($0) }
        let context = self.moment.context(lastID: stored?.lastID ?? 0)
        guard let begun = try self.beginRules(key, policy, life: life, record, context) else { return nil }
        var room = Room(
            key: key,
            policy: policy,
            epoch: stored.flatMap { $0.isWhole ? $0.epoch : nil } ?? self.environment.makeEpoch(),
            rules: begun.rules,
            life: life,
            loops: self.loops,
            pool: self.pool
        )
        room.meters = self.meters
        room.showsVersion = self.settings.showsVersions
        room.recorder = begun.recorder
        if let stored, let record {
            let deadline = self.lastGivenUp + TimeAmount(policy.resumeGrace ?? .zero)
            try room.restore(stored, record, until: deadline, at: self.moment)
        }
        if let rules = begun.rules { room.apply(effects: 0..<begun.outcome.effectCount, of: rules) }
        if stored != nil, let rules = begun.rules as? ObservedRules {
            rules.tell(room.beginning(.woken, context: self.moment.context))
        }
        return room
    }

    /// Makes the rules of a room that begins or is taken up again.
    /// - Parameter context: With the last number given in the room.
    /// - Returns: What they did as they began; `nil` where they do not start.
    private mutating func beginRules(
        _ key: RoomKey,
        _ policy: RoomPolicy,
        life: UInt64,
        _ record: RoomRecord?,
        _ context: HookContext
    ) throws -> (rules: (any RoomRules)?, recorder: RoomRecorder?, outcome: HookOutcome)? {
        var made: (any RoomRules)?
        if let provider = policy.rules {
            guard let rules = try? provider.makeRules(for: key) else { return nil }
            if life != 0 { rules.recordChanges() }
            if let record { try self.restore(rules, record, context) }
            made = rules
        }
        let recorder = self.makeRecorder(key, policy.recording)
        guard let rules = self.observed(made, of: key, by: recorder) else { return (nil, nil, HookOutcome(.relay)) }
        guard record?.rulesCopy != nil || record != nil && policy.rules == nil else {
            if let rules = rules as? ObservedRules {
                rules.tell(RulesBeginning(.created, key, of: policy.rules, rules.inner, clients: [], context: context))
            }
            let outcome = rules.create(context: context)
            guard outcome.verdict != .failed else {
                recorder?.flush()
                return nil
            }
            return (rules, recorder, outcome)
        }
        guard let kept = record?.rulesVersion, let provider = policy.rules, kept.identity != provider.identity else {
            return (rules, recorder, HookOutcome(.relay))
        }
        do {
            let successor = try self.takeOver(rules, from: kept.version, context: context)
            self.noteReload(successor, by: rules)
            return (rules, recorder, successor.outcome)
        } catch {
            self.tellRefusal(key, from: kept.version, to: provider, error.text)
            return nil
        }
    }

    private func restore(_ rules: any RoomRules, _ record: RoomRecord, _ context: HookContext) throws {
        let clients = record.clients.sorted { $0.key < $1.key }.map { RestoredClient(id: $0.key, name: $0.value.name) }
        let copy = record.rulesCopy ?? []
        // The bytes must stay where they are while the rules read them.
        let all = record.rulesChanges.flatMap { $0 }
        try copy.withUnsafeBytes { copy in
            try all.withUnsafeBytes { all in
                var start = 0
                let changes = record.rulesChanges.map { part in
                    defer { start += part.count }
                    return UnsafeRawBufferPointer(rebasing: all[start..<start + part.count])
                }
                try rules.restore(
                    clients,
                    copy: record.rulesCopy == nil ? nil : copy,
                    changes: changes,
                    context: context
                )
            }
        }
    }

    /// Notes that nobody is in a room, and ends it where it does not linger.
    mutating func noteEmpty(_ place: Int) {
        if self.lingering[place] == nil { self.lingering[place] = self.moment.now }
        let isOver = self.rooms[place].policy.linger == .zero || self.rooms[place].isOver
        let isHeld = self.rooms[place].refusesUntil.map { $0 > self.moment.now } ?? false
        if isOver, !isHeld, self.rooms[place].isIdle { self.end(place) }
    }

    /// Ends rooms that have been empty for their linger, as many as a tick has time for.
    /// - Returns: Whether there are more.
    mutating func endRooms(at moment: Moment) -> Bool {
        guard !self.lingering.isEmpty else { return false }
        self.moment = moment
        let start = self.environment.clock.monotonic()
        let due = self.lingering.filter { place, since in
            let end = self.rooms[place].refusesUntil ?? since + TimeAmount(self.rooms[place].policy.linger)
            return self.rooms[place].isIdle && end <= moment.now
        }
        for (index, place) in due.keys.enumerated() {
            self.end(place)
            let spent = self.environment.clock.monotonic() - start
            if spent.nanoseconds >= Int64(self.share.nanoseconds), index + 1 < due.count { return true }
        }
        return false
    }

    /// Forgets what rooms keep for too long.
    mutating func trimHistories(at moment: Moment) {
        // What was promised in this tick is still to be found.
        for place in self.places.values where self.rooms[place].patches.replays.isEmpty {
            self.rooms[place].trimHistory(at: moment.now)
        }
    }

    private mutating func end(_ place: Int) {
        self.rooms[place].end(context: self.moment.context)
        self.noteEnd(of: place)
        if self.rooms[place].changes != nil, self.rooms[place].failure == nil {
            self.entries.append(self.rooms[place].lastEntry)
        }
        if self.places[self.rooms[place].key] == place { self.places[self.rooms[place].key] = nil }
        self.lingering[place] = nil
        self.awayPlaces.remove(place)
        self.probationPlaces.remove(place)
        // Frees the rules; the place is taken by another room later.
        self.rooms[place] = Room.vacant(pool: self.pool)
        self.freePlaces.append(place)
        self.environment.returnRoom()
    }
}
