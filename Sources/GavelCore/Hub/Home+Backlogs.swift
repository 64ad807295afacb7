internal import DequeModule
internal import NIOCore

/// What came for rooms that were too busy for it.
extension Home {
    /// Records that a room was too busy for in an earlier tick.
    struct Backlog {
        var records = Deque<(record: Record, intake: Intake, source: Int, weight: Int)>()
        /// Memory that the records hold on to.
        var bytes = 0
    }

    /// Keeps a record for a later tick. How fast a client reads, and that it is gone, counts at once: else a room
    /// that waits for its slow clients would wait for ever.
    mutating func postpone(
        _ record: Record,
        of intake: Intake,
        from source: Int,
        in place: Int,
        client: ClientID
    ) {
        self.markDirty(place)
        switch record.kind {
        case .aboveSoft, .belowSoft: return self.rooms[place].setSlow(client, record.kind == .aboveSoft)
        case .closed, .expelled, .lost: self.rooms[place].setAbsent(client)
        case .join:
            // Its client has another connection now, which must not keep the room waiting.
            let request = intake.joins[Int(record.join)]
            if let client = self.rooms[place].clientReturning(by: request) { self.rooms[place].setAbsent(client) }
        case .message, .leave: break
        // Other rooms cannot be asked to wait.
        case .signal:
            if self.rooms[place].isCongested {
                self.counts.lostSignals += 1
                return
            }
        }
        // A record keeps its whole intake in memory; others of it weigh no more.
        let last = self.backlogs[place]?.records.last
        let weight = Int(record.length) + (last?.intake === intake && last?.source == source ? 0 : intake.heldBytes)
        self.backlogs[place, default: Backlog()].records.append((record, intake, source, weight))
        self.backlogs[place]!.bytes += weight
        self.rooms[place].hasBacklog = true
        if self.backlogs[place]!.bytes > self.rooms[place].policy.inboundBytes {
            self.rooms[place].isCongested = true
        }
    }

    /// Goes on with rooms that were too busy.
    mutating func resume(at moment: Moment) {
        guard !self.backlogs.isEmpty else { return }
        self.begin(moment)
        for place in Array(self.backlogs.keys) {
            guard var backlog = self.backlogs.removeValue(forKey: place) else { continue }
            self.rooms[place].hasBacklog = false
            self.moment.now = self.environment.clock.monotonic()
            self.settle(place)
            self.runTimers(of: place)
            while let next = backlog.records.first,
                self.retry(next.record, of: next.intake, from: next.source, in: place)
            {
                backlog.records.removeFirst()
                backlog.bytes -= next.weight
            }
            self.markDirty(place)
            if backlog.bytes <= self.rooms[place].policy.inboundBytes / 2 { self.rooms[place].isCongested = false }
            // Hooks that were to be run may have set it, too.
            if !backlog.records.isEmpty { self.rooms[place].hasBacklog = true }
            self.backlogs[place] = self.rooms[place].hasBacklog ? backlog : nil
        }
    }

    /// - Returns: `false` where the room is still too busy.
    private mutating func retry(_ record: Record, of intake: Intake, from source: Int, in place: Int) -> Bool {
        if record.kind == .signal { return self.hear(intake.signals[Int(record.join)], in: place) }
        // Its client may have been thrown out, or may have left, since; or another connection has its place.
        var seat = self.seats[source][Int(record.slot)]
        if seat.attachment != record.attachment {
            let address = MemberAddress(loop: UInt16(source), slot: record.slot, attachment: record.attachment)
            guard let former = self.formerSeats[address] else { return true }
            seat = former
        }
        guard seat.room >= 0 else {
            self.answerOutside(record, of: intake, from: source)
            return true
        }
        if record.kind == .join, self.rooms[place].closeReason != nil, self.rooms[place].failure == nil {
            self.rejoin(record, of: intake, from: source)
            return true
        }
        let isTaken = self.execute(record, of: intake, from: source, seat: seat)
        if isTaken || Int(seat.room) == place { return isTaken }
        // Its client is in the next room of that name: what comes later waits there, too.
        self.postpone(record, of: intake, from: source, in: Int(seat.room), client: seat.client)
        return true
    }

    /// Whether a room has waiting records that it may take in the next tick.
    var canResume: Bool {
        !self.isAsleep && !self.backlogs.isEmpty && self.backlogs.keys.contains(where: { !self.rooms[$0].isWaiting })
    }
}
