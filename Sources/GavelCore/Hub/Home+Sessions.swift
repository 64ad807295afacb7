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
    mutating func expireSessions(at moment: Moment) {
        guard !self.awayPlaces.isEmpty else { return }
        self.begin(moment)
        for place in Array(self.awayPlaces) {
            if self.rooms[place].sessions.awayCount == 0 {
                self.awayPlaces.remove(place)
                continue
            }
            let context = self.moment.context
            while !self.rooms[place].hasBacklog, !self.rooms[place].isBusy(self.share),
                self.rooms[place].expireNext(at: moment.now, context: context)
            {
                self.counts.expiredSessions += 1
                self.markDirty(place)
                self.settle(place)
            }
        }
    }
}
