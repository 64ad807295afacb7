internal import DequeModule
package import NIOCore

/// One event loop's share of the relay: its connections, the rooms that have their home on it, and its mailboxes.
///
/// Confined to that loop. In a tick it takes what connections and other loops bring, and at the tick's end it hands
/// each member of each room that spoke one range of bytes, and each other loop one parcel.
package final class RelayLoop {
    /// Its number among ``count`` loops.
    package let index: Int
    package let count: Int
    let environment: RelayEnvironment
    /// Of the settings that it has taken up last; see ``adopt(_:)``.
    @exclusivity(unchecked) var limits: RelayLimits
    @exclusivity(unchecked) var outbound: OutboundLimits
    private let pool = BatchPool()
    let meters = LoopMeters()
    var home: Home
    unowned let host: any LoopHost

    private(set) var connections: ContiguousArray<Connection?> = []
    private var freeSlots: ContiguousArray<UInt32> = []
    private var lastAttachment: UInt64 = 0
    package private(set) var connectionCount = 0
    package internal(set) var isDraining = false
    /// The next slot whose client is to hear that the relay is going away.
    var nextFarewell = 0
    /// About how many clients of the whole relay are to hear it; `nil` until the first does.
    var farewells: Int?

    /// By the home's loop and the room's place there.
    var groups: [ContiguousArray<MemberGroup>]
    /// Numbers deliveries, so that patched connections are known in each.
    @exclusivity(unchecked) var deliverySerial: UInt64 = 0
    var nextPatch: ContiguousArray<Int> = []
    var patched: ContiguousArray<Connection> = []
    var detached: ContiguousArray<Connection> = []
    /// Whether a batch of the delivery under way, or of the last, waits in a connection's queue.
    @exclusivity(unchecked) var isBatchQueued = false

    var logQueue = LogQueue()
    /// What rooms are to follow, one after another.
    var reloads = Deque<Reload>()
    /// What has happened to connections.
    var counts = RelayStatistics()
    /// Signals of rooms here that are to be passed on.
    var signals: ContiguousArray<Signal> = []

    private var intakes: [Intake]
    private var spareIntakes: ContiguousArray<Intake> = []
    var mailboxes: [Mailbox]
    private var arrivals: [Arrivals]
    /// Whether the last sweep left rooms that are to end.
    private var hasRoomsToEnd = false
    /// Whether the last look at the sessions left some whose time is over.
    private var hasSessionsToExpire = false
    /// When the host is to call ``wake()``.
    private var wakeAt = NIODeadline.distantFuture
    @exclusivity(unchecked) private var isTickScheduled = false
    @exclusivity(unchecked) private(set) var moment: Moment

    package init(index: Int, count: Int, environment: RelayEnvironment, host: any LoopHost) {
        self.index = index
        self.count = count
        self.environment = environment
        let settings = environment.initialSettings
        self.limits = settings.limits
        self.outbound = settings.outbound
        self.host = host
        self.moment = Moment(environment.clock)
        self.home = Home(
            environment: environment,
            loops: count,
            pool: self.pool,
            meters: self.meters,
            moment: self.moment
        )
        self.groups = Array(repeating: [], count: count)
        self.intakes = (0..<count).map { _ in Intake() }
        self.mailboxes = Array(repeating: Mailbox(settings.mailboxLimits), count: count)
        self.arrivals = Array(repeating: Arrivals(), count: count)
    }

    /// The time of this tick.
    package var now: NIODeadline { self.moment.now }

    // MARK: Connections

    /// Registers a connection.
    /// - Parameter isEcho: Whether it is outside the protocol: it will never join, and is not told to.
    package func open(_ outlet: any ConnectionOutlet, isEcho: Bool) -> Connection {
        self.noteActivity()
        let slot = self.freeSlots.popLast() ?? UInt32(self.connections.count)
        let connection = Connection(relay: self, slot: slot, outlet: outlet, isEcho: isEcho, at: self.now)
        if Int(slot) == self.connections.count {
            self.connections.append(connection)
        } else {
            self.connections[Int(slot)] = connection
        }
        self.connectionCount += 1
        return connection
    }

    func forget(_ connection: Connection) {
        guard self.connections[Int(connection.slot)] === connection else { return }
        self.connections[Int(connection.slot)] = nil
        self.freeSlots.append(connection.slot)
        self.connectionCount -= 1
        self.counts.conflatedMessages += connection.queue.conflatedMessages
        self.counts.conflatedBytes += connection.queue.conflatedBytes
    }

    /// The connection that is meant, unless it has moved on.
    @inline(__always)
    func connection(at address: MemberAddress) -> Connection? {
        let slot = Int(address.slot)
        guard slot < self.connections.count, let connection = self.connections[slot],
            connection.attachment == address.attachment, connection.stage != .ended
        else { return nil }
        return connection
    }

    func nextAttachment() -> UInt64 {
        self.lastAttachment += 1
        return self.lastAttachment
    }

    func leaveGroup(_ connection: Connection) {
        guard connection.room >= 0, connection.room < self.groups[connection.home].count else { return }
        self.groups[connection.home][connection.room].remove(connection)
        connection.room = -1
    }

    // MARK: Input

    /// Where to put what is for the rooms of `loop`.
    @inline(__always)
    func intake(to loop: Int) -> Intake {
        let intake = self.intakes[loop]
        return intake.isFull ? self.replaceFull(intake, to: loop) : intake
    }

    private func replaceFull(_ intake: Intake, to loop: Int) -> Intake {
        if loop == self.index {
            self.takeLocal()
        } else {
            intake.since = self.meters.tickStart
            self.mailboxes[loop].append(intake)
            self.intakes[loop] = self.spareIntakes.popLast() ?? Intake()
        }
        return self.intakes[loop]
    }

    private func takeLocal() {
        let intake = self.intakes[self.index]
        guard !intake.isEmpty else { return }
        self.intakes[self.index] = self.spareIntakes.popLast() ?? Intake()
        intake.since = self.meters.tickStart
        self.home.take(intake, from: self.index, at: self.moment)
        self.recycle(intake)
    }

    private func recycle(_ intake: consuming Intake) {
        guard self.spareIntakes.count < 4, isKnownUniquelyReferenced(&intake) else { return }
        intake.clear()
        self.spareIntakes.append(intake)
    }

    func note(_ kind: Record.Kind, of connection: Connection) {
        self.intake(to: connection.home).note(
            kind,
            slot: connection.slot,
            attachment: connection.attachment,
            sequence: connection.sentCount
        )
        self.noteActivity()
    }

    /// Whether the connection may go on sending; where the mailbox of its room is full it is held.
    @inline(__always)
    func admits(_ connection: Connection) -> Bool {
        if connection.home != self.index, self.mailboxes[connection.home].isFull {
            connection.hold(.mailbox)
            self.mailboxes[connection.home].held.append(connection.slot)
        }
        return !connection.isHeld
    }

    @inline(__always)
    func noteActivity() {
        if !self.isTickScheduled { self.beginTick() }
    }

    private func beginTick() {
        self.isTickScheduled = true
        self.moment = Moment(self.environment.clock)
        self.meters.tickStart = self.moment.now
        self.host.scheduleTick()
    }

    // MARK: The end of a tick

    /// Ends the tick: rooms take what came, members and other loops get what they say.
    package func tick() {
        self.isTickScheduled = false
        self.moment = Moment(self.environment.clock)
        self.work()
    }

    func work() {
        if self.count > 1 { self.deliverArrivals() }
        if !self.home.isAsleep {
            self.home.runTimers(at: self.moment)
            self.home.resume(at: self.moment)
        }
        self.takeLocal()
        if !self.reloads.isEmpty { self.goOnReloading() }
        self.sendCommitted()
        var outgoing = self.home.flush()
        self.tellLog()
        self.send(&outgoing)
        self.finishDetachments()
        self.passSignals()
        self.ship()
        self.meters.noteSent(now: self.environment.clock.monotonic)
        if self.hasSessionsToExpire { self.expireSessions() }
        if self.hasRoomsToEnd { self.endRooms() }
        if self.home.canResume || !self.home.entries.isEmpty || !self.reloads.isEmpty { self.continueLater() }
        if let next = self.home.nextTimer, next < self.wakeAt {
            self.wakeAt = next
            self.host.scheduleWake(at: next)
        }
    }

    /// As ``noteActivity()``, for what rules make on and on by themselves: sockets are looked at in between.
    func continueLater() {
        guard !self.isTickScheduled else { return }
        self.isTickScheduled = true
        self.meters.tickStart = self.moment.now
        self.host.scheduleContinuation()
    }

    /// A timer of a room may be due.
    package func wake() {
        self.wakeAt = .distantFuture
        self.noteActivity()
    }

    private func deliverArrivals() {
        for source in self.arrivals.indices where !self.arrivals[source].isEmpty {
            var deliveries = self.arrivals[source].take()
            for index in deliveries.indices {
                self.deliver(deliveries[index].tick, of: deliveries[index].room, from: source)
                if let batch = deliveries[index].tick.batch.take(), !self.isBatchQueued { self.pool.give(batch) }
            }
        }
    }

    func distribute(_ outgoing: inout Home.Outgoing) {
        if let batch = outgoing.tick.batch {
            self.meters.noteFanout(outgoing.tick.members.reduce(0, +), messages: batch.frames.entries.count)
        }
        let isShared = self.count > 1 && self.distributeToOthers(outgoing)
        self.deliver(outgoing.tick, of: outgoing.place, from: self.index)
        if let batch = outgoing.tick.batch.take(), !self.isBatchQueued { self.pool.give(batch) }
        if !isShared { self.pool.give(outgoing.tick.takePatches()) }
    }

    /// - Returns: Whether another loop has anything of it.
    private func distributeToOthers(_ outgoing: Home.Outgoing) -> Bool {
        var isShared = false
        let patches = outgoing.tick.patches.patches
        for loop in 0..<self.count where loop != self.index {
            let isMember = !outgoing.tick.members.isEmpty && outgoing.tick.members[loop] > 0
            guard isMember || patches.contains(where: { Int($0.address.loop) == loop }) else { continue }
            isShared = true
            outgoing.tick.batch?.share()
            let mustWait = self.mailboxes[loop].append(Delivery(room: outgoing.place, tick: outgoing.tick))
            if mustWait, let place = outgoing.place {
                self.home.setBehind(true, for: place)
                self.noteActivity()
            }
        }
        return isShared
    }

    /// Puts signals of rooms here where those of connections stand that are for the same rooms.
    private func passSignals() {
        self.signals.append(contentsOf: self.home.takeSignals())
        guard !self.signals.isEmpty else { return }
        defer { self.signals.removeAll() }
        for signal in self.signals {
            let loop = self.environment.home(of: signal.key, loops: self.count)
            self.intake(to: loop).keep(signal)
        }
        // Rooms may answer each other without end, which must not keep the sockets waiting.
        self.continueLater()
    }

    private func ship() {
        for loop in 0..<self.count where loop != self.index {
            if !self.intakes[loop].isEmpty {
                self.intakes[loop].since = self.meters.tickStart
                self.mailboxes[loop].append(self.intakes[loop])
                self.intakes[loop] = self.spareIntakes.popLast() ?? Intake()
            }
            if let parcel = self.mailboxes[loop].takeParcel(from: self.index) { self.host.post(parcel, to: loop) }
        }
    }

    /// Takes what another loop sent.
    package func receive(_ parcel: Parcel) {
        self.noteActivity()
        let source = parcel.source
        self.mailboxes[source].owed += parcel.weight
        for delivery in parcel.deliveries { self.arrivals[source].append(delivery, pool: self.pool) }
        parcel.deliveries.removeAll()
        var intakes: ContiguousArray<Intake> = []
        swap(&intakes, &parcel.intakes)
        intakes.reverse()
        while let intake = intakes.popLast() {
            self.home.take(intake, from: source, at: self.moment)
            self.recycle(intake)
        }
        self.acknowledge(parcel.acknowledged, by: source)
    }

    private func acknowledge(_ bytes: Int, by loop: Int) {
        if bytes > 0 { self.free(self.mailboxes[loop].acknowledge(bytes)) }
    }

    /// Lets those go on that waited for a mailbox.
    func free(_ freed: Mailbox.Freed) {
        for slot in freed.held { self.connections[Int(slot)]?.unhold(.mailbox) }
        for place in freed.rooms { self.home.setBehind(false, for: place) }
    }

    // MARK: Batches for frames outside rooms

    func takeBatch() -> Batch { self.pool.take() }

    func giveBatch(_ batch: consuming Batch) { self.pool.give(batch) }

    // MARK: Once a second, and at the end

    /// Looks after time limits; to be called about once a second.
    package func sweep() {
        self.noteActivity()
        for connection in self.connections { connection?.sweep(at: self.now) }
        self.home.trimHistories(at: self.moment)
        self.home.endProbations(at: self.now)
        self.home.forgetRefusals(at: self.now)
        self.home.flushRecorders()
        self.expireSessions()
        self.endRooms()
    }

    private func expireSessions() {
        self.hasSessionsToExpire = !self.home.isAsleep && self.home.expireSessions(at: self.moment)
        if self.hasSessionsToExpire { self.continueLater() }
    }

    private func endRooms() {
        self.hasRoomsToEnd = self.home.endRooms(at: self.moment)
        if self.hasRoomsToEnd { self.continueLater() }
    }
}
@available(*, unavailable)
extension RelayLoop: Sendable {}
