/// What the rooms of one other loop said since this loop's last tick, a room's ticks joined into one: a loop that is
/// behind sends each member one range of bytes all the same.
struct Arrivals {
    private var deliveries: ContiguousArray<Delivery> = []
    /// Where in ``deliveries`` a room stands.
    private var indices: [Int?: Int] = [:]
    /// Whether the batch of a delivery is a copy made here, which may be added to.
    private var isOwn: ContiguousArray<Bool> = []

    var isEmpty: Bool { self.deliveries.isEmpty }

    mutating func append(_ delivery: Delivery, pool: BatchPool) {
        guard let index = self.indices[delivery.room] else {
            self.indices[delivery.room] = self.deliveries.count
            self.deliveries.append(delivery)
            self.isOwn.append(false)
            return
        }
        let joined = self.deliveries[index].tick.append(delivery.tick, isOwn: self.isOwn[index], pool: pool)
        if joined { self.isOwn[index] = true }
    }

    /// Takes all, in the order in which the rooms first spoke.
    mutating func take() -> ContiguousArray<Delivery> {
        defer {
            self.deliveries = []
            self.isOwn.removeAll(keepingCapacity: true)
            self.indices.removeAll(keepingCapacity: true)
        }
        return self.deliveries
    }
}

extension RoomTick {
    /// Adds what the room said in the tick after this one.
    /// - Parameter isOwn: Whether nobody else holds this tick's batch.
    /// - Returns: Whether the batch is a new one now, which nobody else holds.
    fileprivate mutating func append(_ next: RoomTick, isOwn: Bool, pool: BatchPool) -> Bool {
        self.members = next.members
        self.pausesSenders = next.pausesSenders
        self.patches.append(next.patches, shift: self.batch?.count ?? 0)
        guard let more = next.batch else { return false }
        guard let batch = self.batch else {
            self.batch = more
            return false
        }
        if isOwn {
            batch.frames.append(more.frames)
            return false
        }
        let joined = pool.take()
        joined.frames.append(batch.frames)
        joined.frames.append(more.frames)
        self.batch = joined
        return true
    }
}
