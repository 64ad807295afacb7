internal import DequeModule
internal import NIOCore

/// The rooms whose home is one loop, and who sits in them.
///
/// Confined to that loop. Knows connections only by their addresses: what it has to tell them stands in the rooms'
/// ticks and in the foyer.
final class Home {
    /// Where an attachment of a connection stands.
    struct Seat {
        var attachment: UInt64 = 0
        /// The room's place; -1 where there is none: refused, left, or thrown out.
        var room: Int32 = -1
        /// 0 until the join was taken.
        var client: ClientID = 0
    }

    /// Something that a room was too busy for in an earlier tick.
    private struct Deferred {
        var intake: Intake
        var record: Record
        var source: Int
    }

    /// What a room's rules may use of a tick, in nanoseconds; beyond it the room goes on in the next.
    static let tickNanoseconds: UInt64 = 5_000_000
    /// What a room may say in a tick, in bytes, so that no single tick takes a client from nothing queued to the hard
    /// limit; beyond it the room goes on in the next.
    private let tickBytes: Int

    let environment: RelayEnvironment
    private let loops: Int
    private(set) var rooms: ContiguousArray<Room?> = []
    private var freePlaces: ContiguousArray<Int> = []
    private var places: [RoomKey: Int] = [:]
    private var seats: [ContiguousArray<Seat>]
    private var dirty: ContiguousArray<Int> = []
    private var deferred: [Int: Deque<Deferred>] = [:]
    private var deferredBytes: [Int: Int] = [:]
    /// Empty rooms and since when.
    private var lingering: [Int: NIODeadline] = [:]
    /// For connections that are in no room.
    private var foyer = PatchList()
    let pool = BatchPool()
    private(set) var moment: Moment

    init(environment: RelayEnvironment, loops: Int, moment: Moment) {
        self.environment = environment
        self.tickBytes = environment.outbound.hardBytes / 4
        self.loops = loops
        self.seats = Array(repeating: [], count: loops)
        self.moment = moment
    }

    var roomCount: Int { self.places.count }

    /// Whether a room has waiting records that it may take in the next tick.
    var canResume: Bool {
        !self.deferred.isEmpty && self.deferred.keys.contains { !self.rooms[$0]!.isMostlySlow }
    }

    /// Whether the room is to take nothing more in this tick.
    @inline(__always)
    private func isBusy(_ place: Int) -> Bool {
        self.rooms[place]!.spentNanoseconds >= Self.tickNanoseconds || self.rooms[place]!.isMostlySlow
            || self.rooms[place]!.tickBytes >= self.tickBytes
    }

    // MARK: Records

    /// Takes what the connections of `source` have.
    func take(_ intake: Intake, from source: Int, at moment: Moment) {
        self.moment = moment
        for record in intake.records {
            self.route(record, of: intake, from: source)
        }
    }

    /// Goes on with rooms that were too busy.
    func resume(at moment: Moment) {
        guard !self.deferred.isEmpty else { return }
        self.moment = moment
        for place in self.deferred.keys {
            guard var queue = self.deferred.removeValue(forKey: place) else { continue }
            while !self.isBusy(place), let next = queue.popFirst() {
                self.deferredBytes[place, default: 0] -= Int(next.record.length)
                self.execute(next.record, of: next.intake, from: next.source, in: place)
            }
            self.rooms[place]!.isBacklogged =
                self.deferredBytes[place, default: 0] > self.rooms[place]!.policy.inboundBytes / 2
            self.markDirty(place)
            if queue.isEmpty { self.deferredBytes[place] = nil } else { self.deferred[place] = queue }
        }
    }

    @inline(__always)
    private func route(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        if record.kind == .join { return self.routeJoin(record, of: intake, from: source) }
        guard slot < self.seats[source].count, self.seats[source][slot].attachment == record.attachment else { return }
        let place = Int(self.seats[source][slot].room)
        guard place >= 0 else { return self.answerOutside(record, of: intake, from: source) }
        if self.isBusy(place) || !self.deferred.isEmpty && self.deferred[place] != nil {
            return self.postpone(record, of: intake, from: source, in: place)
        }
        self.execute(record, of: intake, from: source, in: place)
    }

