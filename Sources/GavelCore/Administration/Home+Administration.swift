/// What an operator asks of rooms, and does to them. Each is done between two messages, and as if the room's rules had
/// done it.
extension Home {
    func summary(of place: Int) -> RoomSummary {
        RoomSummary(
            key: self.rooms[place].key,
            members: self.rooms[place].memberCount,
            away: self.rooms[place].sessions.awayCount,
            lastID: self.rooms[place].lastID,
            epoch: self.rooms[place].epoch,
            rules: self.rooms[place].policy.rules.map { ($0.name, $0.version) },
            isOnProbation: self.rooms[place].probation != nil,
            isLocked: self.rooms[place].isLocked,
            isOpening: self.rooms[place].isOpening,
            isObserved: self.observers[self.rooms[place].key] != nil,
            historyBytes: self.rooms[place].history?.byteCount ?? 0,
            backlogBytes: self.backlogs[place]?.bytes ?? 0
        )
    }

    /// The rooms here, `most` of them, in no order.
    func summaries(most: Int) -> [RoomSummary] {
        self.places.values.prefix(most).map { self.summary(of: $0) }
    }

    /// - Returns: With the address of each client that has a connection; `nil`: the room is not there.
    func details(of key: RoomKey, at moment: Moment) -> (details: RoomDetails, addresses: [ClientID: MemberAddress])? {
        guard let place = self.places[key] else { return nil }
        let now = moment.context.uptimeMilliseconds
        var addresses: [ClientID: MemberAddress] = [:]
        var clients: [ClientSummary] = []
        for member in self.rooms[place].list.members {
            if !member.isAway { addresses[member.client] = member.address }
            clients.append(
                ClientSummary(
                    id: member.client,
                    name: member.name,
                    isConnected: !member.isAway,
                    isSlow: member.isSlow
                )
            )
        }
        let rules = self.rooms[place].rules
        let details = RoomDetails(
            summary: self.summary(of: place),
            clients: clients,
            failures: rules?.failureCount ?? 0,
            failuresOfLastMinute: rules?.failuresOfLastMinute(at: now) ?? 0,
            lastFailure: rules?.lastFailure,
            probation: self.rooms[place].probation.map { ($0.mostFailures, $0.previous.version) },
            state: self.rooms[place].policy.rules == nil ? [] : rules?.describeState(atMost: Self.shownState) ?? [],
            timers: rules?.summarizeTimers(at: now) ?? [],
            nextTimerMilliseconds: rules?.nextTimer.map { max(0, $0 - now) }
        )
        return (details, addresses)
    }

    /// Bytes of a state that are shown.
    private static let shownState = 16 * 1024

    /// The place of a room that goes on, which is then to do something.
    mutating func placeToAct(of key: RoomKey, at moment: Moment) -> Int? {
        guard !self.isAsleep, let place = self.places[key], !self.rooms[place].isOpening, !self.rooms[place].isOver
        else {
            return nil
        }
        self.begin(moment)
        self.markDirty(place)
        return place
    }

    /// - Returns: `false` where there is no such client.
    mutating func kick(_ client: ClientID, from key: RoomKey, reason: [UInt8], at moment: Moment) -> Bool {
        guard let place = self.placeToAct(of: key, at: moment), self.rooms[place].list[client] != nil else {
            return false
        }
        reason.withUnsafeBytes { self.rooms[place].kick(client, explanation: $0) }
        self.settle(place)
        return true
    }

    /// - Returns: `false` where there is no such room.
    mutating func close(_ key: RoomKey, reason: [UInt8], at moment: Moment) -> Bool {
        guard let place = self.placeToAct(of: key, at: moment) else { return false }
        reason.withUnsafeBytes { self.rooms[place].close(reason: $0) }
        self.settle(place)
        return true
    }

    /// Numbers a message of the relay's own.
    /// - Parameter message: A JSON object with `type`, without `client_id` and `msg_id`, `}` its last byte.
    /// - Returns: `false` where there is no such room.
    mutating func broadcast(_ message: [UInt8], to key: RoomKey, at moment: Moment) -> Bool {
        guard let place = self.placeToAct(of: key, at: moment) else { return false }
        message.withUnsafeBytes { self.rooms[place].number($0, brace: $0.count - 1, isEmpty: false, from: 0) }
        return true
    }

    /// As ``broadcast(_:to:at:)``, to every room here.
    /// - Returns: To how many.
    mutating func broadcastToAll(_ message: [UInt8], at moment: Moment) -> Int {
        Array(self.places.keys).count { self.broadcast(message, to: $0, at: moment) }
    }
}

extension RoomRules {
    fileprivate func summarizeTimers(at uptimeMilliseconds: Int64) -> [TimerSummary] {
        let timers = self.timers.sorted {
            ($0.dueAt ?? .max, $0.name, $0.key ?? "") < ($1.dueAt ?? .max, $1.name, $1.key ?? "")
        }
        return timers.map { timer in
            TimerSummary(
                name: timer.name,
                key: timer.key,
                millisecondsLeft: timer.dueAt.map { max(0, $0 - uptimeMilliseconds) },
                periodMilliseconds: timer.periodMilliseconds
            )
        }
    }
}
