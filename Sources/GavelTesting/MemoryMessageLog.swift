internal import DequeModule
package import GavelCore
internal import Synchronization

/// A log in memory, that answers when a test says so, fails when a test says so, and forgets in a crash what it has not
/// committed.
package final class MemoryMessageLog: MessageLog {
    private struct Kept {
        var epoch: [UInt8]
        var lastID: MessageID = 0
        /// How it was opened; `nil`: it sleeps.
        var openAs: LogDurability?
        var copy: [UInt8]?
        var changes: [[UInt8]] = []
        var messages: [StoredFrames] = []
    }

    private enum Request {
        case open(
            RoomKey,
            life: UInt64,
            HistoryLimits,
            reply: @Sendable (Result<StoredRoom?, MessageLogError>) -> Void
        )
        case append([LogEntry], reply: @Sendable ([UInt64: MessageLogError]) -> Void)
    }

    private struct State {
        var rooms: [RoomKey: Kept] = [:]
        var lives: [RoomKey: UInt64] = [:]
        var requests = Deque<Request>()
        var failure: MessageLogError?
    }

    package let durability: LogDurability
    private let answersAtOnce: Bool
    private let wallMilliseconds: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - answersAtOnce: Whether what is asked is answered within the call, not by ``deliver()``.
    ///   - wallMilliseconds: The time, since 1970 UTC.
    package init(
        _ durability: LogDurability,
        answersAtOnce: Bool = false,
        wallMilliseconds: @escaping @Sendable () -> Int64 = { 0 }
    ) {
        self.durability = durability
        self.answersAtOnce = answersAtOnce
        self.wallMilliseconds = wallMilliseconds
    }

    package func open(
        _ key: RoomKey,
        life: UInt64,
        history: HistoryLimits,
        reply: @escaping @Sendable (Result<StoredRoom?, MessageLogError>) -> Void
    ) {
        self.state.withLock { $0.requests.append(.open(key, life: life, history, reply: reply)) }
        if self.answersAtOnce { self.deliver() }
    }

    package func append(_ entries: [LogEntry], reply: @escaping @Sendable ([UInt64: MessageLogError]) -> Void) {
        self.state.withLock { $0.requests.append(.append(entries, reply: reply)) }
        if self.answersAtOnce { self.deliver() }
    }

    /// From now on nothing can be done; `nil`: all can again.
    package func fail(_ error: MessageLogError?) {
        self.state.withLock { $0.failure = error }
    }

    /// Forgets what was not committed, as a relay does that is killed.
    package func crash() {
        self.state.withLock {
            $0.requests.removeAll()
            $0.lives.removeAll()
        }
    }

    /// Commits and answers what was asked first; `false` where nothing was.
    @discardableResult
    package func deliver() -> Bool {
        let answer: (() -> Void)? = self.state.withLock { state in
            switch state.requests.popFirst() {
            case nil: return nil
            case .open(let key, let life, let history, let reply):
                let result = self.open(key, life, history, &state)
                return { reply(result) }
            case .append(let entries, let reply):
                let failures = self.commit(entries, &state)
                return { reply(failures) }
            }
        }
        answer?()
        return answer != nil
    }

    private func open(
        _ key: RoomKey,
        _ life: UInt64,
        _ history: HistoryLimits,
        _ state: inout State
    ) -> Result<StoredRoom?, MessageLogError> {
        if let failure = state.failure { return .failure(failure) }
        state.lives[key] = life
        guard let kept = state.rooms[key] else { return .success(nil) }
        state.rooms[key]?.openAs = self.durability
        var messages = kept.messages
        var count = messages.reduce(0) { $0 + Int($1.lastID - $1.firstID) + 1 }
        while let first = messages.first, count - Int(first.lastID - first.firstID) - 1 >= history.messages {
            count -= Int(first.lastID - first.firstID) + 1
            messages.removeFirst()
        }
        return .success(
            StoredRoom(
                epoch: kept.epoch,
                lastID: kept.lastID,
                isWhole: kept.openAs != .relaxed,
                copy: kept.copy,
                changes: kept.changes,
                messages: messages
            )
        )
    }

    private func commit(_ entries: [LogEntry], _ state: inout State) -> [UInt64: MessageLogError] {
        var failures: [UInt64: MessageLogError] = [:]
        for entry in entries {
            if let failure = state.failure {
                failures[entry.life] = failure
            } else if state.lives[entry.key] != entry.life {
                failures[entry.life] = MessageLogError(.stale, "\(entry.key)")
            } else {
                self.keep(entry, &state)
            }
            if failures[entry.life] != nil, state.lives[entry.key] == entry.life { state.lives[entry.key] = nil }
        }
        return failures
    }

    private func keep(_ entry: LogEntry, _ state: inout State) {
        if entry.kind == .end {
            state.rooms[entry.key] = nil
            return
        }
        var kept = state.rooms[entry.key] ?? Kept(epoch: entry.epoch, openAs: self.durability)
        kept.epoch = entry.epoch
        precondition(entry.lastID == kept.lastID + MessageID(entry.messages?.count ?? 0), "numbers are missing")
        kept.lastID = entry.lastID
        if let messages = entry.messages {
            kept.messages.append(
                StoredFrames(
                    firstID: messages.firstID,
                    lastID: messages.lastID,
                    wallMilliseconds: self.wallMilliseconds(),
                    bytes: messages.withBytes { Array($0) }
                )
            )
        }
        if let copy = entry.copy {
            kept.copy = copy
            kept.changes = []
        } else if !entry.changes.isEmpty {
            kept.changes.append(entry.changes)
        }
        if entry.kind == .sleep { kept.openAs = nil }
        state.rooms[entry.key] = kept
    }
}

extension NumberedFrames {
    fileprivate var count: Int { Int(self.lastID - self.firstID) + 1 }
}
