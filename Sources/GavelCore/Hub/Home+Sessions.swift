internal import NIOCore

/// Clients that come, come back, or do not.
extension Home {
    mutating func executeJoin(
        _ request: JoinRequest,
        _ message: MessageView,
        _ address: MemberAddress,
        in place: Int
    ) {
        let context = self.moment.context
        if let client = self.rooms[place].clientReturning(by: request), case .resume(let position) = request.resumption
        {
            if let former = self.rooms[place].addressInUse(by: client) { self.vacate(former) }
            self.seat(client, at: address)
            self.lingering[place] = nil
            let isRecovered = self.rooms[place].resume(
                client,
                at: address,
                from: position,
                message: message,
                context: context
            )
            if isRecovered { self.counts.recoveredResumes += 1 } else { self.counts.unrecoveredResumes += 1 }
            return
        }
        var secret: [UInt8]?
        if self.rooms[place].policy.resumeGrace != nil {
            switch request.resumption {
            case .none: break
            case .begin, .resume: secret = self.environment.makeSecret()
            }
        }
        let joined = self.rooms[place].join(address, request, message: message, secret: secret, context: context)
        if let client = joined {
            if case .resume = request.resumption { self.counts.unrecoveredResumes += 1 }
            self.seat(client, at: address)
            self.lingering[place] = nil
        } else {
            self.vacate(address)
        }
    }

    /// Takes out clients that have been away for too long, as far as the shares of their rooms go.
    /// - Returns: Whether there are more, to be taken out in the next tick.
    mutating func expireSessions(at moment: Moment) -> Bool {
        guard !self.awayPlaces.isEmpty else { return false }
        var hasMore = false
        self.begin(moment)
        for place in Array(self.awayPlaces) {
            if self.rooms[place].sessions.awayCount == 0 {
                self.awayPlaces.remove(place)
                continue
            }
            let isDone = self.expireSessions(of: place, at: moment.now)
            if !isDone, !self.rooms[place].isWaiting { hasMore = true }
        }
        return hasMore
    }

    /// - Returns: `false` where the room is too busy for some.
    private mutating func expireSessions(of place: Int, at now: NIODeadline) -> Bool {
        for client in self.rooms[place].sessions.expired(at: now) {
            if self.rooms[place].hasBacklog || self.rooms[place].isBusy(self.share) { return false }
            guard self.rooms[place].expire(client, at: now, context: self.moment.context) else { continue }
            self.counts.expiredSessions += 1
            self.markDirty(place)
            self.settle(place, .membership)
        }
        return true
    }
}
