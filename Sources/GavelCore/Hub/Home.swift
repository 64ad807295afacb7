internal import DequeModule
internal import HeapModule
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

    /// What a room had to say in a tick.
    struct Outgoing {
        /// The room's place; `nil` for the foyer.
        var place: Int?
        var tick: RoomTick
        /// For other rooms, where they are to leave with the rest.
        var signals: ContiguousArray<Signal> = []
        /// Which life of the room it is, for the log.
        var life: UInt64 = 0
        /// The append behind whose commit it is to leave; 0: none.
        var append: UInt64 = 0

        /// About how much memory it holds, in bytes.
        var weight: Int { self.signals.reduce(self.tick.weight) { $0 + $1.weight } }
    }

    let environment: RelayEnvironment
    /// As the loop has them.
    var settings: RelaySettings
    let loops: Int
    let pool: BatchPool
    let meters: LoopMeters
    var share: Room.Share
    var rooms = Slab<Room>()
    var freePlaces: ContiguousArray<Int> = []
    var places: [RoomKey: Int] = [:]
    var seats: [ContiguousArray<Seat>]
    /// Seats of connections that are gone, and whose place another has, until their rooms hear of it.
    var formerSeats: [MemberAddress: Seat] = [:]
    var dirty: ContiguousArray<Int> = []
    var backlogs: [Int: Backlog] = [:]
    /// Signals of rooms here for others, in order.
    private var signals: ContiguousArray<Signal> = []
    /// When to look after the timers of rooms, the earliest first.
    var timers = Heap<TimerEntry>()
    /// Who looks on at rooms, those among them that are not there.
    var observers: [RoomKey: [any RulesObserver]] = [:]
    /// Rooms whose rules are on trial.
    var probationPlaces: Set<Int> = []
    /// Rooms in which a client may be away.
    var awayPlaces: Set<Int> = []
    /// Empty rooms and since when.
    var lingering: [Int: NIODeadline] = [:]
    /// For connections that are in no room.
    private var foyer = PatchList()
    /// Rooms that the log is to be asked for.
    var openings: ContiguousArray<Opening> = []
    /// What is to be committed, and whose it is.
    var entries: [LogEntry] = []
    var entryRooms: [(place: Int, life: UInt64, bytes: Int)] = []
    /// Counts what was given to the log.
    var lastAppend: UInt64 = 0
    /// Bytes that the log has not answered for.
    var unansweredBytes = 0
    /// Rooms that could not say what they are, to be given up.
    var unsound: [Abandoned] = []
    /// What was told of rooms that cannot be taken up.
    var wakeRefusals: [RoomKey: WakeRefusal] = [:]
    /// When a room was last given up: since then its clients can come back to it.
    var lastGivenUp: NIODeadline
    /// Whether what rooms say waits until it is committed.
    let isStrict: Bool
    /// What has happened to rooms and signals.
    var counts = RelayStatistics()
    /// Whether the relay is at its end: rooms take nothing any more.
    var isAsleep = false
    var moment: Moment
    /// Whether rooms without rules, for which no clock is read, have taken something since the moment.
    private var isMomentPast = false

    init(environment: RelayEnvironment, loops: Int, pool: BatchPool, meters: LoopMeters, moment: Moment) {
        self.environment = environment
        self.settings = environment.initialSettings
        self.loops = loops
        self.pool = pool
        self.meters = meters
        self.share = environment.initialSettings.share
        self.lastGivenUp = environment.startedAt
        self.isStrict = environment.log?.durability == .strict
        self.seats = Array(repeating: [], count: loops)
        self.moment = moment
    }

    // MARK: Records

    /// Takes what the connections of `source` have.
    mutating func take(_ intake: Intake, from source: Int, at moment: Moment) {
        if self.isAsleep { return }
        self.begin(moment)
        self.meters.noteTaken(intake.records.count, since: intake.since)
        for record in intake.records {
            switch record.kind {
            case .join: self.routeJoin(record, of: intake, from: source)
            case .signal: self.routeSignal(record, of: intake, from: source)
            default: self.route(record, of: intake, from: source)
            }
        }
    }

    /// The clock is read anew, so that no room's rules are charged for what was done since the loop's tick began.
    mutating func begin(_ moment: Moment) {
        self.moment = moment
        self.isMomentPast = true
        self.renewMoment()
    }

    /// Before rules run: what rooms without any have done since the last look at the clock is not theirs.
    @inline(__always)
    mutating func renewMoment() {
        guard self.isMomentPast else { return }
        self.isMomentPast = false
        self.moment.now = self.environment.clock.monotonic()
    }

    @inline(__always)
    mutating func route(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        guard slot < self.seats[source].count else { return }
        let seat = self.seats[source][slot]
        guard seat.attachment == record.attachment else { return }
        guard seat.room >= 0 else { return self.answerOutside(record, of: intake, from: source) }
        if !self.execute(record, of: intake, from: source, seat: seat) {
            self.postpone(record, of: intake, from: source, in: Int(seat.room), client: seat.client)
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
        case .success(let place) where self.rooms[place].isOpening && self.rooms[place].isCongested:
            self.seats[source][slot] = Seat(attachment: record.attachment)
            self.refuseJoin(record, of: intake, from: source, .logUnavailable)
        case .success(let place):
            self.seats[source][slot] = Seat(attachment: record.attachment, room: Int32(place), client: 0)
            self.route(record, of: intake, from: source)
        case .failure(let error):
            self.seats[source][slot] = Seat(attachment: record.attachment)
            self.refuseJoin(record, of: intake, from: source, error)
        }
    }

    mutating func refuseJoin(_ record: Record, of intake: Intake, from source: Int, _ error: MessageError) {
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        let message = intake.message(of: record)
        self.meters.refuse(error.code)
        self.foyer.insert(address, offset: 0) { $0.writeError(error, client: 0, message: message) }
        self.foyer.note(.refuse, address, offset: 0)
    }

    /// Answers a message under an attachment that is in no room (any more).
    mutating func answerOutside(_ record: Record, of intake: Intake, from source: Int) {
        guard record.kind == .message || record.kind == .leave, record.length > 0 else { return }
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        let message = intake.message(of: record)
        self.meters.refuse(.notJoined)
        self.foyer.insert(address, offset: 0) { $0.writeError(.notJoined, client: 0, message: message) }
    }

    /// - Returns: `false` where the room is too busy; nothing was done.
    @inline(__always)
    mutating func execute(_ record: Record, of intake: Intake, from source: Int, seat: Seat) -> Bool {
        let place = Int(seat.room)
        let client = seat.client
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        if record.kind == .message {
            self.markDirty(place)
            if self.rooms[place].hasRules { self.renewMoment() } else { self.isMomentPast = true }
            let reception = self.rooms[place].receive(
                intake.message(of: record),
                isReserved: record.isReserved,
                from: client,
                at: address,
                context: self.moment.context,
                share: self.share
            )
            if reception == .postponed { return false }
            self.rooms[place].noteHandled(client, record.sequence)
            if reception == .ruled { self.settle(place, .message) }
        } else {
            if self.rooms[place].hasBacklog || self.rooms[place].isBusy(self.share) { return false }
            self.markDirty(place)
            if self.rooms[place].hasRules { self.renewMoment() } else { self.isMomentPast = true }
            self.executeMembership(record, of: intake, client: client, address: address, in: place)
            if self.rooms[place].hasRules { self.settle(place, .membership) }
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
        case .message, .signal: return
        case .join: self.executeJoin(intake.joins[Int(record.join)], intake.message(of: record), address, in: place)
        case .leave:
            self.vacate(address)
            let message = record.length > 0 ? intake.message(of: record) : nil
            self.rooms[place].leave(client, reason: .left, answers: true, message: message, context: context)
        case .closed, .expelled, .lost:
            self.vacate(address)
            self.rooms[place].noteHandled(client, record.sequence)
            if record.kind == .lost, self.rooms[place].drop(client, at: self.moment.now, context: context) {
                self.awayPlaces.insert(place)
                return
            }
            let reason = record.kind == .closed ? LeaveReason.left : .lost
            self.rooms[place].leave(client, reason: reason, answers: false, message: nil, context: context)
        case .aboveSoft, .belowSoft:
            self.rooms[place].setSlow(client, record.kind == .aboveSoft)
        }
    }

    /// A join waited for a room that its rules have closed since: a new room of that name takes it.
    mutating func rejoin(_ record: Record, of intake: Intake, from source: Int) {
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        switch self.place(for: intake.joins[Int(record.join)].key) {
        case .success(let place):
            let seat = Seat(attachment: record.attachment, room: Int32(place))
            if self.seats[source][Int(record.slot)].attachment == record.attachment {
                self.seats[source][Int(record.slot)] = seat
            } else {
                self.formerSeats[address] = seat
            }
            if !self.execute(record, of: intake, from: source, seat: seat) {
                self.postpone(record, of: intake, from: source, in: place, client: 0)
            }
        case .failure(let error):
            self.vacate(address)
            self.refuseJoin(record, of: intake, from: source, error)
        }
    }

    /// The join of the connection in a seat was taken.
    mutating func seat(_ client: ClientID, at address: MemberAddress) {
        if self.seats[Int(address.loop)][Int(address.slot)].attachment == address.attachment {
            self.seats[Int(address.loop)][Int(address.slot)].client = client
        } else {
            self.formerSeats[address]?.client = client
        }
    }

    /// The client in a seat is no longer in its room.
    mutating func vacate(_ address: MemberAddress) {
        let slot = Int(address.slot)
        guard slot < self.seats[Int(address.loop)].count else { return }
        if self.seats[Int(address.loop)][slot].attachment == address.attachment {
            self.seats[Int(address.loop)][slot].room = -1
        } else {
            self.formerSeats[address] = nil
        }
    }

    /// After rules may have run: counts their time, forgets whom they sent away, and runs the hooks for those, as far
    /// as the room's share goes.
    /// - Parameter hook: What they were asked.
    mutating func settle(_ place: Int, _ hook: MeteredHook = .other) {
        let spent = self.collect(place)
        if self.rooms[place].hasRules { self.meters.noteHook(hook, nanoseconds: spent) }
        while self.rooms[place].hasUnheardDepartures {
            guard self.mayRun(place) else { return }
            self.rooms[place].runNextDeparture(context: self.moment.context)
            self.meters.noteHook(.other, nanoseconds: self.collect(place))
        }
        if self.rooms[place].probation != nil { self.judge(place, isMessage: hook == .message) }
        self.noteTimer(of: place)
    }

    /// What rules have done that is not the room's own.
    /// - Returns: Nanoseconds since the last look at the clock.
    private mutating func collect(_ place: Int) -> UInt64 {
        let spent = self.charge(place)
        for address in self.rooms[place].takeDepartures() { self.vacate(address) }
        if !self.isGated(place) { self.signals.append(contentsOf: self.rooms[place].takeSignals()) }
        // Who comes now finds a new room of that name.
        if self.rooms[place].closeReason != nil, self.places[self.rooms[place].key] == place {
            self.places[self.rooms[place].key] = nil
        }
        return spent
    }

    /// Whether the room may run one hook more in this tick; if not, it goes on in a later one.
    mutating func mayRun(_ place: Int) -> Bool {
        if !self.rooms[place].isBusy(self.share) { return true }
        self.rooms[place].hasBacklog = true
        if self.backlogs[place] == nil { self.backlogs[place] = Backlog() }
        return false
    }

    /// - Returns: Nanoseconds since the last look at the clock.
    @discardableResult
    mutating func charge(_ place: Int) -> UInt64 {
        let now = self.environment.clock.monotonic()
        let spent = UInt64(max(0, (now - self.moment.now).nanoseconds))
        self.rooms[place].spentNanoseconds += spent
        self.moment.now = now
        return spent
    }

    // MARK: The end of a tick

    @inline(__always)
    mutating func markDirty(_ place: Int) {
        if self.rooms[place].markDirty() { self.dirty.append(place) }
    }

    /// A loop with members of the room has much of it under way to it, or no longer.
    mutating func setBehind(_ isBehind: Bool, for place: Int) {
        self.rooms[place].loopsBehind += isBehind ? 1 : -1
        self.markDirty(place)
    }

    /// Signals sent since the last call.
    mutating func takeSignals() -> ContiguousArray<Signal> {
        if self.signals.isEmpty { return [] }
        defer { self.signals.removeAll() }
        return self.signals
    }

    /// Ends the tick: what the rooms, and last the foyer, had to say since the last call.
    mutating func flush() -> ContiguousArray<Outgoing> {
        var outgoing: ContiguousArray<Outgoing> = []
        outgoing.reserveCapacity(self.dirty.count + 1)
        for place in self.dirty {
            if self.rooms[place].recorder != nil { self.continueRecording(place) }
            let tick = self.rooms[place].takeTick(at: self.moment.now)
            if self.rooms[place].logging.life != 0 {
                guard self.flushLogged(place, tick, to: &outgoing) else { continue }
            } else if let tick {
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
