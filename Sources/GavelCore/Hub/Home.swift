internal import DequeModule
internal import NIOCore

/// The rooms whose home is one loop, and who sits in them.
///
/// A value confined to that loop. Knows connections only by their addresses: what it has to tell them stands in the
/// rooms' ticks and in the foyer, which ``flush()`` hands over.
struct Home: ~Copyable {
    /// Where an attachment of a connection stands.
    struct Seat {
        var attachment: UInt64 = 0
        /// The room's place; -1 where there is none: refused, left, or thrown out.
        var room: Int32 = -1
        /// 0 until the join was taken.
        var client: ClientID = 0
    }

    /// Records that a room was too busy for in an earlier tick.
    struct Backlog {
        var records = Deque<(record: Record, intake: Intake, source: Int, weight: Int)>()
        /// Memory that the records hold on to.
        var bytes = 0
    }

    /// What a room had to say in a tick.
    struct Outgoing {
        /// The room's place; `nil` for the foyer.
        var place: Int?
        var tick: RoomTick
    }

    let environment: RelayEnvironment
    let loops: Int
    let pool: BatchPool
    var share: Room.Share
    var rooms = Slab<Room>()
    var freePlaces: ContiguousArray<Int> = []
    var places: [RoomKey: Int] = [:]
    private var seats: [ContiguousArray<Seat>]
    /// Seats of connections that are gone, and whose place another has, until their rooms hear of it.
    private var formerSeats: [MemberAddress: Seat] = [:]
    private var dirty: ContiguousArray<Int> = []
    private var backlogs: [Int: Backlog] = [:]
    /// Empty rooms and since when.
    var lingering: [Int: NIODeadline] = [:]
    /// For connections that are in no room.
    private var foyer = PatchList()
    var moment: Moment

    init(environment: RelayEnvironment, loops: Int, pool: BatchPool, moment: Moment) {
        self.environment = environment
        self.loops = loops
        self.pool = pool
        self.share = Room.Share(bytes: environment.outbound.hardBytes / 4)
        self.seats = Array(repeating: [], count: loops)
        self.moment = moment
    }

    // MARK: Records

    /// Takes what the connections of `source` have.
    mutating func take(_ intake: Intake, from source: Int, at moment: Moment) {
        self.begin(moment)
        for record in intake.records {
            if record.kind == .join {
                self.routeJoin(record, of: intake, from: source)
            } else {
                self.route(record, of: intake, from: source)
            }
        }
    }

    /// The clock is read anew, so that no room's rules are charged for what was done since the loop's tick began.
    private mutating func begin(_ moment: Moment) {
        self.moment = moment
        self.moment.now = self.environment.clock.monotonic()
    }

    @inline(__always)
    private mutating func route(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        guard slot < self.seats[source].count else { return }
        let seat = self.seats[source][slot]
        guard seat.attachment == record.attachment else { return }
        guard seat.room >= 0 else { return self.answerOutside(record, of: intake, from: source) }
        if !self.execute(record, of: intake, from: source, seat: seat) {
            self.postpone(record, of: intake, from: source, seat: seat)
        }
    }

