package import NIOCore
internal import Synchronization

/// All loops of a relay, each on an event loop.
package final class RelayHub: Sendable {
    package let environment: RelayEnvironment
    let hosts: [EventLoopHost]
    /// What the loops were last given, or are about to be.
    private let current: Mutex<RelaySettings>

    /// - Parameter eventLoops: At least one, each once.
    package init(eventLoops: [any EventLoop], environment: RelayEnvironment) {
        self.environment = environment
        self.current = Mutex(environment.initialSettings)
        self.hosts = eventLoops.map { EventLoopHost(eventLoop: $0) }
        for (index, host) in self.hosts.enumerated() {
            host.start(index: index, hosts: self.hosts, environment: environment)
        }
    }

    package convenience init(
        eventLoops: [any EventLoop],
        limits: RelayLimits,
        outbound: OutboundLimits,
        directory: @escaping RoomDirectory
    ) {
        self.init(
            eventLoops: eventLoops,
            environment: RelayEnvironment(limits: limits, outbound: outbound, directory: directory)
        )
    }

    /// The share of an event loop, which must be one of this relay's and the caller's own.
    package func loop(on eventLoop: any EventLoop) -> RelayLoop {
        guard let host = self.hosts.first(where: { $0.eventLoop === eventLoop }) else {
            preconditionFailure("not an event loop of this relay")
        }
        return host.relay
    }

    /// The settings that the relay was last given.
    package var settings: RelaySettings { self.current.withLock { $0 } }

    /// Tries whether every room could go on under other settings; nothing of them takes effect.
    package func rehearse(_ settings: RelaySettings) async -> ReloadReport {
        await self.collect { _ in self.hosts.map { $0.reload(.rehearsal, settings) } }
    }

    /// Gives the relay other settings: rooms that begin from now on do so under them, and those that run follow, each
    /// between two messages. A room that cannot go on under its new rules keeps those it has.
    package func adopt(_ settings: RelaySettings) async -> ReloadReport {
        await self.collect { current in
            current = settings
            return self.hosts.map { $0.reload(.adoption, settings) }
        }
    }

    /// - Parameter ask: Called so that all loops hear of calls in the same order.
    private func collect(
        _ ask: (inout sending RelaySettings) -> [EventLoopFuture<ReloadReport>]
    ) async -> ReloadReport {
        var sum = ReloadReport()
        for part in self.current.withLock({ ask(&$0) }) {
            if let part = try? await part.get() { sum += part }
        }
        return sum
    }

    /// Takes no join any more, has the log keep what the rooms are, then tells every client `closing`, with a delay by
    /// chance before it is to reconnect, and has each connection closed with 1001 behind what is already on its way to
    /// it. Returns when all clients have been told; sockets may still be open.
    /// - Parameter limit: How long to wait for the log at most.
    package func drain(limit: Duration = .seconds(10)) async {
        for host in self.hosts { await host.perform { $0.beginDrain() } }
        // What loops have for each other takes a tick each way.
        for _ in 0..<3 {
            for host in self.hosts { await host.perform { $0.tick() } }
        }
        await withTaskGroup(of: Void.self) { group in
            for host in self.hosts {
                group.addTask { await host.sleep(limit: limit) }
            }
        }
        for host in self.hosts {
            while await host.perform({ $0.sayFarewell(to: Self.farewells) }) ?? false {}
        }
    }

    /// How many clients are told at a time that the relay is going away.
    private static let farewells = 256

    /// What all loops hold and have done, each at a moment of its own.
    package func statistics() async -> RelayStatistics {
        var sum = RelayStatistics()
        for host in self.hosts {
            if let part = await host.perform({ $0.statistics }) { sum += part }
        }
        return sum
    }

    /// Ends the sweeps, so that the event loops can be shut down.
    package func stop() {
        for host in self.hosts { host.stop() }
    }
}

/// Runs a ``RelayLoop`` on an event loop. The relay loop and the task are touched only there.
final class EventLoopHost: LoopHost, @unchecked Sendable {
    let eventLoop: any EventLoop
    private var others: [EventLoopHost] = []
    private var confined: RelayLoop?
    private var sweeps: RepeatedTask?
    private var sweepDue = NIODeadline.distantFuture
    private var wake: Scheduled<Void>?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var relay: RelayLoop {
        self.eventLoop.preconditionInEventLoop()
        return self.confined!
    }

    /// Called once, before anything else.
    func start(index: Int, hosts: [EventLoopHost], environment: RelayEnvironment) {
        self.others = hosts
        self.eventLoop.execute {
            self.confined = RelayLoop(index: index, count: hosts.count, environment: environment, host: self)
            self.sweepDue = .now() + .seconds(1)
            self.sweeps = self.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                self.relay.meters.noteLag(.now() - self.sweepDue)
                self.relay.sweep()
                self.sweepDue = .now() + .seconds(1)
            }
        }
    }

    /// - Returns: Fails where the event loop has ended.
    func reload(_ kind: Reload.Kind, _ settings: RelaySettings) -> EventLoopFuture<ReloadReport> {
        let report = self.eventLoop.makePromise(of: ReloadReport.self)
        self.eventLoop.submit {
            switch kind {
            case .rehearsal: self.confined!.rehearse(settings) { report.succeed($0) }
            case .adoption: self.confined!.adopt(settings) { report.succeed($0) }
            }
        }.whenFailure { report.fail($0) }
        return report.futureResult
    }

    func stop() {
        self.eventLoop.execute {
            self.confined?.endReloads()
            self.sweeps?.cancel()
            self.wake?.cancel()
            self.others = []
        }
    }

    func scheduleTick() {
        self.eventLoop.execute { self.confined!.tick() }
    }

    func scheduleContinuation() {
        // Tasks that are due at once are run before the event loop polls again.
        self.eventLoop.scheduleTask(in: .microseconds(50)) { self.confined!.tick() }
    }

    func scheduleWake(at deadline: NIODeadline) {
        self.wake?.cancel()
        self.wake = self.eventLoop.scheduleTask(deadline: deadline) { self.confined!.wake() }
    }

    func post(_ parcel: Parcel, to loop: Int) {
        guard loop < self.others.count else { return }
        let other = self.others[loop]
        other.eventLoop.execute { other.confined!.receive(parcel) }
    }

    func execute(_ body: @escaping @Sendable (RelayLoop) -> Void) {
        self.eventLoop.execute { body(self.confined!) }
    }

    /// - Returns: `nil` where the event loop has ended.
    @discardableResult
    func perform<Result: Sendable>(_ body: @escaping @Sendable (RelayLoop) -> Result) async -> Result? {
        try? await self.eventLoop.submit { body(self.confined!) }.get()
    }

    /// Has the rooms sleep, and waits until they do.
    func sleep(limit: Duration) async {
        let asleep = self.eventLoop.makePromise(of: Void.self)
        let timeout = self.eventLoop.scheduleTask(in: TimeAmount(limit)) { asleep.succeed() }
        self.execute { $0.sleep { asleep.succeed() } }
        try? await asleep.futureResult.get()
        timeout.cancel()
    }
}
