package import GavelCore
internal import NIOCore
internal import Synchronization

/// Loops, connections and mailboxes as values, run by a seeded scheduler in any order that the real ones may take:
/// parcels from one loop to another keep their order, and nothing else does.
package final class SimulatedRelay {
    package let clock: ManualClock
    package private(set) var loops: [RelayLoop] = []
    private var hosts: [SimulatedHost] = []
    private let environment: RelayEnvironment
    private var clients: [SimulatedClient] = []
    package var random: SeededGenerator

    /// What the relay has told of its rooms' rules.
    private let told: Told

    package convenience init(
        loops count: Int,
        seed: UInt64,
        limits: RelayLimits = RelayLimits(),
        outbound: OutboundLimits = OutboundLimits(),
        log: (any MessageLog)? = nil,
        clock: ManualClock = ManualClock(),
        directory: @escaping RoomDirectory = { _ in RoomPolicy() }
    ) {
        let settings = RelaySettings(limits: limits, outbound: outbound, directory: directory)
        self.init(loops: count, seed: seed, settings: settings, log: log, clock: clock)
    }

    package init(
        loops count: Int,
        seed: UInt64,
        settings: RelaySettings,
        log: (any MessageLog)? = nil,
        recordings: (any RecordingStore)? = nil,
        clock: ManualClock = ManualClock()
    ) {
        let told = Told()
        self.told = told
        self.clock = clock
        self.random = SeededGenerator(seed: seed)
        let epochs = ManualClock(nanoseconds: seed)
        self.environment = RelayEnvironment(
            settings: settings,
            log: log,
            tell: { event in told.events.withLock { $0.append(event) } },
            recordings: recordings,
            clock: self.clock.relayClock,
            entropy: {
                epochs.advance(by: .nanoseconds(1))
                var generator = SeededGenerator(seed: epochs.now.uptimeNanoseconds)
                return generator.next()
            }
        )
        self.hosts = (0..<count).map { _ in SimulatedHost(loops: count) }
        let environment = self.environment
        self.loops = self.hosts.enumerated().map { index, host in
            RelayLoop(index: index, count: count, environment: environment, host: host)
        }
    }

    package var roomCount: Int { self.environment.rooms }

    package var events: [RelayEvent] { self.told.events.withLock { $0 } }

    // MARK: Settings

    /// Has every loop try other settings, or take them up, at times of its own.
    package func reload(_ settings: RelaySettings, isRehearsal: Bool = false) -> PendingReload {
        let pending = PendingReload(loops: self.hosts.count)
        for host in self.hosts {
            host.execute { loop in
                if isRehearsal {
                    loop.rehearse(settings) { pending.add($0) }
                } else {
                    loop.adopt(settings) { pending.add($0) }
                }
            }
        }
        return pending
    }

    /// As ``reload(_:isRehearsal:)``, and goes on until nothing is left to do.
    package func adopt(_ settings: RelaySettings) -> ReloadReport? {
        let pending = self.reload(settings)
        self.settle()
        return pending.report
    }

    /// As ``adopt(_:)``, for a try.
    package func rehearse(_ settings: RelaySettings) -> ReloadReport? {
        let pending = self.reload(settings, isRehearsal: true)
        self.settle()
        return pending.report
    }

    // MARK: Connections

    /// A connection on a loop.
    package func connect(on loop: Int = 0, window: Int? = nil) -> SimulatedClient {
        let client = SimulatedClient(relay: self.loops[loop], window: window)
        self.clients.append(client)
        return client
    }

    /// A connection keeps its loop, which keeps it.
    deinit {
        for client in self.clients { client.disconnect() }
    }

    /// Does one thing that may happen next; `false` where there is none.
    package func step() -> Bool {
        var choices: [Choice] = []
        for (index, host) in self.hosts.enumerated() {
            if host.isTickDue { choices.append(.tick(index)) }
            if !host.due.isEmpty { choices.append(.execute(index)) }
            for (other, parcels) in host.outgoing.enumerated() where !parcels.isEmpty {
                choices.append(.deliver(from: index, to: other))
            }
        }
        guard let choice = choices.randomElement(using: &self.random) else { return false }
        switch choice {
        case .tick(let index):
            self.hosts[index].isTickDue = false
            self.loops[index].tick()
        case .execute(let index): self.hosts[index].due.removeFirst()(self.loops[index])
        case .deliver(let source, let target):
            self.loops[target].receive(self.hosts[source].outgoing[target].removeFirst())
        }
        return true
    }

    private enum Choice {
        case tick(Int)
        case execute(Int)
        case deliver(from: Int, to: Int)
    }

    /// Ends the tick of every loop that has one under way, and moves no parcel.
    package func tick() {
        for (host, loop) in zip(self.hosts, self.loops) where host.isTickDue {
            host.isTickDue = false
            loop.tick()
        }
    }

    /// Goes on until nothing is left to do.
    /// - Parameter steps: The most that may happen.
    /// - Returns: `false` where that was not enough, as with rooms that answer each other without end.
    @discardableResult
    package func settle(atMost steps: Int = .max) -> Bool {
        var rest = steps
        while rest > 0, self.step() { rest -= 1 }
        return rest > 0
    }

    /// Calls the loops that wanted to be called by now; `false`: there is none.
    package func wake() -> Bool {
        var hasWoken = false
        for (host, loop) in zip(self.hosts, self.loops) {
            guard let deadline = host.wakeAt, deadline <= self.clock.now else { continue }
            host.wakeAt = nil
            loop.wake()
            hasWoken = true
        }
        return hasWoken
    }

    /// Lets time pass, second by second, with all that happens in it.
    /// - Parameter steps: The most that may happen at one moment.
    /// - Returns: `false` where that was not enough; not all the time has passed then.
    @discardableResult
    package func pass(_ duration: Duration, atMost steps: Int = .max) -> Bool {
        var rest = duration
        while rest > .zero {
            var part = min(rest, .seconds(1))
            for host in self.hosts {
                guard let deadline = host.wakeAt else { continue }
                part = min(part, max(.nanoseconds((deadline - self.clock.now).nanoseconds), .zero))
            }
            self.clock.advance(by: part)
            for loop in self.loops { loop.sweep() }
            _ = self.wake()
            guard self.settle(atMost: steps) else { return false }
            rest -= part
        }
        return true
    }
}
@available(*, unavailable)
extension SimulatedRelay: Sendable {}

