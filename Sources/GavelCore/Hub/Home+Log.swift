internal import NIOCore

/// Rooms that a log keeps.
extension Home {
    /// A room that the log is to be asked for.
    struct Opening {
        var place: Int
        var key: RoomKey
        var life: UInt64
        var history: HistoryLimits
    }

    /// What the log is asked to commit at once, and whose it is.
    struct Append {
        var serial: UInt64
        var entries: [LogEntry]
        var rooms: [(place: Int, life: UInt64, bytes: Int)]
    }

    /// Bytes of all rooms here that the log may be behind by, before each waits until it has caught up with it.
    private static let unansweredLimit = 64 << 20

    private var unansweredBytesOfRoom: Int {
        self.unansweredBytes > Self.unansweredLimit / self.loops ? 0 : self.share.bytes
    }

    /// Whether what the room says waits until it is committed.
    func isGated(_ place: Int) -> Bool { self.isStrict && self.rooms[place].logging.life != 0 }

    /// A room that is to be given up, and connections that were to hear something of it.
    struct Abandoned {
        var place: Int
        var life: UInt64
        var addresses: [MemberAddress]
    }

    /// Ends the tick of a room that the log keeps.
    /// - Returns: `false` where the room is to be given up.
    mutating func flushLogged(
        _ place: Int,
        _ tick: RoomTick?,
        to outgoing: inout ContiguousArray<Outgoing>
    ) -> Bool {
        if self.rooms[place].isOpening { return true }
        guard self.noteEntry(of: place, tick?.batch) else {
            let addresses = tick?.patches.patches.map(\.address) ?? []
            let life = self.rooms[place].logging.life
            self.unsound.append(Abandoned(place: place, life: life, addresses: addresses))
            return false
        }
        let isGated = self.isGated(place)
        let signals = isGated ? self.rooms[place].takeSignals() : []
        guard tick != nil || !signals.isEmpty else { return true }
        outgoing.append(
            Outgoing(
                place: place,
                tick: tick ?? RoomTick(members: [], pausesSenders: self.rooms[place].pausesSenders),
                signals: signals,
                life: self.rooms[place].logging.life,
                append: isGated ? self.rooms[place].logging.lastAppend : 0
            )
        )
        return true
    }

    // MARK: What waits for a commit

    /// Whether something that the room said before waits.
    func isHeld(_ place: Int) -> Bool { self.rooms[place].logging.heldTicks > 0 }

    /// What a room said waits for a commit.
    /// - Returns: What its members' loops are to know at once: whether to read its senders; `nil`: they know.
    mutating func noteHeld(_ outgoing: Outgoing) -> Outgoing? {
        guard let place = outgoing.place, self.rooms[place].logging.life == outgoing.life else { return nil }
        self.rooms[place].noteHeld(outgoing.weight, limitBytes: self.unansweredBytesOfRoom)
        return self.pauseNotice(of: place)
    }

    private mutating func pauseNotice(of place: Int) -> Outgoing? {
        let pauses = self.rooms[place].pausesSenders
        guard pauses != self.rooms[place].logging.toldPause else { return nil }
        self.rooms[place].logging.toldPause = pauses
        let tick = RoomTick(members: self.rooms[place].list.countPerLoop, pausesSenders: pauses)
        return Outgoing(place: place, tick: tick, life: self.rooms[place].logging.life)
    }

    /// What a room said need no longer wait: it goes out as the room would say it now.
    mutating func noteReleased(_ outgoing: inout Outgoing) {
        guard let place = outgoing.place, self.rooms[place].logging.life == outgoing.life else { return }
        self.rooms[place].noteReleased(outgoing.weight, limitBytes: self.unansweredBytesOfRoom)
        outgoing.tick.pausesSenders = self.rooms[place].pausesSenders
        self.rooms[place].logging.toldPause = outgoing.tick.pausesSenders
        self.markDirty(place)
    }

    /// Notes what a room's tick has for the log.
    /// - Returns: `false` where the room cannot say what it is.
    private mutating func noteEntry(of place: Int, _ batch: Batch?) -> Bool {
        do {
            guard let entry = try self.rooms[place].takeEntry(batch) else { return true }
            let bytes = entry.weight
            self.unansweredBytes += bytes
            self.rooms[place].noteAppended(
                bytes,
                in: self.lastAppend + 1,
                limitBytes: self.unansweredBytesOfRoom
            )
            self.entries.append(entry)
            self.entryRooms.append((place, entry.life, bytes))
            return true
        } catch {
            self.environment.report(self.rooms[place].key, error)
            return false
        }
    }

    /// What is to be committed, `nil` for nothing.
    mutating func takeAppend() -> Append? {
        guard !self.entries.isEmpty else { return nil }
        self.lastAppend += 1
        let append = Append(serial: self.lastAppend, entries: self.entries, rooms: self.entryRooms)
        self.entries.removeAll()
        self.entryRooms.removeAll()
        return append
    }