    /// Keeps a record for a later tick. How fast a client reads, and that it is gone, counts at once: else a room
    /// that waits for its slow clients would wait for ever.
    private func postpone(_ record: Record, of intake: Intake, from source: Int, in place: Int) {
        let client = self.seats[source][Int(record.slot)].client
        switch record.kind {
        case .aboveSoft, .belowSoft:
            self.rooms[place]!.setSlow(client, record.kind == .aboveSoft)
            return self.markDirty(place)
        case .closed, .lost:
            self.rooms[place]!.setAbsent(client)
            self.markDirty(place)
        case .message, .join, .leave: break
        }
        self.deferred[place, default: []].append(Deferred(intake: intake, record: record, source: source))
        let bytes = self.deferredBytes[place, default: 0] + Int(record.length)
        self.deferredBytes[place] = bytes
        if bytes > self.rooms[place]!.policy.inboundBytes, !self.rooms[place]!.isBacklogged {
            self.rooms[place]!.isBacklogged = true
            self.markDirty(place)
        }
    }

    /// Answers a message under an attachment that is in no room (any more).
    private func answerOutside(_ record: Record, of intake: Intake, from source: Int) {
        guard record.kind == .message || record.kind == .leave, record.length > 0 else { return }
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        let message = intake.message(of: record)
        self.foyer.insert(address, offset: 0) { $0.writeError(.notJoined, client: 0, message: message) }
    }

    @inline(__always)
    private func execute(_ record: Record, of intake: Intake, from source: Int, in place: Int) {
        let slot = Int(record.slot)
        let seat = self.seats[source][slot]
        guard seat.attachment == record.attachment else { return }
        guard seat.room >= 0 else { return self.answerOutside(record, of: intake, from: source) }
        self.markDirty(place)
        let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
        if record.kind == .message {
            let message = intake.message(of: record)
            if record.isReserved, Mutation.reservesTypes {
                return self.rooms[place]!.refuse(address, client: seat.client, .reservedType, message: message)
            }
            self.rooms[place]!.receive(message, from: seat.client, at: address, context: self.moment.context)
            if self.rooms[place]!.rules != nil { self.settle(place) }
        } else {
            self.executeMembership(record, of: intake, seat: seat, address: address, in: place)
            self.settle(place)
        }
    }

    private func executeMembership(
        _ record: Record, of intake: Intake, seat: Seat, address: MemberAddress, in place: Int
    ) {
        let source = Int(address.loop)
        let slot = Int(address.slot)
        switch record.kind {
        case .message: return
        case .join:
            let client = self.rooms[place]!.join(
                address,
                name: intake.joins[Int(record.join)].name,
                message: intake.message(of: record),
                context: self.moment.context
            )
            if let client {
                self.seats[source][slot].client = client
                self.lingering[place] = nil
            } else {
                self.seats[source][slot].room = -1
            }
        case .leave:
            self.seats[source][slot].room = -1
            let message = record.length > 0 ? intake.message(of: record) : nil
            self.rooms[place]!.leave(
                seat.client, reason: .left, answers: true, message: message, context: self.moment.context)
        case .closed, .lost:
            self.seats[source][slot].room = -1
            self.rooms[place]!.leave(
                seat.client,
                reason: record.kind == .closed ? .left : .lost,
                answers: false,
                message: nil,
                context: self.moment.context
            )
        case .aboveSoft, .belowSoft:
            self.rooms[place]!.setSlow(seat.client, record.kind == .aboveSoft)
        }
    }

    /// After rules may have run: counts their time and forgets whom they threw out.
    private func settle(_ place: Int) {
        if self.rooms[place]!.rules != nil {
            let now = self.environment.clock.monotonic()
            self.rooms[place]!.spentNanoseconds += UInt64(max(0, (now - self.moment.now).nanoseconds))
            self.moment.now = now
        }
        for address in self.rooms[place]!.takeDepartures() {
            let slot = Int(address.slot)
            if self.seats[Int(address.loop)][slot].attachment == address.attachment {
                self.seats[Int(address.loop)][slot].room = -1
            }
        }
    }

    // MARK: Rooms

