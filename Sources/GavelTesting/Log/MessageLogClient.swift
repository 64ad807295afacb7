package import GavelCore

/// Calls a log and waits for its answers.
package final class MessageLogClient {
    package let subject: any MessageLogSubject
    private var lastLife: UInt64 = 0

    package init(_ subject: any MessageLogSubject) {
        self.subject = subject
    }

    package var log: any MessageLog { self.subject.log }

    package func makeLife() -> UInt64 {
        self.lastLife += 1
        return self.lastLife
    }

    package static let allHistory = HistoryLimits(messages: .max, bytes: .max, age: .seconds(1 << 40))

    /// Opens a room.
    /// - Returns: What is kept of it, and the room to append to.
    package func open(
        _ key: RoomKey,
        history: HistoryLimits = MessageLogClient.allHistory
    ) async throws -> (stored: StoredRoom?, room: LoggedRoom) {
        let life = self.makeLife()
        let stored = try await withCheckedContinuation { continuation in
            self.log.open(key, life: life, history: history) { continuation.resume(returning: $0) }
            self.subject.settle()
        }.get()
        return (stored, LoggedRoom(key: key, life: life, stored: stored))
    }

    package func open(_ key: String) async throws -> (stored: StoredRoom?, room: LoggedRoom) {
        try await self.open(RoomKey(key))
    }

    package func append(_ entries: [LogEntry]) async -> [UInt64: MessageLogError] {
        await withCheckedContinuation { continuation in
            self.log.append(entries) { continuation.resume(returning: $0) }
            self.subject.settle()
        }
    }

    /// Appends entries, all of which must be taken.
    package func commit(_ entries: LogEntry...) async throws {
        let refused = await self.append(entries)
        try expect(refused.isEmpty, "refused \(refused)")
    }

    package func restart(_ way: MessageLogRestart) async throws {
        try await self.subject.restart(way)
    }
}
