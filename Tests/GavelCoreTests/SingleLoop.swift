import GavelCore
import GavelTesting
import NIOCore

/// One loop whose ticks a test ends itself, by a clock that only the test moves.
final class SingleLoop: LoopHost, @unchecked Sendable {
    let environment: RelayEnvironment
    private(set) var isDue = false
    /// When it asked to be woken, until it is.
    private(set) var wakeAt: NIODeadline?
    private(set) lazy var loop = RelayLoop(index: 0, count: 1, environment: self.environment, host: self)

    convenience init(
        clock: ManualClock,
        recordings: (any RecordingStore)? = nil,
        entropy: @escaping @Sendable () -> UInt64 = { 1 },
        directory: @escaping RoomDirectory
    ) {
        self.init(clock: clock.relayClock, recordings: recordings, entropy: entropy, directory: directory)
    }

    init(
        clock: RelayClock,
        recordings: (any RecordingStore)? = nil,
        entropy: @escaping @Sendable () -> UInt64 = { 1 },
        directory: @escaping RoomDirectory
    ) {
        self.environment = RelayEnvironment(
            settings: RelaySettings(directory: directory),
            recordings: recordings,
            clock: clock,
            entropy: entropy
        )
    }

    /// A client that reads all and has asked for a room.
    func join(_ room: String) -> SimulatedClient {
        let client = SimulatedClient(relay: self.loop, window: nil)
        client.send(#"{"type":"join","room":"\#(room)"}"#)
        self.tick()
        return client
    }

    func tick() {
        self.isDue = false
        self.loop.tick()
    }

    /// Goes on while the loop asks for it.
    /// - Returns: How many ticks that took, `limit` at most.
    func run(limit: Int, afterEach: () -> Void = {}) -> Int {
        var ticks = 0
        while self.isDue, ticks < limit {
            self.tick()
            afterEach()
            ticks += 1
        }
        return ticks
    }

    /// Wakes it, where it asked for that.
    func wake() {
        guard self.wakeAt != nil else { return }
        self.wakeAt = nil
        self.loop.wake()
    }

    /// Has it look after time limits.
    func sweep() {
        self.isDue = false
        self.loop.sweep()
    }

    func scheduleTick() { self.isDue = true }
    func scheduleContinuation() { self.isDue = true }
    func scheduleWake(at deadline: NIODeadline) { self.wakeAt = deadline }
    func post(_ parcel: Parcel, to loop: Int) {}
    func execute(_ body: @escaping @Sendable (RelayLoop) -> Void) { body(self.loop) }
}
