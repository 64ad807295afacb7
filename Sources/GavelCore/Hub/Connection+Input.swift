internal import CGavelJSON
internal import NIOCore

extension Connection {
    /// Memory for the next text message of `count` bytes, which the transport unmasks straight into it. Valid until
    /// the next call of any kind; reserving again without ``commit(_:)`` abandons it.
    package func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        self.relay.intake(to: self.destination).reserve(count)
    }

    private var destination: Int {
        self.stage == .attached ? self.home : self.relay.index
    }

    /// Takes the message of `count` bytes written to reserved memory; they must be UTF-8.
    /// - Returns: `false` where the transport must pass on nothing more until
    ///   ``ConnectionOutlet/setReading(_:)`` says so, or because the connection is closing.
    package func commit(_ count: Int) -> Bool {
        self.take(count, isSecondReading: false)
    }

    /// - Parameter isSecondReading: Whether it is a join that waited until the old room was left: it has been counted.
    private func take(_ count: Int, isSecondReading: Bool) -> Bool {
        guard self.stage != .ended else { return false }
        let intake = self.relay.intake(to: self.destination)
        self.sentCount &+= 1
        self.relay.meters.values.messagesIn &+= isSecondReading ? 0 : 1
        self.relay.meters.values.bytesIn &+= isSecondReading ? 0 : count
        let message: MessageView
        switch intake.scan(count, maximumDepth: self.relay.limits.jsonDepth) {
        case .success(let view): message = view
        case .failure(let error): return self.refuse(error, message: nil)
        }
        if let error = message.checkEnvelope() {
            if message.isJoin { self.sentCount &-= 1 }
            return self.refuse(error, message: message)
        }
        if self.messageBucket != nil || self.byteBucket != nil, !isSecondReading, let error = self.limitRate(count) {
            if message.isJoin { self.sentCount &-= 1 }
            return self.refuse(error, message: message)
        }
        let kind = message.classify()
        switch kind {
        case .room, .reserved:
            guard self.stage == .attached else {
                return self.refuse(kind == .reserved ? .reservedType : .notJoined, message: message)
            }
            intake.keep(
                message,
                .message,
                isReserved: kind == .reserved,
                slot: self.slot,
                attachment: self.attachment,
                sequence: self.sentCount
            )
            self.relay.noteActivity()
            if self.room < 0 { self.countAhead(count) }
            return self.relay.admits(self)
        case .join: return self.join(message, isCounted: isSecondReading)
        case .leave: return self.leave(message, intake)
        case .ping:
            self.reply { $0.writePong(reference: message.reference) }
            return self.stage != .ended
        }
    }

    // MARK: Joining and leaving

    /// A room that has not answered a join cannot ask its sender to wait.
    private func countAhead(_ count: Int) {
        self.aheadBytes += count
        if self.aheadBytes > Intake.fullBytes { self.hold(.joining) }
    }

    private func join(_ message: MessageView, isCounted: Bool) -> Bool {
        self.sentCount &-= 1
        var request: JoinRequest
        switch JoinRequest.parse(message, limits: self.relay.limits) {
        case .success(let parsed): request = parsed
        case .failure(let error): return self.refuse(error, message: message)
        }
        if self.relay.isDraining { return self.refuse(.draining, message: message) }
        if let most = self.relay.limits.joinsPerMinute, !isCounted {
            let now = self.relay.now
            if self.joins.add(at: now) > most {
                let wait = self.joins.remainingMilliseconds(at: now)
                return self.refuse(
                    MessageError(.rateLimited, "Too many rooms in a minute.", retryAfterMilliseconds: wait),
                    message: message
                )
            }
        }
        if self.stage == .attached {
            // First out of the old room, whatever the new one says; then the join is read again.
            self.nextJoin = Array(message.text)
            self.relay.note(.leave, of: self)
            self.stage = .leaving
            self.hold(.leaving)
            return false
        }
        request.moved = self.nextMove?.data
        self.attach(request, message)
        return true
    }

    private func attach(_ request: JoinRequest, _ message: MessageView) {
        self.home = self.relay.environment.home(of: request.key, loops: self.relay.count)
        self.attachment = self.relay.nextAttachment()
        self.stage = .attached
        self.sentCount = 0
        self.aheadBytes = 0
        let local = self.relay.intake(to: self.relay.index)
        if self.home == self.relay.index {
            local.keep(message, join: request, slot: self.slot, attachment: self.attachment)
        } else {
            // It was scanned where a connection without a room puts its messages.
            let remote = self.relay.intake(to: self.home)
            remote.reserve(message.text.count).copyMemory(
                from: message.text.baseAddress!,
                byteCount: message.text.count
            )
            if case .success(let copy) = remote.scan(
                message.text.count,
                maximumDepth: self.relay.limits.jsonDepth
            ) {
                remote.keep(copy, join: request, slot: self.slot, attachment: self.attachment)
            }
        }
        if self.nextMove == nil { self.relay.noteActivity() } else { self.relay.continueLater() }
    }

    private func leave(_ message: MessageView, _ intake: Intake) -> Bool {
        guard self.stage == .attached else { return self.refuse(.notJoined, message: message) }
        intake.keep(
            message,
            .leave,
            isReserved: false,
            slot: self.slot,
            attachment: self.attachment,
            sequence: self.sentCount
        )
        self.relay.noteActivity()
        self.stage = .leaving
        self.hold(.leaving)
        return false
    }

    /// The room has said that the client is no longer in it, or that it never was.
    func detached() {
        guard self.stage != .ended else { return }
        self.stage = .idle
        self.room = -1
        self.client = 0
        if let join = self.nextJoin.take() ?? self.nextMove?.join {
            join.withUnsafeBytes { self.reserve($0.count).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            _ = self.take(join.count, isSecondReading: true)
        }
        self.nextMove = nil
        self.unhold(.joining)
        self.unhold(.leaving)
    }

    // MARK: Refusing

    /// Answers with an error.
    private func refuse(_ error: MessageError, message: MessageView?) -> Bool {
        self.relay.meters.refuse(error.code)
        self.reply { $0.writeError(error, client: self.client, message: message) }
        // A join that another room's rules made is none of the client's.
        if error.code.isMalformed, self.nextMove == nil { self.countMalformed() }
        return self.stage != .ended
    }

    /// Closes the connection of a client that sends too many malformed messages.
    func countMalformed() {
        guard self.malformed.add(at: self.relay.now) > self.relay.limits.badMessages else { return }
        self.close(.badMessages, "too many malformed messages")
    }

    /// Takes from the buckets; an abuser, who goes on at ten times the rate for a minute, is cut.
    private func limitRate(_ count: Int) -> MessageError? {
        self.relay.noteActivity()
        let now = self.relay.now
        guard let wait = self.messageBucket?.take(1, at: now) ?? self.byteBucket?.take(count, at: now) else {
            return nil
        }
        let most = 60 * 9 * (self.relay.limits.messagesPerSecond ?? 100)
        if self.limited.add(at: now) > most { self.close(.rateLimit, "rate limit") }
        return MessageError(.rateLimited, "Too many messages.", retryAfterMilliseconds: wait)
    }
}
