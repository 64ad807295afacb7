internal import NIOCore

extension Room {
    /// A connection wants in.
    /// - Parameters:
    ///   - message: The join as it was sent.
    ///   - secret: A new session's, printable ASCII; `nil`: it gets none.
    /// - Returns: The client it has become, or `nil` where it was refused; it has been told why.
    mutating func join(
        _ address: MemberAddress,
        _ request: JoinRequest,
        message: MessageView,
        secret: [UInt8]?,
        context: HookContext
    ) -> ClientID? {
        if let failure = self.failure {
            self.refuseJoin(address, failure, message: message)
            return nil
        }
        if self.closeReason != nil {
            self.refuseJoin(address, .closed, message: message)
            return nil
        }
        if self.isLocked {
            self.refuseJoin(address, .locked, message: message)
            return nil
        }
        if let most = self.policy.maxClients, self.list.count >= most {
            self.refuseJoin(address, .roomFull, message: message)
            return nil
        }
        let client = self.nextClient()
        var outcome = HookOutcome(.relay)
        if let rules = self.rules {
            let context = self.complete(context)
            outcome = request.name.withUnsafeBytes { name in
                (request.moved ?? []).withUnsafeBytes {
                    let moved = request.moved == nil ? nil : $0
                    return rules.join(client, name: name, message: message, moved: moved, context: context)
                }
            }
            switch outcome.verdict {
            case .rejected:
                self.returnClient()
                self.refuseJoin(address, .rejected, details: outcome.payload, message: message)
                return nil
            case .invalid:
                self.returnClient()
                self.refuseJoin(address, .schemaUnmet, details: outcome.payload, message: message)
                return nil
            case .failed:
                self.returnClient()
                self.refuseJoin(address, .rulesFailed, details: outcome.payload, message: message)
                return nil
            case .switchedOff:
                self.returnClient()
                self.refuseJoin(address, .rulesSwitchedOff, message: message)
                return nil
            default: break
            }
        }
        let member = Member(client: client, address: address, name: request.name)
        self.admit(member, request, outcome.payload, message: message, secret: secret)
        guard let rules = self.rules else {
            self.showLatest(to: address)
            return client
        }
        self.apply(showing: outcome, of: rules, to: address)
        return client
    }

    /// Does what a hook recorded for a client that came: what it is shown of the room comes before the newest messages,
    /// and these before all that happens now.
    mutating func apply(showing outcome: HookOutcome, of rules: any RoomRules, to address: MemberAddress) {
        let shown = outcome.effectCount > 0 && rules.effect(at: 0).kind == .snapshot ? 1 : 0
        self.apply(effects: 0..<shown, of: rules)
        self.showLatest(to: address)
        self.apply(effects: shown..<outcome.effectCount, of: rules)
    }

    private mutating func refuseJoin(
        _ address: MemberAddress,
        _ error: MessageError,
        details: UnsafeRawBufferPointer = .empty,
        message: MessageView
    ) {
        self.refuse(address, client: 0, error, details: details, message: message)
        self.patches.note(.refuse, address, offset: self.offset)
    }

    private mutating func admit(
        _ member: Member,
        _ request: JoinRequest,
        _ extra: UnsafeRawBufferPointer,
        message: MessageView,
        secret: [UInt8]?
    ) {
        self.meters?.values.joins &+= 1
        let lastID = self.lastID
        self.insertJoined(member.client, at: member.address, message: message) { frame in
            if let secret { frame.writeSession(secret, handled: 0) }
            if case .resume = request.resumption { frame.writeUnrecovered("session") }
            frame.writeMembers(extra)
        }
        let session = secret.map { Session(digest: SessionDigest(of: $0)) }
        self.add(member, session: session)
        self.replay(self.startOfHistory(request.history), through: lastID, to: member.address)
        if self.policy.presence {
            self.announce(#"{"type":"client_joined""#, of: member.client) { frame in
                guard !member.name.isEmpty else { return }
                frame.writeJSON(#","name":"#)
                frame.writeJSONString(member.name)
            }
        }
    }

    /// Tells a connection that it is in the room.
    /// - Parameter members: Writes what else `joined` has to say.
    mutating func insertJoined(
        _ client: ClientID,
        at address: MemberAddress,
        message: MessageView,
        members: (inout ByteBuffer) -> Void
    ) {
        let key = self.key
        let epoch = self.epoch
        let lastID = self.lastID
        let present = self.policy.presence ? self.list.members : nil
        let version = self.showsVersion ? self.policy.rules?.version : nil
        self.patches.insert(address, offset: self.offset) { frame in
            frame.beginJoined(client, room: key, lastID: lastID, epoch: epoch)
            if let present { frame.writeClients(present) }
            frame.writeReference(message.reference)
            if let version { frame.writeVersion(version) }
            members(&frame)
            frame.writeJSON("}")
        }
    }

    /// A client goes of its own will or is gone.
    /// - Parameter message: The `leave` it sent, which is answered by `left`; `nil`: nobody is there to be told, or
    ///   a second join makes it leave.
    /// - Parameter answers: Whether its connection is to be told that it left.
    package mutating func leave(
        _ client: ClientID,
        reason: LeaveReason,
        answers: Bool,
        message: MessageView?,
        context: HookContext
    ) {
        guard let member = self.remove(client) else { return }
        if answers {
            let key = self.key
            self.patches.insert(member.address, offset: self.offset) {
                $0.writeLeft(
                    client: client,
                    room: key,
                    reason: reason,
                    reference: message?.reference ?? .empty
                )
            }
            self.patches.note(.end, member.address, offset: self.offset)
        }
        self.announceLeft(client, reason: reason)
        self.runLeave(of: client, reason: reason, context: context)
    }

    mutating func announceLeft(_ client: ClientID, reason: LeaveReason) {
        guard self.policy.presence else { return }
        self.announce(#"{"type":"client_left","reason":""#, of: client) { frame in
            frame.writeJSON(reason.text)
            frame.writeJSON(#"""#)
        }
    }

    mutating func runLeave(of client: ClientID, reason: LeaveReason, context: HookContext) {
        guard let rules = self.rules else { return }
        let outcome = rules.leave(client, reason: reason, context: self.complete(context))
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    /// Numbers a presence message about a client.
    private mutating func announce(
        _ start: StaticString,
        of client: ClientID,
        members: (inout ByteBuffer) -> Void
    ) {
        var object = ByteBuffer()
        object.writeJSON(start)
        members(&object)
        object.writeJSON("}")
        object.withUnsafeReadableBytes { self.number($0, brace: $0.count - 1, isEmpty: false, from: client) }
    }
}

extension ByteBuffer {
    /// `clients`, as `joined` carries it where presence is on.
    fileprivate mutating func writeClients(_ members: ContiguousArray<Member>) {
        self.writeJSON(#","clients":["#)
        for (index, member) in members.enumerated() {
            self.writeJSON(index == 0 ? #"{"client_id":"# : #",{"client_id":"#)
            self.writeDecimal(member.client)
            if !member.name.isEmpty {
                self.writeJSON(#","name":"#)
                self.writeJSONString(member.name)
            }
            self.writeJSON("}")
        }
        self.writeJSON("]")
    }
}
