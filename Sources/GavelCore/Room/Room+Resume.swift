internal import NIOCore

/// Clients that asked for a session: away, back, or gone for good.
extension Room {
    /// What a client that returns is told.
    enum Recovery {
        case recovered
        case lost(StaticString)
    }

    /// The client that a join returns to; `nil`: none, it is a join like any other.
    func clientReturning(by request: JoinRequest) -> ClientID? {
        guard case .resume(let position) = request.resumption, !self.sessions.isEmpty else { return nil }
        return self.sessions.client(of: SessionDigest(of: position.session))
    }

    /// Where a client has a connection; `nil`: it is away.
    func addressInUse(by client: ClientID) -> MemberAddress? {
        guard let member = self.list[client], !member.isAway else { return nil }
        return member.address
    }

    /// The room has taken what the client's connection sent, up to the text message of this number.
    @inline(__always)
    mutating func noteHandled(_ client: ClientID, _ sequence: UInt32) {
        if !self.sessions.isEmpty {
            self.sessions.noteHandled(client, sequence, isLogged: self.changes != nil)
        }
    }

    /// Whether every number after the client's last is held.
    private func recovery(from position: JoinRequest.Position) -> Recovery {
        if position.epoch != self.epoch { return .lost("epoch") }
        if position.lastID > self.lastID { return .lost("future") }
        return position.lastID + 1 >= self.firstHeldID ? .recovered : .lost("history")
    }

    /// A client of the room is back, on another connection.
    /// - Returns: Whether it gets all that it missed.
    mutating func resume(
        _ client: ClientID,
        at address: MemberAddress,
        from position: JoinRequest.Position,
        message: MessageView,
        context: HookContext
    ) -> Bool {
        guard let member = self.list[client], let session = self.sessions[client] else { return false }
        if !member.isAway { self.replaceConnection(of: member) }
        self.list.setBack(client, at: address)
        self.sessions.setBack(client)
        self.changes?.note(.back, client)
        let recovery = self.recovery(from: position)
        let lastID = self.lastID
        self.insertJoined(client, at: address, message: message) { frame in
            frame.writeSession(position.session, handled: session.handled)
            switch recovery {
            case .recovered: frame.writeJSON(#","recovered":true"#)
            case .lost(let reason): frame.writeUnrecovered(reason)
            }
        }
        self.patches.note(.begin, address, offset: self.offset, value: client)
        var isRecovered = false
        if case .recovered = recovery {
            isRecovered = true
            self.replay(position.lastID + 1, through: lastID, to: address)
        }
        if let rules = self.rules {
            let outcome = rules.resume(client, recovered: isRecovered, context: self.complete(context))
            self.apply(showing: outcome, of: rules, to: address)
        } else {
            self.showLatest(to: address)
        }
        return isRecovered
    }

    /// The newer connection wins.
    private mutating func replaceConnection(of member: Member) {
        self.patches.note(.end, member.address, offset: self.offset)
        self.patches.note(
            .close,
            member.address,
            offset: self.offset,
            value: UInt64(CloseCode.replaced.rawValue)
        )
    }

    /// Sends a member messages of the history before all that comes now; nothing where `first` is above `last`.
    mutating func replay(_ first: MessageID, through last: MessageID, to address: MemberAddress) {
        guard first <= last else { return }
        self.patches.replay(Replay(first: first, last: last), address, offset: self.offset)
    }

    /// A client's connection is gone: its place is kept where it has a session.
    /// - Returns: `false` where it has none, and nothing was done.
    mutating func drop(_ client: ClientID, at now: NIODeadline, context: HookContext) -> Bool {
        guard let grace = self.policy.resumeGrace,
            self.sessions.setAway(client, until: now + TimeAmount(grace))
        else { return false }
        self.list.setAway(client)
        self.changes?.note(.away, client)
        self.runDrop(of: client, context: context)
        return true
    }

    mutating func runDrop(of client: ClientID, context: HookContext) {
        guard let rules = self.rules else { return }
        let outcome = rules.drop(client, context: self.complete(context))
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    /// Takes out a client, if its time to come back is over.
    /// - Returns: `false` where it is not.
    mutating func expire(_ client: ClientID, at now: NIODeadline, context: HookContext) -> Bool {
        guard let deadline = self.sessions[client]?.awayUntil, deadline <= now else { return false }
        self.leave(client, reason: .lost, answers: false, message: nil, context: context)
        return true
    }
}