    private func routeJoin(_ record: Record, of intake: Intake, from source: Int) {
        let slot = Int(record.slot)
        while self.seats[source].count <= slot { self.seats[source].append(Seat()) }
        guard self.seats[source][slot].attachment < record.attachment else { return }
        switch self.place(for: intake.joins[Int(record.join)].key) {
        case .success(let place):
            self.seats[source][slot] = Seat(attachment: record.attachment, room: Int32(place), client: 0)
            if self.isBusy(place) || self.deferred[place] != nil {
                self.postpone(record, of: intake, from: source, in: place)
            } else {
                self.execute(record, of: intake, from: source, in: place)
            }
        case .failure(let error):
            self.seats[source][slot] = Seat(attachment: record.attachment)
            let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
            let message = intake.message(of: record)
            self.foyer.insert(address, offset: 0) { $0.writeError(error, client: 0, message: message) }
            self.foyer.note(.refuse, address, offset: 0)
        }
    }

    private func place(for key: RoomKey) -> Result<Int, MessageError> {
        if let place = self.places[key] { return .success(place) }
        guard let policy = self.environment.directory(key) else { return .failure(.unlisted) }
        guard self.environment.takeRoom() else { return .failure(.tooManyRooms) }
        var rules: (any RoomRules)?
        do {
            rules = try policy.rules?.makeRules(for: key)
        } catch {
            self.environment.returnRoom()
            return .failure(.rulesUnavailable)
        }
        if let rules {
            let outcome = rules.create(context: self.moment.context)
            guard outcome.verdict != .failed else {
                self.environment.returnRoom()
                return .failure(.rulesUnavailable)
            }
        }
        let room = Room(
            key: key,
            policy: policy,
            epoch: self.environment.makeEpoch(),
            rules: rules,
            loops: self.loops,
            pool: self.pool
        )
        let place = self.freePlaces.popLast() ?? self.rooms.count
        if place == self.rooms.count { self.rooms.append(room) } else { self.rooms[place] = room }
        self.places[key] = place
        self.lingering[place] = self.moment.now
        return .success(place)
    }

    /// Ends rooms that have been empty for their linger.
    func endRooms(at moment: Moment) {
        guard !self.lingering.isEmpty else { return }
        self.moment = moment
        for (place, since) in self.lingering where self.isIdle(place) {
            guard since + TimeAmount(self.rooms[place]!.policy.linger) <= moment.now else { continue }
            self.end(place)
        }
    }

    /// Whether nobody is in the room and nothing is under way for it.
    private func isIdle(_ place: Int) -> Bool {
        guard let room = self.rooms[place] else { return false }
        return room.memberCount == 0 && !room.isDirty && room.fullMailboxes == 0 && self.deferred[place] == nil
    }

    private func end(_ place: Int) {
        guard let room = self.rooms[place] else { return }
        _ = room.rules?.close(context: self.moment.context(lastID: room.lastID))
        self.places[room.key] = nil
        self.lingering[place] = nil
        self.rooms[place] = nil
        self.freePlaces.append(place)
        self.environment.returnRoom()
    }

    // MARK: The end of a tick

    @inline(__always)
    private func markDirty(_ place: Int) {
        guard !self.rooms[place]!.isDirty else { return }
        self.rooms[place]!.isDirty = true
        self.dirty.append(place)
    }

    /// A mailbox to a loop with members of the room is full, or no longer.
    func setMailboxFull(_ isFull: Bool, for place: Int) {
        guard self.rooms[place] != nil else { return }
        self.rooms[place]!.fullMailboxes += isFull ? 1 : -1
        self.markDirty(place)
    }

    /// Hands over what the rooms, and last the foyer, had to say since the last call.
    /// - Parameter deliver: Called with a room's place, its members on each loop and its tick.
    func flush(_ deliver: (_ place: Int?, _ members: [Int], _ tick: inout RoomTick) -> Void) {
        let places = self.dirty
        self.dirty = []
        for place in places where self.rooms[place] != nil {
            self.rooms[place]!.isDirty = false
            if var tick = self.rooms[place]!.takeTick() {
                deliver(place, self.rooms[place]!.list.countPerLoop, &tick)
            }
            guard self.rooms[place]!.memberCount == 0 else { continue }
            if self.lingering[place] == nil { self.lingering[place] = self.moment.now }
            if self.rooms[place]!.policy.linger == .zero, self.isIdle(place) { self.end(place) }
        }
        guard !self.foyer.isEmpty else { return }
        var patches = PatchList()
        swap(&patches, &self.foyer)
        var tick = RoomTick(batch: nil, patches: patches, pausesSenders: false)
        deliver(nil, [], &tick)
    }
}
@available(*, unavailable)
extension Home: Sendable {}
