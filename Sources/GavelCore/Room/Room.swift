internal import DequeModule
internal import NIOCore

/// One room: who is in it, and the order of what is said.
///
/// A value; its owner confines it to the room's home loop. What happens is appended to the batch and the patches of
/// the current tick, which ``takeTick(at:)`` hands over.
package struct Room {
    package let key: RoomKey
    /// With the maker of the rules that it runs, whichever that is by now.
    package internal(set) var policy: RoomPolicy
    /// One life of this room's order.
    package let epoch: [UInt8]
    private(set) var rules: (any RoomRules)?
    /// Writes down what its rules are asked; `nil`: nothing does.
    var recorder: RoomRecorder?
    /// While its rules are on trial.
    var probation: Probation?
    /// Of the rules that it went back from, and is not to be given again; see ``RulesProvider/identity``.
    var refusedIdentity: String?
    /// The rules of its kind, where it was given others for itself alone.
    var leftRules: (any RulesProvider)?
    /// Whether `joined` says which version of its rules it runs.
    var showsVersion = false
    private let pool: BatchPool
    /// Of the room's loop.
    var meters: LoopMeters?

    /// The last number given; 0 before the first.
    package internal(set) var lastID: MessageID = 0
    var lastClient: ClientID = 0
    var list: MemberList

    var history: History?
    var sessions = Sessions()
    /// What the log is to be told at the end of the tick; `nil`: the room is not kept in one, or no more.
    var changes: RoomChanges?
    var logging: Logging
    /// Whether the log was asked for what it keeps of the room, and has not answered.
    var isOpening = false
    /// Why all joins are refused; `nil`: they are not.
    var failure: MessageError?
    /// Until when it stays for that, though it is over; `nil`: it goes at once.
    var refusesUntil: NIODeadline?

    private var batch: Batch?
    private var latest = LatestMessages()
    var patches = PatchList()
    /// Members that the rules sent away, for the owner to forget; see ``takeDepartures()``.
    var departures: ContiguousArray<MemberAddress> = []
    /// Clients that the rules sent away, in that order.
    var unheardDepartures = Deque<Departure>()
    /// Signals of the rules for other rooms, in order; see ``takeSignals()``.
    var signals: ContiguousArray<Signal> = []
    /// Whether joins are refused.
    var isLocked = false
    /// Why the rules closed the room, UTF-8; `nil`: they did not.
    var closeReason: [UInt8]?
    /// Whether records wait for a later tick.
    var hasBacklog = false
    /// Whether more waits for the room than ``RoomPolicy/inboundBytes``.
    var isCongested = false
    /// Loops of its members that have much of it under way to them.
    var loopsBehind = 0
    /// When its next timer is due, of ``HookContext/uptimeMilliseconds``; the highest number: none is set.
    var timerAt = Int64.max
    /// When it will be looked after, not later than that.
    var armedAt = Int64.max
    /// Time its rules have used in this tick.
    var spentNanoseconds: UInt64 = 0
    /// Of the last batch; rooms keep their pace from tick to tick.
    private var lastBytes = 0
    private var isDirty = false
    private var toldPause = false

    /// - Parameters:
    ///   - epoch: Printable ASCII.
    ///   - loops: How many event loops members may live on.
    ///   - life: For the log; 0: the room is not kept in one.
    package init(
        key: RoomKey,
        policy: RoomPolicy,
        epoch: [UInt8],
        rules: (any RoomRules)?,
        life: UInt64 = 0,
        loops: Int,
        pool: BatchPool
    ) {
        self.key = key
        self.policy = policy
        self.epoch = epoch
        self.rules = rules
        self.pool = pool
        self.logging = Logging(life: life)
        if life != 0 { self.changes = RoomChanges() }
        self.list = MemberList(loops: loops)
        self.history = policy.history.map { History(limits: $0) }
    }

    /// What stands in a place that no room has.
    static func vacant(pool: BatchPool) -> Room {
        Room(key: RoomKey(bytes: []), policy: RoomPolicy(), epoch: [], rules: nil, loops: 0, pool: pool)
    }

    /// Stands where another room did that what came for it waits for.
    mutating func takePlace(of other: Room) {
        self.hasBacklog = other.hasBacklog
        self.isCongested = other.isCongested
        self.loopsBehind = other.loopsBehind
        self.isDirty = other.isDirty
    }

    // MARK: Settings

    /// Follows what was decided since about rooms like it, but for its rules and whether the log keeps it.
    mutating func take(_ policy: RoomPolicy) {
        var policy = policy
        policy.rules = self.policy.rules
        policy.isLogged = self.policy.isLogged
        self.policy = policy
        // Of what there is, members have perhaps been promised something: it goes when that was found.
        let limits = policy.history ?? HistoryLimits(messages: 0, bytes: 0, age: .zero)
        if self.history != nil {
            self.history!.limits = limits
        } else if policy.history != nil {
            self.history = History(limits: limits)
        }
    }

    /// The same rules, with somebody or nobody looking on.
    mutating func setRules(_ rules: (any RoomRules)?) { self.rules = rules }

    /// Goes on under other rules, which the log is told.
    mutating func replaceRules(_ rules: (any RoomRules)?, of provider: (any RulesProvider)?) {
        if !self.latest.isEmpty {
            // Of a type that is no more what it was nothing would ever take their place.
            self.latest.forget { [before = self.rules] type in
                guard let field = rules?.latestField(of: type) else { return false }
                return field == before?.latestField(of: type)
            }
        }
        self.rules = rules
        self.policy.rules = provider
        self.logging.needsCopy = true
    }

    package var memberCount: Int { self.list.count }

    var hasRules: Bool { self.rules != nil }

    /// Whether nobody is in the room and nothing is under way for it.
    var isIdle: Bool {
        self.list.count == 0 && !self.isDirty && self.loopsBehind == 0 && !self.hasBacklog && !self.isOpening
            && self.logging.unansweredBytes == 0 && self.logging.heldTicks == 0
    }

    /// Whether nobody can join it any more.
    var isOver: Bool { self.closeReason != nil || self.failure != nil }

    /// Where in the tick's batch the next thing stands.
    var offset: Int { self.batch?.count ?? 0 }

    // MARK: Order

    /// Numbers an object and relays it to every member.
    /// - Parameters:
    ///   - object: A JSON object without `client_id` and `msg_id`.
    ///   - brace: Where its closing brace is.
    @inline(__always)
    mutating func number(_ object: UnsafeRawBufferPointer, brace: Int, isEmpty: Bool, from client: ClientID) {
        self.lastID &+= 1
        let id = Mutation.number(self.lastID)
        self.openBatch().frames.append(object, brace: brace, isEmpty: isEmpty, client: client, id: id)
    }

    /// Relays an object of class `latest` to every member, and keeps it for those who join.
    /// - Parameters: As of ``number(_:brace:isEmpty:from:)``.
    mutating func relayLatest(
        _ object: UnsafeRawBufferPointer,
        brace: Int,
        isEmpty: Bool,
        _ key: LatestKey,
        from client: ClientID,
        at address: MemberAddress
    ) {
        let batch = self.openBatch()
        let start = batch.count
        self.latest.keep(key, from: client, in: batch) {
            batch.frames.append(object, brace: brace, isEmpty: isEmpty, client: client, topic: $0)
        }
        if !key.echoes { self.patches.skip(batch.count - start, address, offset: start) }
    }

    /// Sends a newcomer the newest of each key.
    mutating func showLatest(to address: MemberAddress) {
        guard !self.latest.isEmpty else { return }
        self.patches.insert(address, offset: self.offset, frames: self.latest.frames)
    }

    @inline(__always)
    private mutating func openBatch() -> Batch {
        if let batch = self.batch { return batch }
        let batch = self.pool.take(expecting: self.lastBytes)
        self.batch = batch
        return batch
    }

    /// Sends an error to one client.
    mutating func refuse(
        _ address: MemberAddress,
        client: ClientID,
        _ error: MessageError,
        details: UnsafeRawBufferPointer = .empty,
        message: MessageView
    ) {
        self.meters?.refuse(error.code)
        self.patches.insert(address, offset: self.offset) {
            $0.writeError(error, client: client, details: details, message: message)
        }
        if error.code.isMalformed { self.patches.note(.malformed, address, offset: self.offset) }
    }

    // MARK: Members

    mutating func nextClient() -> ClientID {
        self.lastClient += 1
        return self.lastClient
    }

    /// A refused join gives its number back: nobody has seen it.
    mutating func returnClient() {
        self.lastClient -= 1
    }

    mutating func add(_ member: Member, session: Session?) {
        self.list.append(member)
        if let session { self.sessions.add(session, of: member.client) }
        self.changes?.joined(member.client, name: member.name, session: session?.digest)
        self.patches.note(.begin, member.address, offset: self.offset, value: member.client)
    }

    mutating func remove(_ client: ClientID) -> Member? {
        guard let member = self.list.remove(client) else { return nil }
        self.latest.forget(client)
        self.sessions.remove(client)
        self.changes?.note(.left, client)
        return member
    }

    mutating func removeAll() -> ContiguousArray<Member> {
        let members = self.list.members
        self.list = MemberList(loops: self.list.countPerLoop.count)
        self.latest = LatestMessages()
        self.sessions.removeAll()
        for member in members { self.changes?.note(.left, member.client) }
        return members
    }

    // MARK: History

    /// The first number that can be replayed; one above the last where none can.
    var firstHeldID: MessageID {
        guard let history = self.history else { return self.lastID + 1 }
        return history.firstID ?? self.lastID + 1 - MessageID(self.batch?.frames.numberedCount ?? 0)
    }

    /// The first of the latest `count` numbers that are held; one above the last where there is none.
    func startOfHistory(_ count: Int) -> MessageID {
        count == 0 ? self.lastID + 1 : max(self.firstHeldID, self.lastID - MessageID(min(count, Int(self.lastID))) + 1)
    }

    /// Forgets what is too old.
    mutating func trimHistory(at now: NIODeadline) {
        let pool = self.pool
        self.history?.trim(at: now, pool: pool)
        if self.policy.history == nil { self.history = nil }
    }

    /// Keeps what the tick brought, for those who come later, and finds what those who came are to have of it.
    private mutating func remember(_ tick: inout RoomTick, at now: NIODeadline) {
        guard self.history != nil else { return }
        let lastID = self.lastID
        if let batch = tick.batch { self.history!.append(batch, lastID: lastID, at: now) }
        if !tick.patches.replays.isEmpty { tick.patches.findReplays(in: &self.history!) }
        self.trimHistory(at: now)
    }

    /// A member is now (not) behind by more than the soft limit.
    mutating func setSlow(_ client: ClientID, _ isSlow: Bool) {
        self.list.setSlow(client, isSlow)
    }

    /// A member's connection is gone; that it leaves comes later, in its place among what it sent.
    package mutating func setAbsent(_ client: ClientID) {
        self.list.setAbsent(client)
    }

    /// Members sent away since the last call.
    package mutating func takeDepartures() -> ContiguousArray<MemberAddress> {
        if self.departures.isEmpty { return [] }
        defer { self.departures.removeAll() }
        return self.departures
    }

    /// Signals sent since the last call.
    mutating func takeSignals() -> ContiguousArray<Signal> {
        if self.signals.isEmpty { return [] }
        defer { self.signals.removeAll() }
        return self.signals
    }

    // MARK: Ticks

    /// Whether more than half of the members with a connection read too slowly.
    var isMostlySlow: Bool { self.list.slowCount * 2 > self.list.presentCount }

    /// Whether senders are to wait: most members are slow, or the room cannot keep up.
    var pausesSenders: Bool { self.isCongested || self.isWaiting }

    /// What a room may use of a tick; beyond it, it goes on in the next.
    package struct Share: Sendable {
        /// Of its rules' time.
        package var nanoseconds: UInt64 = 5_000_000
        /// Of output; the last message or hook may go beyond it.
        package var bytes: Int

        package init(bytes: Int) {
            self.bytes = bytes
        }
    }

    /// Whether the room is to take nothing until members have read, another loop has taken what is under way, or the log
    /// has answered.
    var isWaiting: Bool { self.loopsBehind > 0 || self.isMostlySlow || self.isOpening || self.logging.isBehind }

    /// Whether the room is to take nothing more in this tick.
    @inline(__always)
    func isBusy(_ share: Share) -> Bool {
        self.spentNanoseconds >= share.nanoseconds || self.isWaiting
            || self.offset + self.patches.side.readableBytes >= share.bytes
    }

    /// Notes that the room is to be asked at the end of the tick; `false` where that was noted before.
    @inline(__always)
    mutating func markDirty() -> Bool {
        if self.isDirty { return false }
        self.isDirty = true
        if self.patches.isEmpty { self.patches = self.pool.takePatches() }
        return true
    }

    /// Ends the tick: what the room had to say since the last, `nil` where it was silent.
    mutating func takeTick(at now: NIODeadline) -> RoomTick? {
        self.spentNanoseconds = 0
        self.isDirty = false
        let pauses = self.pausesSenders
        var tick = RoomTick(members: self.list.countPerLoop, pausesSenders: pauses)
        swap(&tick.batch, &self.batch)
        swap(&tick.patches, &self.patches)
        if tick.batch == nil, tick.patches.isEmpty, pauses == self.toldPause {
            self.pool.give(tick.patches)
            return nil
        }
        self.toldPause = pauses
        if let batch = tick.batch { self.lastBytes = batch.count }
        self.remember(&tick, at: now)
        return tick
    }
}
