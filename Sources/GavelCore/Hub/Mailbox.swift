/// What waits to go to one other loop, and how much is under way to it.
struct Mailbox {
    var intakes: ContiguousArray<Intake> = []
    var deliveries: ContiguousArray<Delivery> = []
    /// Bytes sent there and not yet acknowledged.
    private(set) var outstanding = 0
    /// Bytes taken from there and not yet acknowledged.
    var owed = 0
    /// Whether what is under way has passed the limit; `false` again below half of it.
    private(set) var isFull = false
    /// Connections that are not read while it is full.
    var held: ContiguousArray<UInt32> = []
    /// Rooms here that were told that it is full.
    var rooms: Set<Int> = []
    private var limit = 0

    /// Takes what waits, with an acknowledgement; `nil` where nothing does and little is owed.
    mutating func takeParcel(from source: Int, limitBytes: Int) -> Parcel? {
        self.limit = limitBytes
        guard !self.intakes.isEmpty || !self.deliveries.isEmpty || self.owed > limitBytes / 4 else { return nil }
        let parcel = Parcel(source: source)
        swap(&parcel.intakes, &self.intakes)
        swap(&parcel.deliveries, &self.deliveries)
        parcel.acknowledged = self.owed
        self.owed = 0
        self.outstanding += parcel.weight
        if self.outstanding > limitBytes { self.isFull = true }
        return parcel
    }

    /// Notes that `bytes` arrived; `true` when by that the mailbox is no longer full.
    mutating func acknowledge(_ bytes: Int) -> Bool {
        self.outstanding -= bytes
        guard self.isFull, self.outstanding <= self.limit / 2 else { return false }
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
