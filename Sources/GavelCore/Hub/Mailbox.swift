/// What waits to go to one other loop, and how much is under way to it.
struct Mailbox {
    /// Bytes under way at which it counts as full; `false` again at half of them.
    let limitBytes: Int
    private var intakes: ContiguousArray<Intake> = []
    private var deliveries: ContiguousArray<Delivery> = []
    /// Bytes put in and not yet acknowledged.
    private var outstanding = 0
    /// Bytes taken from there and not yet acknowledged.
    var owed = 0
    private(set) var isFull = false
    /// Connections that are not read while it is full.
    var held: ContiguousArray<UInt32> = []
    /// Rooms here that were told that it is full.
    var rooms: Set<Int> = []

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    mutating func append(_ intake: Intake) {
        self.intakes.append(intake)
        self.count(intake.weight)
    }

    mutating func append(_ delivery: Delivery) {
        self.deliveries.append(delivery)
        self.count(delivery.tick.weight)
    }

    private mutating func count(_ bytes: Int) {
        self.outstanding += bytes
        if self.outstanding > self.limitBytes { self.isFull = true }
    }

    /// Takes what waits, with an acknowledgement; `nil` where nothing does and little is owed.
    mutating func takeParcel(from source: Int) -> Parcel? {
        guard !self.intakes.isEmpty || !self.deliveries.isEmpty || self.owed > self.limitBytes / 4 else { return nil }
        let parcel = Parcel(source: source)
        swap(&parcel.intakes, &self.intakes)
        swap(&parcel.deliveries, &self.deliveries)
        parcel.acknowledged = self.owed
        self.owed = 0
        return parcel
    }

    /// Notes that `bytes` arrived; `true` when by that the mailbox is no longer full.
    mutating func acknowledge(_ bytes: Int) -> Bool {
        self.outstanding -= bytes
        guard self.isFull, self.outstanding <= self.limitBytes / 2 else { return false }
        self.isFull = false
        return true
    }

    /// Takes the lists of those who waited for the mailbox.
    mutating func takeHeld() -> (slots: ContiguousArray<UInt32>, rooms: Set<Int>) {
        defer {
            self.held = []
            self.rooms = []
        }
        return (self.held, self.rooms)
    }
}
