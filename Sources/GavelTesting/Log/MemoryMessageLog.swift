package import GavelCore
internal import Synchronization

/// A log in memory that does only what a test tells it to.
///
/// Calls wait until ``deliver()``, and are then committed and answered one after another, each a transaction of its
/// own, on the thread of the test.
package final class MemoryMessageLog: MessageLog {
    package enum Operation: Sendable {
        case open(RoomKey)
        case append([RoomKey])
    }

    private enum Call {
        case open(RoomKey, UInt64, HistoryLimits, @Sendable (Result<StoredRoom?, MessageLogError>) -> Void)
        case append([LogEntry], @Sendable ([UInt64: MessageLogError]) -> Void)
    }

    private struct State {
        var rooms: [RoomKey: MemoryRoom] = [:]
        /// As a loss of power would leave them.
        var syncedRooms: [RoomKey: MemoryRoom] = [:]
        var lives: [UInt64: RoomKey] = [:]
        var waiting: [Call] = []
        var fault: (@Sendable (Operation) -> MessageLogError?)?
    }

    package let durability: LogDurability
    /// Whether each call is committed and answered before it returns.
    private let answersAtOnce: Bool
    private let wallMilliseconds: @Sendable () -> Int64
    private let state = Mutex(State())

    package init(
        _ durability: LogDurability = .relaxed,
        answersAtOnce: Bool = false,
        wallMilliseconds: @escaping @Sendable () -> Int64 = { 1_700_000_000_000 }
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
        self.put(.open(key, life, history, reply))
    }

    package func append(
        _ entries: [LogEntry],
        reply: @escaping @Sendable ([UInt64: MessageLogError]) -> Void
    ) {
        self.put(.append(entries, reply))
    }

    private func put(_ call: Call) {
        self.state.withLock { $0.waiting.append(call) }
        if self.answersAtOnce { self.deliverAll() }
    }

    /// Calls that wait.
    package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    /// Keys of the rooms of which something is kept.
    package var keys: Set<RoomKey> {
        self.state.withLock { Set($0.rooms.lazy.filter { !$0.value.epoch.isEmpty }.map(\.key)) }
    }

    /// Commits and answers the call that came first; `false` where none waits.
    @discardableResult
    package func deliver() -> Bool {
        guard let answer = self.state.withLock({ self.next(&$0) }) else { return false }
        answer()
        return true
    }

    /// Commits and answers all that waits, and what the answers lead to.
    package func deliverAll() {
        while self.deliver() {}
    }

    /// From now on every call fails; `nil`: none does.
    package func fail(_ error: MessageLogError?) {
        guard let error else { return self.setFault(nil) }
        let fault: @Sendable (Operation) -> MessageLogError? = { _ in error }
        self.setFault(fault)
    }

    /// Decides which calls fail from now on, and how; `nil`: none.
    package func setFault(_ fault: (@Sendable (Operation) -> MessageLogError?)?) {
        self.state.withLock { $0.fault = fault }
    }

    /// The process ends without warning: what waits is neither committed nor answered. The log can be used again, as
    /// by the next process.
    /// - Parameter losesPower: Whether commits that were not synced are lost too.
    package func crash(losesPower: Bool = false) {
        self.state.withLock { state in
            if losesPower { state.rooms = state.syncedRooms }
            state.waiting = []
            state.lives = [:]
        }
    }

    /// The process ends in good order, and another begins.
    package func restart() {
        self.deliverAll()
        self.state.withLock { state in
            state.syncedRooms = state.rooms
            state.lives = [:]
        }
    }

    /// Commits the first call that waits.
    /// - Returns: Its answer, to be given outside of the lock.
    private func next(_ state: inout State) -> (() -> Void)? {
        guard !state.waiting.isEmpty else { return nil }
        switch state.waiting.removeFirst() {
        case .open(let key, let life, let history, let reply):
            state.lives = state.lives.filter { $0.value != key }
            if let error = state.fault?(.open(key)) { return { reply(.failure(error)) } }
            var room = state.rooms[key] ?? MemoryRoom()
            let now = self.wallMilliseconds()
            let stored = room.epoch.isEmpty ? nil : room.stored(history: history, now: now)
            room.isExposed = room.isExposed || self.durability == .relaxed
            state.rooms[key] = room
            state.lives[life] = key
            state.syncedRooms = state.rooms
            return { reply(.success(stored)) }
        case .append(let entries, let reply):
            let refused = self.append(entries, &state)
            if self.durability == .strict { state.syncedRooms = state.rooms }
            return { reply(refused) }
        }
    }

    private func append(_ entries: [LogEntry], _ state: inout State) -> [UInt64: MessageLogError] {
        var refused: [UInt64: MessageLogError] = [:]
        if let error = state.fault?(.append(entries.map(\.key))) {
            for entry in entries where refused[entry.life] == nil {
                let wasOpen = state.lives.removeValue(forKey: entry.life) != nil
                refused[entry.life] = wasOpen ? error : Self.stale
            }
            return refused
        }
        for entry in entries {
            guard let key = state.lives[entry.life], var room = state.rooms[key] else {
                if refused[entry.life] == nil { refused[entry.life] = Self.stale }
                continue
            }
            let isInOrder = room.take(entry, durability: self.durability, now: self.wallMilliseconds())
            if entry.kind == .end {
                state.rooms[key] = nil
            } else if isInOrder {
                state.rooms[key] = room
            } else {
                refused[entry.life] = MessageLogError(.failed, "the numbers of room \"\(key)\" are not in order")
            }
            if entry.kind != .tick || !isInOrder { state.lives[entry.life] = nil }
        }
        return refused
    }

    private static let stale = MessageLogError(.stale, "the room has to be opened anew")
}
