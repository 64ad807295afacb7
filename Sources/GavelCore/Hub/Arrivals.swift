/// What the rooms of one other loop said since this loop's last tick, a room's ticks joined into one: a loop that is
/// behind sends each member one range of bytes all the same.
struct Arrivals {
    private var deliveries: ContiguousArray<Delivery> = []
    /// Where in ``deliveries`` a room stands.
    private var indices: [Int?: Int] = [:]

    var isEmpty: Bool { self.deliveries.isEmpty }

    mutating func append(_ delivery: Delivery, pool: BatchPool) {
        guard let index = self.indices[delivery.room] else {
            self.indices[delivery.room] = self.deliveries.count
            self.deliveries.append(delivery)
            return
        }
        self.deliveries[index].append(delivery.tick, pool: pool)
    }

    /// Takes all, in the order in which the rooms first spoke.
    mutating func take() -> ContiguousArray<Delivery> {
        defer {
            self.deliveries = []
            self.indices.removeAll(keepingCapacity: true)
        }
        return self.deliveries
    }
}

extension Delivery {
    /// Adds what the room said in the tick after this one.
    fileprivate mutating func append(_ next: RoomTick, pool: BatchPool) {
        self.tick.members = next.members
        self.tick.pausesSenders = next.pausesSenders
        self.tick.patches.append(next.patches, shift: self.tick.batch?.count ?? 0)
        guard let more = next.batch else { return }
        guard let batch = self.tick.batch else {
            self.tick.batch = more
            return
        }
        if self.isOwn {
            batch.frames.append(more.frames)
        } else {
            let joined = pool.take(expecting: batch.count + more.count)
            joined.frames.append(batch.frames)
            joined.frames.append(more.frames)
            self.tick.batch = joined
            self.isOwn = true
            pool.give(batch)
        }
        pool.give(more)
    }
}
