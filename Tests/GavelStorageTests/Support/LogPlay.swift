import GavelCore
import GavelTesting
import Synchronization

/// Plays rooms against a log by chance, and knows what may be kept of each afterwards.
final class LogPlay {
    /// What a room is after an entry; `nil`: nothing.
    typealias Kept = RoomImage?

    struct Room {
        /// What the room was, entry after entry, as sent.
        var states: [Kept] = [nil]
        /// Which of them were put to sleep.
        var asleep: Set<Int> = []
        /// The last state that is committed.
        var committed = 0
        /// The last state that an answered opening saw, so that it is synced.
        var opened = 0
        /// Whether an opening came after all else that is committed.
        var isOpen = false
        var live: LoggedRoom?
    }

    private(set) var rooms: [RoomKey: Room] = [:]
    /// What the log answered that it must not.
    private(set) var violations: [String] = []
    private var generator: SeededGenerator
    private var lastLife: UInt64 = 0
    private var epochs = 0

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
    }

    static let keys = (0..<5).map { RoomKey("room \($0)") }

    /// Opens and writes rooms.
    /// - Returns: `false` where something failed.
    func step(_ log: any MessageLog) async -> Bool {
        let key = Self.keys[Int.random(in: 0..<5, using: &self.generator)]
        let isUnopened = self.rooms[key]?.live == nil
        if isUnopened || Int.random(in: 0..<8, using: &self.generator) == 0 { return await self.open(key, log) }
        return await self.append(log)
    }

    func open(_ key: RoomKey, _ log: any MessageLog) async -> Bool {
        self.lastLife += 1
        let life = self.lastLife
        self.rooms[key, default: Room()].live = nil
        let result = await withCheckedContinuation { continuation in
            log.open(key, life: life, history: MessageLogClient.allHistory) { continuation.resume(returning: $0) }
        }
        guard case .success(let stored) = result else { return false }
        var room = self.rooms[key]!
        if RoomImage(stored) != room.states[room.committed] {
            self.violations.append("\(key): \(String(describing: RoomImage(stored))) is kept")
        }
        room.opened = room.committed
        room.isOpen = true
        room.live = LoggedRoom(key: key, life: life, stored: stored)
        if stored?.isWhole != true {
            self.epochs += 1
            room.live?.epoch = Array("epoch \(self.epochs)".utf8)
        }
        self.rooms[key] = room
        return true
    }

    /// Sends some ticks at once, and waits for all their answers.
    private func append(_ log: any MessageLog) async -> Bool {
        let count = Int.random(in: 1...4, using: &self.generator)
        var calls: [[LogEntry]] = []
        for _ in 0..<count {
            calls.append((0..<Int.random(in: 1...4, using: &self.generator)).compactMap { _ in self.entry() })
        }
        let answers = Mutex<[[UInt64: MessageLogError]]>([])
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for entries in calls {
                log.append(entries) { refused in
                    let isLast = answers.withLock { answers in
                        answers.append(refused)
                        return answers.count == count
                    }
                    if isLast { continuation.resume() }
                }
            }
        }
        var isGood = true
        for (entries, refused) in zip(calls, answers.withLock { $0 }) {
            for entry in entries where refused[entry.life] == nil {
                self.rooms[entry.key]!.committed += 1
                self.rooms[entry.key]!.isOpen = false
            }
            if !refused.isEmpty { isGood = false }
        }
        return isGood
    }

    /// Forgets what was sent and not committed, as a relay does that is told so.
    func giveUp() {
        for key in self.rooms.keys {
            let committed = self.rooms[key]!.committed
            guard self.rooms[key]!.states.count > committed + 1 else { continue }
            self.rooms[key]!.states.removeSubrange((committed + 1)...)
            self.rooms[key]!.asleep = self.rooms[key]!.asleep.filter { $0 <= committed }
            self.rooms[key]!.live = nil
        }
    }

    private func entry() -> LogEntry? {
        let open = Self.keys.filter { self.rooms[$0]?.live != nil }
        guard let key = open.randomElement(using: &self.generator), var room = self.rooms[key], var live = room.live
        else { return nil }
        let chance = Int.random(in: 0..<40, using: &self.generator)
        let kind = chance == 0 ? LogEntry.Kind.end : chance < 3 ? .sleep : .tick
        let entry = live.entry(
            kind,
            messages: Int.random(in: 0...4, using: &self.generator),
            padding: chance == 3 ? 9_000 : chance * 5,
            changes: chance % 2 == 0 ? "change \(chance)" : "",
            copy: kind == .sleep || chance == 4 ? "copy \(live.lastID)" : nil
        )
        room.live = kind == .tick ? live : nil
        room.states.append(kind == .end ? nil : (room.states.last! ?? RoomImage()).after(entry))
        if kind == .sleep { room.asleep.insert(room.states.count - 1) }
        self.rooms[key] = room
        return entry
    }
}
