internal import GavelCore

/// Calls a log and waits for its answers.
final class MessageLogClient {
    let subject: any MessageLogSubject
    private var lastLife: UInt64 = 0

    init(_ subject: any MessageLogSubject) {
        self.subject = subject
    }

    var log: any MessageLog { self.subject.log }

    func makeLife() -> UInt64 {
        self.lastLife += 1
        return self.lastLife
    }

    static let allHistory = HistoryLimits(messages: .max, bytes: .max, age: .seconds(1 << 40))

    /// Opens a room.
    /// - Returns: What is kept of it, and the room to append to.
    func open(
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

    func open(_ key: String) async throws -> (stored: StoredRoom?, room: LoggedRoom) {
        try await self.open(RoomKey(key))
    }

    func append(_ entries: [LogEntry]) async -> [UInt64: MessageLogError] {
        await withCheckedContinuation { continuation in
            self.log.append(entries) { continuation.resume(returning: $0) }
            self.subject.settle()
        }
    }

    /// Appends entries, all of which must be taken.
    func commit(_ entries: LogEntry...) async throws {
        let refused = await self.append(entries)
        try expect(refused.isEmpty, "refused \(refused)")
    }

    func restart(_ way: MessageLogRestart) async throws {
        try await self.subject.restart(way)
    }
}

/// A room as its home would see it, which makes entries in order.
struct LoggedRoom {
    let key: RoomKey
    let life: UInt64
    var epoch = Array("epoch-1".utf8)
    private(set) var lastID: MessageID

    init(key: RoomKey, life: UInt64, stored: StoredRoom?) {
        self.key = key
        self.life = life
        self.lastID = stored?.lastID ?? 0
        if let stored { self.epoch = stored.epoch }
    }

    /// - Parameter messages: How many.
    mutating func entry(
        _ kind: LogEntry.Kind = .tick,
        messages: Int = 0,
        padding: Int = 0,
        changes: String = "",
        copy: String? = nil
    ) -> LogEntry {
        let first = self.lastID + 1
        self.lastID += MessageID(messages)
        return LogEntry(
            kind,
            key: self.key,
            life: self.life,
            epoch: self.epoch,
            lastID: self.lastID,
            messages: messages == 0 ? nil : FrameBytes.messages(first...self.lastID, padding: padding),
            changes: Array(changes.utf8),
            copy: copy.map { Array($0.utf8) }
        )
    }
}

func expect(_ condition: Bool, _ text: @autoclosure () -> String, line: UInt = #line) throws {
    if !condition { throw MessageLogViolation("\(text()) (line \(line))") }
}

extension StoredRoom {
    /// All messages, a frame each; the numbers must be without gap and end with ``lastID``.
    func frames() throws -> [[UInt8]] {
        var next: MessageID?
        var all: [[UInt8]] = []
        for part in self.messages {
            let frames = FrameBytes.split(part.bytes)
            try expect(UInt64(frames.count) == part.lastID + 1 - part.firstID, "frames and numbers differ")
            try expect(next == nil || next == part.firstID, "a gap before \(part.firstID)")
            next = part.lastID + 1
            all += frames
        }
        try expect(next == nil || next == self.lastID + 1, "the last message is not \(self.lastID)")
        return all
    }

    var changeTexts: [String] { self.changes.map { String(decoding: $0, as: UTF8.self) } }
    var copyText: String? { self.copy.map { String(decoding: $0, as: UTF8.self) } }
}