    private mutating func routeJoin(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        while self.seats[source].count <= slot { self.seats[source].append(Seat()) }
        let former = self.seats[source][slot]
        guard former.attachment < record.attachment else { return }
        if former.room >= 0 {
            let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: former.attachment)
            self.formerSeats[address] = former
        }
        switch self.place(for: intake.joins[Int(record.join)].key) {
        case .success(let place):
            self.seats[source][slot] = Seat(attachment: record.attachment, room: Int32(place), client: 0)
            self.route(record, of: intake, from: source)
        case .failure(let error):
            self.seats[source][slot] = Seat(attachment: record.attachment)
            let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
            let message = intake.message(of: record)
            self.foyer.insert(address, offset: 0) { $0.writeError(error, client: 0, message: message) }
            self.foyer.note(.refuse, address, offset: 0)
        }
    }

    /// Answers a message under an attachment that is in no room (any more).
    private mutating func answerOutside(_ record: Record, of intake: Intake, from source: Int) {
        guard record.kind == .message || record.kind == .leave, record.length > 0 else { return }
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        let message = intake.message(of: record)
        self.foyer.insert(address, offset: 0) { $0.writeError(.notJoined, client: 0, message: message) }
    }

    /// - Returns: `false` where the room is too busy; nothing was done.
    @inline(__always)
    private mutating func execute(_ record: Record, of intake: Intake, from source: Int, seat: Seat) -> Bool {
        let place = Int(seat.room)
        let client = seat.client
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        if record.kind == .message {
            self.markDirty(place)
            let reception = self.rooms[place].receive(
                intake.message(of: record),
                isReserved: record.isReserved,
                from: client,
                at: address,
                context: self.moment.context,
                share: self.share
            )
            if reception == .postponed { return false }
            if reception == .ruled { self.settle(place) }
        } else {
            if self.rooms[place].hasBacklog || self.rooms[place].isBusy(self.share) { return false }
            self.markDirty(place)
            self.executeMembership(record, of: intake, client: client, address: address, in: place)
            if self.rooms[place].hasRules { self.settle(place) }
        }
        return true
    }

    private mutating func executeMembership(
        _ record: Record,
        of intake: Intake,
        client: ClientID,
        address: MemberAddress,
        in place: Int
    ) {
        let context = self.moment.context
        switch record.kind {
        case .message: return
        case .join:
            let name = intake.joins[Int(record.join)].name
            let message = intake.message(of: record)
            if let client = self.rooms[place].join(address, name: name, message: message, context: context) {
                self.seat(client, at: address)
                self.lingering[place] = nil
            } else {
                self.vacate(address)
            }
        case .leave:
            self.vacate(address)
            let message = record.length > 0 ? intake.message(of: record) : nil
            self.rooms[place].leave(client, reason: .left, answers: true, message: message, context: context)
        case .closed, .lost:
            self.vacate(address)
            let reason = record.kind == .closed ? LeaveReason.left : .lost
            self.rooms[place].leave(client, reason: reason, answers: false, message: nil, context: context)
        case .aboveSoft, .belowSoft:
            self.rooms[place].setSlow(client, record.kind == .aboveSoft)
        }
    }

    /// The join of the connection in a seat was taken.
    private mutating func seat(_ client: ClientID, at address: MemberAddress) {
        if self.seats[Int(address.loop)][Int(address.slot)].attachment == address.attachment {
            self.seats[Int(address.loop)][Int(address.slot)].client = client
        } else {
            self.formerSeats[address]?.client = client
        }
    }

    /// The client in a seat is no longer in its room.
    private mutating func vacate(_ address: MemberAddress) {
        if self.seats[Int(address.loop)][Int(address.slot)].attachment == address.attachment {
            self.seats[Int(address.loop)][Int(address.slot)].room = -1
        } else {
            self.formerSeats[address] = nil
        }
    }

    /// After rules may have run: counts their time, forgets whom they threw out, and runs the hooks for those, as far
    /// as the room's share goes.
    private mutating func settle(_ place: Int) {
        self.charge(place)
        for address in self.rooms[place].takeDepartures() { self.vacate(address) }
        while self.rooms[place].hasUnheardDepartures {
            if self.rooms[place].isBusy(self.share) {
                self.rooms[place].hasBacklog = true
                if self.backlogs[place] == nil { self.backlogs[place] = Backlog() }
                return
            }
            self.rooms[place].runNextDeparture(context: self.moment.context)
            self.charge(place)
            for address in self.rooms[place].takeDepartures() { self.vacate(address) }
        }
    }

    private mutating func charge(_ place: Int) {
        let now = self.environment.clock.monotonic()
        self.rooms[place].spentNanoseconds += UInt64(max(0, (now - self.moment.now).nanoseconds))
        self.moment.now = now
    }

    // MARK: Backlogs

    /// Keeps a record for a later tick. How fast a client reads, and that it is gone, counts at once: else a room
    /// that waits for its slow clients would wait for ever.
    private mutating func postpone(_ record: Record, of intake: Intake, from source: Int, seat: Seat) {
        let place = Int(seat.room)
        self.markDirty(place)
        switch record.kind {
        case .aboveSoft, .belowSoft: return self.rooms[place].setSlow(seat.client, record.kind == .aboveSoft)
        case .closed, .lost: self.rooms[place].setAbsent(seat.client)
        case .message, .join, .leave: break
        }
        // A record keeps its whole intake in memory; others of it weigh no more.
        let last = self.backlogs[place]?.records.last
        let weight = Int(record.length) + (last?.intake === intake && last?.source == source ? 0 : intake.heldBytes)
        self.backlogs[place, default: Backlog()].records.append((record, intake, source, weight))
        self.backlogs[place]!.bytes += weight
        self.rooms[place].hasBacklog = true
        if self.backlogs[place]!.bytes > self.rooms[place].policy.inboundBytes {
            self.rooms[place].isCongested = true
        }
    }

    /// Goes on with rooms that were too busy.
    mutating func resume(at moment: Moment) {
        guard !self.backlogs.isEmpty else { return }
        self.begin(moment)
        for place in Array(self.backlogs.keys) {
            guard var backlog = self.backlogs.removeValue(forKey: place) else { continue }
            self.rooms[place].hasBacklog = false
            self.moment.now = self.environment.clock.monotonic()
            self.settle(place)
            while let next = backlog.records.first, self.retry(next.record, of: next.intake, from: next.source) {
                backlog.records.removeFirst()
                backlog.bytes -= next.weight
            }
            self.markDirty(place)
            if backlog.bytes <= self.rooms[place].policy.inboundBytes / 2 { self.rooms[place].isCongested = false }
            self.rooms[place].hasBacklog = !backlog.records.isEmpty || self.rooms[place].hasUnheardDepartures
            self.backlogs[place] = self.rooms[place].hasBacklog ? backlog : nil
        }
    }

    /// - Returns: `false` where the room is still too busy.
    private mutating func retry(_ record: Record, of intake: Intake, from source: Int) -> Bool {
        // Its client may have been thrown out, or may have left, since; or another connection has its place.
        var seat = self.seats[source][Int(record.slot)]
        if seat.attachment != record.attachment {
            let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
            guard let former = self.formerSeats[address] else { return true }
            seat = former
        }
        guard seat.room >= 0 else {
            self.answerOutside(record, of: intake, from: source)
            return true
        }
        return self.execute(record, of: intake, from: source, seat: seat)
    }

    /// Whether a room has waiting records that it may take in the next tick.
    var canResume: Bool {
        !self.backlogs.isEmpty && self.backlogs.keys.contains(where: { !self.rooms[$0].isWaiting })
    }

    // MARK: The end of a tick

    @inline(__always)
    private mutating func markDirty(_ place: Int) {
        if self.rooms[place].markDirty() { self.dirty.append(place) }
    }

    /// A loop with members of the room has much of it under way to it, or no longer.
    mutating func setBehind(_ isBehind: Bool, for place: Int) {
        self.rooms[place].loopsBehind += isBehind ? 1 : -1
        self.markDirty(place)
    }

    /// Ends the tick: what the rooms, and last the foyer, had to say since the last call.
    mutating func flush() -> ContiguousArray<Outgoing> {
        var outgoing: ContiguousArray<Outgoing> = []
        outgoing.reserveCapacity(self.dirty.count + 1)
        for place in self.dirty {
            if let tick = self.rooms[place].takeTick() {
                outgoing.append(Outgoing(place: place, tick: tick))
            }
            if self.rooms[place].memberCount == 0 { self.noteEmpty(place) }
        }
        self.dirty.removeAll(keepingCapacity: true)
        if !self.foyer.isEmpty {
            var patches = PatchList()
            swap(&patches, &self.foyer)
            var tick = RoomTick(members: [], pausesSenders: false)
            tick.patches = patches
            outgoing.append(Outgoing(place: nil, tick: tick))
        }
        return outgoing
    }
}