    mutating func takeUnsound() -> [Abandoned] {
        if self.unsound.isEmpty { return [] }
        defer { self.unsound.removeAll() }
        return self.unsound
    }

    mutating func takeOpenings() -> ContiguousArray<Opening> {
        if self.openings.isEmpty { return [] }
        defer { self.openings.removeAll() }
        return self.openings
    }

    /// Takes up a room that the log was asked for.
    mutating func opened(_ opening: Opening, _ result: Result<StoredRoom?, MessageLogError>, at moment: Moment) {
        let place = opening.place
        guard self.rooms[place].isOpening, self.rooms[place].logging.life == opening.life else { return }
        self.begin(moment)
        do {
            let stored = try result.get()
            let policy = self.rooms[place].policy
            guard var room = try self.makeRoom(opening.key, policy, life: opening.life, stored: stored) else {
                if let entry = self.rooms[place].entryOfNone(stored) { self.entries.append(entry) }
                if stored != nil { self.holdRefused(place) }
                return self.failOpening(place, .rulesUnavailable)
            }
            room.takePlace(of: self.rooms[place])
            self.rooms[place] = room
            if room.sessions.awayCount > 0 { self.awayPlaces.insert(place) }
            if room.memberCount > 0 { self.lingering[place] = nil }
            self.settle(place)
            self.markDirty(place)
            // Rules that close the room as it begins would do so to the next, too.
            if stored == nil, self.rooms[place].closeReason != nil { self.rooms[place].failure = .closed }
        } catch {
            self.environment.report(opening.key, error as? MessageLogError ?? MessageLogError(.failed, "\(error)"))
            self.failOpening(place, .logUnavailable)
        }
    }

    private mutating func failOpening(_ place: Int, _ error: MessageError) {
        self.rooms[place].isOpening = false
        self.rooms[place].changes = nil
        self.rooms[place].failure = error
        self.markDirty(place)
    }

    /// The log has answered for an append.
    /// - Returns: The rooms of which something is not committed, by their places and lives, each once.
    mutating func answered(_ append: Append, _ failures: [UInt64: MessageLogError]) -> [(place: Int, life: UInt64)] {
        var failed: [(place: Int, life: UInt64)] = []
        var lives: Set<UInt64> = []
        for entry in append.entries where entry.kind == .end {
            if let error = failures[entry.life] { self.environment.report(entry.key, error) }
        }
        for room in append.rooms {
            self.unansweredBytes -= room.bytes
            guard self.rooms[room.place].logging.life == room.life else { continue }
            self.rooms[room.place].noteAnswered(room.bytes, limitBytes: self.unansweredBytesOfRoom)
            self.markDirty(room.place)
            if let error = failures[room.life], lives.insert(room.life).inserted {
                self.environment.report(self.rooms[room.place].key, error)
                failed.append((room.place, room.life))
            }
        }
        return failed
    }

    /// Gives a room up of which something was not committed: all its members are to be closed with 4006. Whoever comes
    /// next takes it up again as the log has it.
    /// - Parameter others: Connections to close besides.
    /// - Returns: What closes them.
    mutating func giveUp(_ place: Int, closing others: [MemberAddress]) -> Outgoing {
        self.counts.failedRooms += 1
        self.noteEnd(of: place)
        self.lastGivenUp = self.environment.clock.monotonic()
        var addresses = others + self.rooms[place].patches.patches.map(\.address)
        for member in self.rooms[place].list.members where !member.isAway {
            self.vacate(member.address)
            addresses.append(member.address)
        }
        var tick = RoomTick(members: [], pausesSenders: false)
        var closed: Set<MemberAddress> = []
        for address in addresses where closed.insert(address).inserted {
            tick.patches.note(.end, address, offset: 0)
            tick.patches.note(.close, address, offset: 0, value: UInt64(CloseCode.unavailable.rawValue))
        }
        let key = self.rooms[place].key
        if self.places[key] == place { self.places[key] = nil }
        var room = Room(
            key: key,
            policy: self.rooms[place].policy,
            epoch: [],
            rules: nil,
            loops: self.loops,
            pool: self.pool
        )
        room.closeReason = []
        room.meters = self.meters
        room.takePlace(of: self.rooms[place])
        self.rooms[place] = room
        self.markDirty(place)
        return Outgoing(place: place, tick: tick)
    }

    /// Ends all rooms for now: nothing comes of them any more, and who comes later takes them up as they are.
    ///
    /// To be called again where a room was opened meanwhile.
    mutating func sleep() {
        self.isAsleep = true
        for place in self.places.values where !self.rooms[place].isOpening {
            let life = self.rooms[place].logging.life
            self.noteEnd(of: place)
            do {
                guard let entry = try self.rooms[place].takeSleep() else { continue }
                self.entries.append(entry)
                self.entryRooms.append((place, life, 0))
            } catch {
                self.environment.report(self.rooms[place].key, error)
            }
        }
    }
}
