/// What waits to go to one other loop, and how much is under way to it.
struct Mailbox {
    struct Limits {
        /// Bytes under way at which it counts as full; no longer at half of them.
        var bytes: Int
        /// Bytes that one room may have under way before it is to wait.
        var roomBytes: Int
        /// Bytes that are acknowledged only with something else to say.
        var owedBytes: Int { self.roomBytes / 4 }
    }

    private var limits: Limits
    private var intakes: ContiguousArray<Intake> = []
    private var deliveries: ContiguousArray<Delivery> = []
    /// Bytes put in, ever.
    private var position = 0
    /// Bytes of them that the other loop has dealt with.
    private var acknowledged = 0
    /// Bytes taken from there and not yet acknowledged.
    var owed = 0
    private(set) var isFull = false
    /// Connections that are not read while it is full.
    var held: ContiguousArray<UInt32> = []
    /// By the room's place.
    fileprivate var flows: ContiguousArray<Flow> = []
    /// Rooms that wait until what they have under way has arrived.
    private var waiting: Set<Int> = []

    /// What one room has under way, counted in two parts: the earlier is forgotten as a whole once it has arrived.
    fileprivate struct Flow {
        var earlierBytes = 0
        var laterBytes = 0
        /// The position at which the later part begins.
        var laterStart = 0
        var end = 0
    }

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Goes on under other limits. Until the other loop has them too, it may owe more than these allow: what waits for
    /// it goes on then.
    /// - Returns: As ``acknowledge(_:)``.
    mutating func setLimits(_ limits: Limits) -> Freed {
        self.limits = limits
        return self.acknowledge(0)
    }

    mutating func append(_ intake: Intake) {
        self.intakes.append(intake)
        self.count(intake.weight)
    }

    /// - Returns: Whether its room is now to wait; not again while it does.
    mutating func append(_ delivery: Delivery) -> Bool {
        let weight = delivery.tick.weight
        self.deliveries.append(delivery)
        self.count(weight)
        guard let room = delivery.room else { return false }
        while self.flows.count <= room { self.flows.append(Flow()) }
        let bytes = self.flows[room].add(weight, at: self.position, acknowledged: self.acknowledged)
        // The other loop will say no more of what it owes below that: nobody may wait for it.
        let isBehind = self.position - self.acknowledged > self.limits.owedBytes
        return isBehind && (bytes > self.limits.roomBytes || self.isFull) && self.waiting.insert(room).inserted
    }

    private mutating func count(_ bytes: Int) {
        self.position += bytes
        if self.position - self.acknowledged > self.limits.bytes { self.isFull = true }
    }

    /// Takes what waits, with an acknowledgement; `nil` where nothing does and little is owed.
    mutating func takeParcel(from source: Int) -> Parcel? {
        guard !self.intakes.isEmpty || !self.deliveries.isEmpty || self.owed > self.limits.owedBytes else { return nil }
        let parcel = Parcel(source: source)
        swap(&parcel.intakes, &self.intakes)
        swap(&parcel.deliveries, &self.deliveries)
        parcel.acknowledged = self.owed
        self.owed = 0
        return parcel
    }

    /// Connections and rooms that need no longer wait.
    typealias Freed = (held: ContiguousArray<UInt32>, rooms: [Int])

    /// Notes that `bytes` arrived.
    mutating func acknowledge(_ bytes: Int) -> Freed {
        self.acknowledged += bytes
        var freed: [Int] = []
        if !self.waiting.isEmpty {
            freed = self.waiting.filter { self.flows[$0].end - self.acknowledged <= self.limits.owedBytes }
            self.waiting.subtract(freed)
        }
        var held: ContiguousArray<UInt32> = []
        if self.isFull, self.position - self.acknowledged <= self.limits.bytes / 2 {
            self.isFull = false
            swap(&held, &self.held)
        }
        return (held, freed)
    }
}

extension Mailbox.Flow {
    /// - Returns: Bytes under way, or somewhat more.
    fileprivate mutating func add(_ bytes: Int, at end: Int, acknowledged: Int) -> Int {
        if self.laterStart <= acknowledged {
            self.earlierBytes = self.end <= acknowledged ? 0 : self.laterBytes
            self.laterBytes = 0
            self.laterStart = end - bytes
        }
        self.laterBytes += bytes
        self.end = end
        return self.earlierBytes + self.laterBytes
    }
}
