/// What the log is told of a room.
extension Room {
    /// A room's place in its log.
    struct Logging: Sendable {
        /// Which life of the room it is; never given twice.
        let life: UInt64
        /// Bytes that the log has taken and not yet answered for.
        var unansweredBytes = 0
        /// What the room said that waits for a commit, and bytes of it.
        var heldTicks = 0
        var heldBytes = 0
        /// What members' loops were last told while something waited: not to read senders.
        var toldPause = false
        /// Whether all that is so much that the room waits.
        var isBehind = false
        /// The loop's append that had its last entry.
        var lastAppend: UInt64 = 0
        /// Whether a whole copy is due.
        var needsCopy = true
        /// Bytes of changes since the last copy.
        var changedBytes = 0
        /// Of the last copy.
        var copyBytes = 0
    }

    /// Changes of fewer bytes than this need no new copy.
    private static let copyAfterBytes = 16 << 10

    /// Ends a tick: what the log is to be told of it.
    /// - Parameter batch: The tick's.
    /// - Returns: `nil` where nothing changed.
    /// - Throws: ``MessageLogError`` where the rules have no memory to say what they keep.
    mutating func takeEntry(_ batch: Batch?) throws(MessageLogError) -> LogEntry? {
        guard self.changes != nil else { return nil }
        self.noteChanges()
        let isOver = self.closeReason != nil
        let messages = batch.flatMap { NumberedFrames($0, lastID: self.lastID) }
        if messages == nil, self.changes!.isEmpty, !isOver, !self.logging.needsCopy { return nil }
        var entry = LogEntry(
            isOver ? .end : .tick,
            key: self.key,
            life: self.logging.life,
            epoch: self.epoch,
            lastID: self.lastID,
            messages: messages
        )
        if isOver {
            self.changes = nil
            return entry
        }
        let changes = self.changes!.take()
        self.logging.changedBytes += changes.count
        if self.logging.changedBytes > max(Self.copyAfterBytes, 2 * self.logging.copyBytes) {
            self.logging.needsCopy = true
        }
        if self.logging.needsCopy {
            entry.copy = try self.makeCopy()
        } else {
            entry.changes = changes
        }
        return entry
    }

    /// Of a room that ends.
    var lastEntry: LogEntry {
        LogEntry(.end, key: self.key, life: self.logging.life, epoch: self.epoch, lastID: self.lastID)
    }

    /// Of a room that could not be taken up: it goes, or sleeps on as it is kept.
    /// - Returns: `nil` where its epoch is over anyway.
    func entryOfNone(_ stored: StoredRoom?) -> LogEntry? {
        guard let stored else { return self.lastEntry }
        guard stored.isWhole else { return nil }
        return LogEntry(
            .sleep,
            key: self.key,
            life: self.logging.life,
            epoch: stored.epoch,
            lastID: stored.lastID,
            copy: (stored.copy ?? []) + stored.changes.joined()
        )
    }

    /// The last entry of a room that sleeps.
    mutating func takeSleep() throws(MessageLogError) -> LogEntry? {
        guard self.changes != nil else { return nil }
        let copy = try self.makeCopy()
        self.changes = nil
        return LogEntry(
            .sleep,
            key: self.key,
            life: self.logging.life,
            epoch: self.epoch,
            lastID: self.lastID,
            copy: copy
        )
    }

    private mutating func noteChanges() {
        for (client, handled) in self.sessions.takeChanged() { self.changes!.handled(client, handled) }
        self.noteChangesOfRules()
    }

    /// Notes what the rules have to tell the log by now.
    mutating func noteChangesOfRules() {
        guard self.changes != nil, self.policy.rules != nil, let rules = self.rules else { return }
        if let changes = rules.takeChanges() {
            if !changes.isEmpty { self.changes!.note(.rules, changes) }
        } else {
            self.logging.needsCopy = true
        }
    }

    private mutating func makeCopy() throws(MessageLogError) -> [UInt8] {
        var copy = RoomChanges()
        copy.note(.lastClient, self.lastClient)
        if self.isLocked { copy.note(.locked) }
        for member in self.list.members {
            let session = self.sessions[member.client]
            copy.joined(member.client, name: member.name, session: session?.digest)
            if let session, session.handled > 0 { copy.handled(member.client, session.handled) }
            if member.isAway { copy.note(.away, member.client) }
        }
        if let provider = self.policy.rules, let rules = self.rules {
            copy.rulesVersion(provider.version, identity: provider.identity)
            guard let kept = rules.copy() else {
                throw MessageLogError(.failed, "The rules have no memory left to say what they keep.")
            }
            copy.note(.rulesCopy, kept)
        }
        self.logging.needsCopy = false
        self.logging.changedBytes = 0
        self.logging.copyBytes = copy.bytes.count
        return copy.take()
    }

    // MARK: Answers

    /// Its entry is on its way to the log.
    mutating func noteAppended(_ bytes: Int, in append: UInt64, limitBytes: Int) {
        self.logging.lastAppend = append
        self.logging.unansweredBytes += bytes
        self.logging.noteBytes(limitBytes: limitBytes)
    }

    /// The log has answered for so much.
    mutating func noteAnswered(_ bytes: Int, limitBytes: Int) {
        self.logging.unansweredBytes -= bytes
        self.logging.noteBytes(limitBytes: limitBytes)
    }

    /// What it said waits for a commit.
    mutating func noteHeld(_ bytes: Int, limitBytes: Int) {
        self.logging.heldTicks += 1
        self.logging.heldBytes += bytes
        self.logging.noteBytes(limitBytes: limitBytes)
    }

    /// What it said waits no more.
    mutating func noteReleased(_ bytes: Int, limitBytes: Int) {
        self.logging.heldTicks -= 1
        self.logging.heldBytes -= bytes
        self.logging.noteBytes(limitBytes: limitBytes)
    }
}

extension Room.Logging {
    fileprivate mutating func noteBytes(limitBytes: Int) {
        let bytes = max(self.unansweredBytes, self.heldBytes)
        if bytes > limitBytes { self.isBehind = true }
        if bytes <= limitBytes / 2 { self.isBehind = false }
    }
}

extension NumberedFrames {
    /// - Returns: `nil` where the batch has no numbered message.
    fileprivate init?(_ batch: Batch, lastID: MessageID) {
        let count = batch.frames.numberedCount
        guard count > 0 else { return nil }
        var whole = batch
        if batch.frames.hasTopics {
            whole = Batch()
            whole.frames.appendNumbered(of: batch.frames)
        } else {
            // Never given back: the log lets go of it at a time of its own.
            batch.share()
        }
        self.init(firstID: lastID - MessageID(count) + 1, lastID: lastID, batch: whole, start: 0, end: whole.count)
    }
}