private final class Told: Sendable {
    let events = Mutex<[RelayEvent]>([])
}

/// What loops answer to other settings, once all have.
package final class PendingReload: Sendable {
    private let state: Mutex<(report: ReloadReport, missing: Int)>

    package init(loops: Int) {
        self.state = Mutex((ReloadReport(), loops))
    }

    package func add(_ report: ReloadReport) {
        self.state.withLock {
            $0.report += report
            $0.missing -= 1
        }
    }

    /// `nil`: not all have answered.
    package var report: ReloadReport? { self.state.withLock { $0.missing == 0 ? $0.report : nil } }
}

/// Touched by one thread.
private final class SimulatedHost: LoopHost, @unchecked Sendable {
    var isTickDue = false
    var due: [@Sendable (RelayLoop) -> Void] = []
    var outgoing: [[Parcel]]
    var wakeAt: NIODeadline?

    init(loops: Int) {
        self.outgoing = Array(repeating: [], count: loops)
    }

    func scheduleTick() {
        precondition(!self.isTickDue, "scheduled twice")
        self.isTickDue = true
    }

    func scheduleContinuation() {
        self.scheduleTick()
    }

    func scheduleWake(at deadline: NIODeadline) {
        self.wakeAt = deadline
    }

    func post(_ parcel: Parcel, to loop: Int) {
        self.outgoing[loop].append(parcel)
    }

    func execute(_ body: @escaping @Sendable (RelayLoop) -> Void) {
        self.due.append(body)
    }
}

/// A client of a simulated relay: sends texts while it is read, as a socket would hold them back, and reads what
/// comes.
package final class SimulatedClient {
    package let outlet: RecordingOutlet
    package private(set) var connection: Connection?
    private var unread: [String] = []
    private var reader = ServerFrameReader()
    private var readCount = 0
    /// Close codes received.
    package private(set) var closeCodes: [UInt16] = []

    package init(relay: RelayLoop, window: Int?) {
        self.outlet = RecordingOutlet(window: window)
        self.connection = relay.open(self.outlet, isEcho: false)
        self.outlet.connection = self.connection
    }

    /// Whether all it sent was passed on.
    package var isIdle: Bool { self.unread.isEmpty }

    package var isOpen: Bool { self.connection != nil && self.outlet.closed == nil }

    /// Sends a text; while the relay does not read, it waits.
    package func send(_ text: String) {
        self.unread.append(text)
        self.pump()
    }

    /// Passes on what waits, as far as the relay reads.
    package func pump() {
        while self.outlet.isReading, let connection = self.connection, !self.unread.isEmpty {
            let text = self.unread.removeFirst()
            var bytes = Array(text.utf8)
            bytes.withUnsafeMutableBytes { source in
                connection.reserve(source.count).copyMemory(from: source.baseAddress!, byteCount: source.count)
            }
            guard connection.commit(bytes.count) else { return }
        }
    }

    /// Goes away.
    package func disconnect(_ end: ConnectionEnd = .lost) {
        guard let connection = self.connection else { return }
        connection.end(end)
        connection.release()
        self.connection = nil
    }

    /// The text messages that arrived since the last call.
    package func read() -> [ReceivedMessage] {
        let new = self.outlet.sent[self.readCount...]
        self.readCount = self.outlet.sent.count
        var messages: [ReceivedMessage] = []
        for frame in self.reader.read(new) {
            if frame.opcode == FrameOpcode.close.rawValue {
                self.closeCodes.append(UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1]))
            } else if let message = ReceivedMessage(text: frame.payload) {
                messages.append(message)
            } else {
                preconditionFailure("not JSON: \(String(decoding: frame.payload, as: UTF8.self))")
            }
        }
        return messages
    }
}
@available(*, unavailable)
extension SimulatedClient: Sendable {}
