package import NIOCore
internal import Synchronization

/// What all loops of a relay share, and nothing else does, as long as it runs: the settings it begins with, its log, its
/// clocks, its source of chance, and the count of its rooms.
package final class RelayEnvironment: Sendable {
    /// What each loop begins with.
    package let initialSettings: RelaySettings
    /// `nil`: rooms end with the relay.
    package let log: (any MessageLog)?
    /// What keeps recordings; `nil`: no room is recorded.
    package let recordings: (any RecordingStore)?
    package let clock: RelayClock
    /// Since when clients can come back to rooms of the relay before this.
    let startedAt: NIODeadline
    /// Tells an operator what the log did not keep or give of a room; called from every loop.
    let report: @Sendable (RoomKey, MessageLogError) -> Void
    /// Tells an operator what happened to a room's rules; called from every loop.
    let tell: @Sendable (RelayEvent) -> Void
    private let entropy: @Sendable () -> UInt64
    /// Decides which loop is a room's home.
    private let seed: UInt64
    private let roomCount = Atomic<Int>(0)
    private let lastLife = Atomic<UInt64>(0)
    private let lastSegment: Atomic<UInt64>

    /// - Parameter entropy: 64 random bits a call; called from every loop.
    package init(
        settings: RelaySettings,
        log: (any MessageLog)? = nil,
        report: @escaping @Sendable (RoomKey, MessageLogError) -> Void = { _, _ in },
        tell: @escaping @Sendable (RelayEvent) -> Void = { _ in },
        recordings: (any RecordingStore)? = nil,
        clock: RelayClock = .system,
        entropy: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
    ) {
        self.initialSettings = settings
        self.log = log
        self.report = report
        self.tell = tell
        self.recordings = recordings
        self.clock = clock
        // Above those of relays before, as long as none begins 65536 in a millisecond.
        self.lastSegment = Atomic(UInt64(max(0, clock.wallMilliseconds())) << 16)
        self.startedAt = clock.monotonic()
        self.entropy = entropy
        self.seed = entropy()
    }

    package convenience init(
        limits: RelayLimits,
        outbound: OutboundLimits,
        directory: @escaping RoomDirectory,
        log: (any MessageLog)? = nil,
        report: @escaping @Sendable (RoomKey, MessageLogError) -> Void = { _, _ in },
        clock: RelayClock = .system,
        entropy: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
    ) {
        self.init(
            settings: RelaySettings(limits: limits, outbound: outbound, directory: directory),
            log: log,
            report: report,
            clock: clock,
            entropy: entropy
        )
    }

    /// The home of a room among `loops`: FNV-1a over its key, from a start that nobody outside knows.
    func home(of key: RoomKey, loops: Int) -> Int {
        guard loops > 1 else { return 0 }
        var hash = self.seed
        for byte in key.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 32
        return Int(hash % UInt64(loops))
    }

    /// Names a life of a room for the log.
    func nextLife() -> UInt64 { self.lastLife.add(1, ordering: .relaxed).newValue }

    /// Names a segment of a recording; higher than any before.
    func nextSegment() -> UInt64 { self.lastSegment.add(1, ordering: .relaxed).newValue }

    /// 80 random bits in sixteen letters and digits.
    func makeEpoch() -> [UInt8] { self.randomText(letters: 16) }

    /// 130 random bits in 26 letters and digits.
    func makeSecret() -> [UInt8] { self.randomText(letters: 26) }

    /// Five random bits a letter.
    private func randomText(letters count: Int) -> [UInt8] {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        while text.count < count {
            var bits = self.entropy()
            for _ in 0..<min(12, count - text.count) {
                text.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return text
    }

    /// Milliseconds after which a client is to reconnect, by chance: 500 and more, spread so that of `connections`
    /// clients about a thousand return in a second, over two seconds at least and a minute at most.
    func reconnectDelay(among connections: Int) -> UInt64 {
        500 + self.entropy() % UInt64(min(max(connections, 2_000), 60_000))
    }

    /// Counts a room that begins; `false` where there are `most`.
    func takeRoom(most: Int?) -> Bool {
        let count = self.roomCount.add(1, ordering: .relaxed).newValue
        if let most, count > most {
            self.returnRoom()
            return false
        }
        return true
    }

    func returnRoom() {
        self.roomCount.subtract(1, ordering: .relaxed)
    }

    /// Rooms at this moment, over all loops.
    package var rooms: Int { self.roomCount.load(ordering: .relaxed) }
}

/// The time, as the relay is told it.
package struct RelayClock: Sendable {
    /// Never goes back; for delays.
    package var monotonic: @Sendable () -> NIODeadline
    /// Milliseconds since 1970 UTC; for people and rules.
    package var wallMilliseconds: @Sendable () -> Int64

    package init(
        monotonic: @escaping @Sendable () -> NIODeadline,
        wallMilliseconds: @escaping @Sendable () -> Int64
    ) {
        self.monotonic = monotonic
        self.wallMilliseconds = wallMilliseconds
    }
}

/// When something happens.
struct Moment {
    var now: NIODeadline
    var wallMilliseconds: Int64

    init(_ clock: RelayClock) {
        self.now = clock.monotonic()
        self.wallMilliseconds = clock.wallMilliseconds()
    }

    var context: HookContext { self.context(lastID: 0) }

    func context(lastID: MessageID) -> HookContext {
        HookContext(
            wallMilliseconds: self.wallMilliseconds,
            uptimeMilliseconds: Int64(self.now.uptimeNanoseconds / 1_000_000),
            lastID: lastID
        )
    }
}
