/// What one loop hands to another after a tick: records of its connections for rooms there, and what its rooms have
/// to say to connections there.
///
/// Parcels from one loop to another arrive in the order in which they were sent. Owned by one loop at a time.
package final class Parcel: @unchecked Sendable {
    /// The loop it comes from.
    package let source: Int
    var intakes: ContiguousArray<Intake> = []
    var deliveries: ContiguousArray<Delivery> = []
    /// Bytes of earlier parcels that the sender has dealt with.
    var acknowledged = 0

    init(source: Int) {
        self.source = source
    }

    /// What it counts for in the bound of a mailbox, in bytes.
    var weight: Int {
        var weight = 0
        for intake in self.intakes { weight += intake.weight }
        for delivery in self.deliveries { weight += delivery.tick.weight }
        return weight
    }
}

/// What a room has to say to its members on one loop after a tick.
struct Delivery: Sendable {
    /// The room's place in its home; `nil` where no room is concerned, as when a join is refused without one.
    var room: Int?
    var tick: RoomTick
    /// Whether the tick's batch is a copy made by the loop that delivers it.
    var isOwn = false
}
