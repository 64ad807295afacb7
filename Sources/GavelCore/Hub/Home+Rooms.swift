internal import NIOCore

extension Home {
    /// Finds a room, or makes it.
    mutating func place(for key: RoomKey) -> Result<Int, MessageError> {
        if let place = self.places[key] { return .success(place) }
        guard let policy = self.environment.directory(key) else { return .failure(.unlisted) }
        guard self.environment.takeRoom() else { return .failure(.tooManyRooms) }
        guard let room = self.makeRoom(key, policy) else {
            self.environment.returnRoom()
            return .failure(.rulesUnavailable)
        }
        let place = self.freePlaces.popLast() ?? self.rooms.count
        if place == self.rooms.count { self.rooms.append(room) } else { self.rooms[place] = room }
        self.places[key] = place
        if self.rooms[place].hasRules { self.settle(place) }
        self.lingering[place] = self.moment.now
        return .success(place)
    }

    /// - Returns: `nil` where the rules do not start; they have said why in the log.
    private func makeRoom(_ key: RoomKey, _ policy: RoomPolicy) -> Room? {
        var rules: (any RoomRules)?
        var outcome = HookOutcome(.relay)
        if let provider = policy.rules {
            guard let made = try? provider.makeRules(for: key) else { return nil }
            outcome = made.create(context: self.moment.context)
            guard outcome.verdict != .failed else { return nil }
            rules = made
        }
        var room = Room(
            key: key,
            policy: policy,
            epoch: self.environment.makeEpoch(),
            rules: rules,
            loops: self.loops,
            pool: self.pool
        )
        if let rules { room.apply(effects: 0..<outcome.effectCount, of: rules) }
        return room
    }

    /// Notes that nobody is in a room, and ends it where it does not linger.
    mutating func noteEmpty(_ place: Int) {
        if self.lingering[place] == nil { self.lingering[place] = self.moment.now }
        let isOver = self.rooms[place].policy.linger == .zero || self.rooms[place].closeReason != nil
        if isOver, self.rooms[place].isIdle { self.end(place) }
    }

    /// Ends rooms that have been empty for their linger, as many as a tick has time for.
    /// - Returns: Whether there are more.
    mutating func endRooms(at moment: Moment) -> Bool {
        guard !self.lingering.isEmpty else { return false }
        self.moment = moment
        let start = self.environment.clock.monotonic()
        let due = self.lingering.filter { place, since in
            self.rooms[place].isIdle && since + TimeAmount(self.rooms[place].policy.linger) <= moment.now
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
        for place in self.places.values { self.rooms[place].trimHistory(at: moment.now) }
    }

    private mutating func end(_ place: Int) {
        self.rooms[place].end(context: self.moment.context)
        if self.places[self.rooms[place].key] == place { self.places[self.rooms[place].key] = nil }
        self.lingering[place] = nil
        // Frees the rules; the place is taken by another room later.
        self.rooms[place] = Room.vacant(pool: self.pool)
        self.freePlaces.append(place)
        self.environment.returnRoom()
    }
}
