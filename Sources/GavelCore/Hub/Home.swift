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
        var records = Deque<(record: Record, intake: Intake, source: Int)>()
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
        self.moment = moment
        for record in intake.records {
            if record.kind == .join {
                self.routeJoin(record, of: intake, from: source)
            } else {
                self.route(record, of: intake, from: source)
            }
        }
    }

    @inline(__always)
    private mutating func route(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        guard slot < self.seats[source].count else { return }
        let seat = self.seats[source][slot]
        guard seat.attachment == record.attachment else { return }
        guard seat.room >= 0 else { return self.answerOutside(record, of: intake, from: source) }
        if !self.execute(record, of: intake, from: source, in: Int(seat.room)) {
            self.postpone(record, of: intake, from: source, in: Int(seat.room))
        }
    }

    private mutating func routeJoin(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        while self.seats[source].count <= slot { self.seats[source].append(Seat()) }
        guard self.seats[source][slot].attachment < record.attachment else { return }
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
    private mutating func execute(_ record: Record, of intake: Intake, from source: Int, in place: Int) -> Bool {
        let client = self.seats[source][Int(record.slot)].client
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
        let source = Int(address.loop)
        let slot = Int(address.slot)
        let context = self.moment.context
        switch record.kind {
        case .message: return
        case .join:
            let name = intake.joins[Int(record.join)].name
            let message = intake.message(of: record)
            if let client = self.rooms[place].join(address, name: name, message: message, context: context) {
                self.seats[source][slot].client = client
                self.lingering[place] = nil
            } else {
                self.seats[source][slot].room = -1
            }
        case .leave:
            self.seats[source][slot].room = -1
            let message = record.length > 0 ? intake.message(of: record) : nil
            self.rooms[place].leave(client, reason: .left, answers: true, message: message, context: context)
        case .closed, .lost:
            self.seats[source][slot].room = -1
            let reason = record.kind == .closed ? LeaveReason.left : .lost
            self.rooms[place].leave(client, reason: reason, answers: false, message: nil, context: context)
        case .aboveSoft, .belowSoft:
            self.rooms[place].setSlow(client, record.kind == .aboveSoft)
        }
    }

    /// After rules may have run: counts their time, and forgets whom they threw out.
    private mutating func settle(_ place: Int) {
        let now = self.environment.clock.monotonic()
        self.rooms[place].spentNanoseconds += UInt64(max(0, (now - self.moment.now).nanoseconds))
        self.moment.now = now
        for address in self.rooms[place].takeDepartures() {
            let slot = Int(address.slot)
            if self.seats[Int(address.loop)][slot].attachment == address.attachment {
                self.seats[Int(address.loop)][slot].room = -1
            }
        }
    }

    // MARK: Backlogs

    /// Keeps a record for a later tick. How fast a client reads, and that it is gone, counts at once: else a room
    /// that waits for its slow clients would wait for ever.
    private mutating func postpone(_ record: Record, of intake: Intake, from source: Int, in place: Int) {
        let client = self.seats[source][Int(record.slot)].client
        self.markDirty(place)
        switch record.kind {
        case .aboveSoft, .belowSoft: return self.rooms[place].setSlow(client, record.kind == .aboveSoft)
        case .closed, .lost: self.rooms[place].setAbsent(client)
        case .message, .join, .leave: break
        }
        self.backlogs[place, default: Backlog()].records.append((record, intake, source))
        self.backlogs[place]!.bytes += Int(record.length)
        self.rooms[place].hasBacklog = true
        if self.backlogs[place]!.bytes > self.rooms[place].policy.inboundBytes {
            self.rooms[place].isCongested = true
        }
    }

    /// Goes on with rooms that were too busy.
    mutating func resume(at moment: Moment) {
        guard !self.backlogs.isEmpty else { return }
        self.moment = moment
        for place in Array(self.backlogs.keys) {
            guard var backlog = self.backlogs.removeValue(forKey: place) else { continue }
            self.rooms[place].hasBacklog = false
            while let next = backlog.records.first,
                self.retry(next.record, of: next.intake, from: next.source, in: place)
            {
                backlog.records.removeFirst()
                backlog.bytes -= Int(next.record.length)
            }
            self.markDirty(place)
            if backlog.bytes <= self.rooms[place].policy.inboundBytes / 2 { self.rooms[place].isCongested = false }
            self.rooms[place].hasBacklog = !backlog.records.isEmpty
            if !backlog.records.isEmpty { self.backlogs[place] = backlog }
        }
    }

    /// - Returns: `false` where the room is still too busy.
    private mutating func retry(_ record: Record, of intake: Intake, from source: Int, in place: Int) -> Bool {
        // Its client may have been thrown out, or may have left, since.
        let seat = self.seats[source][Int(record.slot)]
        guard seat.attachment == record.attachment else { return true }
        guard seat.room >= 0 else {
            self.answerOutside(record, of: intake, from: source)
            return true
        }
        return self.execute(record, of: intake, from: source, in: place)
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

    /// A mailbox to a loop with members of the room is full, or no longer.
    mutating func setMailboxFull(_ isFull: Bool, for place: Int) {
        self.rooms[place].fullMailboxes += isFull ? 1 : -1
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
