internal import CGavelJSON
internal import NIOCore

extension Room {
    /// What became of a message.
    package enum Reception {
        /// The room has had its share of this tick; nothing was done.
        case postponed
        case taken
        /// It was taken, and rules may have run.
        case ruled
    }

    /// Takes a message of a client that is in the room: checks it, lets the rules see it, numbers and relays it, or
    /// tells the sender why not.
    /// - Parameter isReserved: Whether its type is one of the relay's own.
    package mutating func receive(
        _ message: MessageView,
        isReserved: Bool,
        from client: ClientID,
        at address: MemberAddress,
        context: HookContext,
        share: Share
    ) -> Reception {
        if self.hasBacklog || self.isBusy(share) { return .postponed }
        if isReserved, Mutation.reservesTypes {
            self.refuse(address, client: client, .reservedType, message: message)
        } else if message.text.count > self.policy.messageBytes {
            self.refuse(address, client: client, .tooLarge, message: message)
        } else if let rules = self.rules {
            self.judge(message, by: rules, from: client, at: address, context: context)
            return .ruled
        } else {
            self.relay(message, from: client)
        }
        return .taken
    }

    private mutating func judge(
        _ message: MessageView,
        by rules: any RoomRules,
        from client: ClientID,
        at address: MemberAddress,
        context: HookContext
    ) {
        let outcome = rules.message(message, from: client, context: self.complete(context))
        switch outcome.verdict {
        case .relay:
            if let key = outcome.latest {
                self.relayLatest(message, key, from: client, at: address)
            } else {
                self.relay(message, from: client)
            }
        case .changed:
            let object = outcome.payload
            if let key = outcome.latest {
                self.relayLatest(
                    object,
                    brace: object.count - 1,
                    isEmpty: object.count == 2,
                    key,
                    from: client,
                    at: address
                )
                self.confirm(message, at: address)
            } else {
                self.number(object, brace: object.count - 1, isEmpty: object.count == 2, from: client)
            }
        case .handled, .dropped:
            // A message with a ref is always answered.
            if outcome.hasReply || message.envelope.ref != 0 {
                self.patches.insert(address, offset: self.offset) {
                    $0.writeReply(outcome.payload, message: message)
                }
            }
        case .rejected:
            return self.refuse(address, client: client, .rejected, details: outcome.payload, message: message)
        case .failed:
            return self.refuse(address, client: client, .rulesFailed, details: outcome.payload, message: message)
        case .unknownType:
            return self.refuse(address, client: client, .unknownType, message: message)
        case .invalid:
            return self.refuse(address, client: client, .schemaUnmet, details: outcome.payload, message: message)
        case .limited:
            var error = MessageError.typeLimited
            error.retryAfterMilliseconds = outcome.retryAfterMilliseconds
            return self.refuse(address, client: client, error, message: message)
        case .switchedOff:
            return self.refuse(address, client: client, .rulesSwitchedOff, message: message)
        }
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    @inline(__always)
    private mutating func relay(_ message: MessageView, from client: ClientID) {
        let envelope = message.envelope
        if envelope.stamped, Mutation.stripsStamp {
            return self.withStripped(message) { $0.number($1, brace: $1.count - 1, isEmpty: $2, from: client) }
        }
        self.number(message.text, brace: Int(envelope.close), isEmpty: envelope.empty, from: client)
    }

    private mutating func relayLatest(
        _ message: MessageView,
        _ key: LatestKey,
        from client: ClientID,
        at address: MemberAddress
    ) {
        let envelope = message.envelope
        if envelope.stamped, Mutation.stripsStamp {
            self.withStripped(message) {
                $0.relayLatest($1, brace: $1.count - 1, isEmpty: $2, key, from: client, at: address)
            }
        } else {
            self.relayLatest(
                message.text,
                brace: Int(envelope.close),
                isEmpty: envelope.empty,
                key,
                from: client,
                at: address
            )
        }
        self.confirm(message, at: address)
    }

    /// A message with a ref is always answered, also where its sender does not get it, or only a newer one.
    private mutating func confirm(_ message: MessageView, at address: MemberAddress) {
        guard message.envelope.ref != 0 else { return }
        self.patches.insert(address, offset: self.offset) { $0.writeReply(.empty, message: message) }
    }

    /// The client put `client_id` or `msg_id` in itself: they are taken out first.
    /// - Parameter body: Is given the object, whose last byte is the closing brace, and whether it has no member.
    private mutating func withStripped(
        _ message: MessageView,
        _ body: (inout Self, UnsafeRawBufferPointer, _ isEmpty: Bool) -> Void
    ) {
        let stripped = message.stripped
        stripped.object.withUnsafeBytes { body(&self, $0, stripped.isEmpty) }
    }

    /// Does what a hook recorded, in the order of its calls.
    mutating func apply(effects indices: Range<Int>, of rules: any RoomRules) {
        for index in indices {
            let effect = rules.effect(at: index)
            switch effect.kind {
            case .broadcast:
                self.number(effect.message, brace: effect.message.count - 1, isEmpty: false, from: 0)
            case .send:
                let frame = self.patches.write(effect.message)
                for client in effect.recipients {
                    guard let index = self.list.index(of: client) else { continue }
                    self.patches.insert(frame, self.list.members[index].address, offset: self.offset)
                }
            case .snapshot:
                let lastID = self.lastID
                for client in effect.recipients {
                    guard let index = self.list.index(of: client) else { continue }
                    self.patches.insert(self.list.members[index].address, offset: self.offset) {
                        $0.writeSnapshot(effect.message, asOf: lastID)
                    }
                }
            case .kick:
                for client in effect.recipients { self.kick(client, explanation: effect.message) }
            case .lock: self.setLocked(true)
            case .unlock: self.setLocked(false)
            case .close: self.close(reason: effect.message)
            case .move:
                for client in effect.recipients { self.move(client, to: effect.room, data: effect.message) }
            case .signal: self.note(effect)
            }
        }
    }
}

extension MessageView {
    /// The object without what its sender put in as `client_id` or `msg_id`, its last byte the closing brace; and
    /// whether it has no member.
    var stripped: (object: [UInt8], isEmpty: Bool) {
        var envelope = self.envelope
        var isEmpty = false
        let object = [UInt8](unsafeUninitializedCapacity: Int(envelope.close) + 1) { target, count in
            count = gj_strip_stamp(self.bytes, self.tape.baseAddress, &envelope, target.baseAddress, &isEmpty)
            target[count] = UInt8(ascii: "}")
            count += 1
        }
        return (object, isEmpty)
    }
}
