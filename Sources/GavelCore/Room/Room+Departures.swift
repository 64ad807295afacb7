internal import NIOCore

/// Members whom the rules send away, one by one or all at once.
extension Room {
    /// A client that is away or gone, which the rules are still to hear.
    struct Departure {
        /// As the rules know it.
        var client: RestoredClient
        /// `nil`: it is away.
        var reason: LeaveReason?
    }

    /// The clients that the rules know of, upward: the members, and those whose leave they are still to hear of.
    var clientsOfRules: [RestoredClient] {
        let members = self.list.members.map { RestoredClient($0) }
        let gone = self.unheardDepartures.lazy.filter { $0.reason != nil }.map(\.client)
        return (members + gone).sorted { $0.id < $1.id }
    }

    /// Rules that took over with what was kept before are still to hear that a client is gone.
    mutating func noteDeparture(of client: RestoredClient) {
        self.unheardDepartures.append(Departure(client: client, reason: .lost))
    }

    mutating func setLocked(_ isLocked: Bool) {
        if isLocked != self.isLocked { self.changes?.note(isLocked ? .locked : .unlocked) }
        self.isLocked = isLocked
    }

    /// Takes a client out, tells it so, and has its connection closed.
    mutating func kick(_ client: ClientID, explanation: UnsafeRawBufferPointer) {
        guard let member = self.remove(client) else { return }
        self.sendAway(member, .kicked, explanation: explanation)
        self.patches.note(
            .close,
            member.address,
            offset: self.offset,
            value: UInt64(CloseCode.kicked.rawValue)
        )
        self.announceLeft(client, reason: .kicked)
    }

    /// Takes a client out and has its connection join another room.
    /// - Parameters:
    ///   - key: The other room's.
    ///   - data: A JSON object for its rules.
    mutating func move(_ client: ClientID, to key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) {
        let hasSession = self.sessions[client] != nil
        guard let member = self.remove(client) else { return }
        self.sendAway(member, .moved)
        self.patches.move(member.address, offset: self.offset, data: data) { join in
            join.writeJSON(#"{"type":"join","room":"#)
            join.writeJSONString(key)
            if !member.name.isEmpty {
                join.writeJSON(#","name":"#)
                join.writeJSONString(member.name)
            }
            if hasSession { join.writeJSON(#","resume":true"#) }
            join.writeJSON("}")
        }
        self.announceLeft(client, reason: .moved)
    }

    /// Takes everybody out; the room is to be ended once their hooks have run.
    mutating func close(reason: UnsafeRawBufferPointer) {
        guard self.closeReason == nil else { return }
        self.closeReason = Array(reason)
        for member in self.removeAll() { self.sendAway(member, .closed, explanation: reason) }
    }

    /// Tells a client that it is out. The hook for it comes later.
    private mutating func sendAway(
        _ member: Member,
        _ reason: LeaveReason,
        explanation: UnsafeRawBufferPointer = .empty
    ) {
        let key = self.key
        self.patches.insert(member.address, offset: self.offset) {
            $0.writeLeft(client: member.client, room: key, reason: reason, explanation: explanation)
        }
        self.patches.note(.end, member.address, offset: self.offset)
        if !member.isAway { self.departures.append(member.address) }
        self.unheardDepartures.append(Departure(client: RestoredClient(member), reason: reason))
    }

    /// Whether somebody is away or gone and no hook has been run for that.
    var hasUnheardDepartures: Bool { !self.unheardDepartures.isEmpty }

    /// Runs the hook for the first of those.
    mutating func runNextDeparture(context: HookContext) {
        let departure = self.unheardDepartures.removeFirst()
        if let reason = departure.reason {
            self.runLeave(of: departure.client.id, reason: reason, context: context)
        } else {
            self.runDrop(of: departure.client.id, context: context)
        }
    }
}

extension RestoredClient {
    init(_ member: Member) {
        self.init(id: member.client, name: member.name, isConnected: !member.isAway)
    }
}
