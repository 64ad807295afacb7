internal import NIOCore

/// A room that is taken up again.
extension Room {
    /// Takes up what a log kept.
    /// - Parameters:
    ///   - deadline: When clients that do not come back are gone.
    ///   - moment: Now.
    /// - Throws: ``MessageLogError`` `corrupt` where messages are missing.
    mutating func restore(
        _ stored: StoredRoom,
        _ record: RoomRecord,
        until deadline: NIODeadline,
        at moment: Moment
    ) throws(MessageLogError) {
        try self.restoreHistory(stored, at: moment)
        self.restoreMembers(record, until: deadline)
    }

    private mutating func restoreHistory(_ stored: StoredRoom, at moment: Moment) throws(MessageLogError) {
        var next: MessageID?
        guard stored.lastID <= MessageLogError.largestNumber else { throw .corruptRoom }
        for frames in stored.messages {
            guard frames.lastID <= stored.lastID else { throw .corruptRoom }
            let age = max(0, moment.wallMilliseconds - max(0, frames.wallMilliseconds))
            let at = moment.now - .milliseconds(min(age, Int64(moment.now.uptimeNanoseconds / 1_000_000)))
            guard next == nil || next == frames.firstID, let segment = History.Segment(frames, at: at) else {
                throw .corruptRoom
            }
            next = frames.lastID + 1
            self.history?.append(segment)
        }
        guard next == nil || next == stored.lastID + 1 else { throw .corruptRoom }
        self.lastID = stored.lastID
        self.trimHistory(at: moment.now)
    }

    /// Clients with a session are away; the others left when the relay did. The rules hear of both.
    private mutating func restoreMembers(_ record: RoomRecord, until deadline: NIODeadline) {
        self.lastClient = record.lastClient
        self.isLocked = record.isLocked
        for (client, kept) in record.clients.sorted(by: { $0.key < $1.key }) {
            let address = MemberAddress(loop: 0, slot: .max, attachment: 0)
            self.list.append(away: Member(client: client, address: address, name: kept.name))
            guard let digest = kept.session, self.policy.resumeGrace != nil else {
                guard let member = self.remove(client) else { continue }
                self.announceLeft(member.client, reason: .lost)
                self.unheardDepartures.append(Departure(client: RestoredClient(member), reason: .lost))
                continue
            }
            let session = Session(
                digest: digest,
                handled: kept.handled,
                handledBefore: kept.handled,
                awayUntil: deadline
            )
            self.sessions.add(session, of: client)
            if !kept.isAway {
                self.changes?.note(.away, client)
                self.unheardDepartures.append(
                    Departure(client: RestoredClient(id: client, name: kept.name), reason: nil)
                )
            }
        }
    }
}
