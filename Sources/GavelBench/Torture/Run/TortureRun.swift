import Foundation
import NIOCore
import NIOPosix

/// One torture: starts a relay, lets clients play and suffer, ends and starts the relay, and looks at what came of it.
///
/// All clients and counts are confined to one event loop.
final class TortureRun {
    enum Stage {
        case raging, settling, over
    }

    let plan: TorturePlan
    let eventLoop: any EventLoop
    let relay: RelayProcess
    private(set) var players: [TorturePlayer] = []
    var check = TortureCheck()
    var tally = TortureTally()
    var stage = Stage.raging
    var random: TortureRandom
    /// Why the run could not go on, in words.
    var failure: String?
    let done: EventLoopPromise<TortureReport>
    private let address: SocketAddress
    private let request: ByteBuffer
    private let startedAt = NIODeadline.now()

    init(plan: TorturePlan, folder: RelayFolder, eventLoop: any EventLoop) throws {
        self.plan = plan
        self.eventLoop = eventLoop
        self.relay = RelayProcess(program: plan.program, folder: folder, eventLoop: eventLoop)
        self.random = TortureRandom(seed: plan.seed)
        self.done = eventLoop.makePromise(of: TortureReport.self)
        self.address = try SocketAddress(ipAddress: "127.0.0.1", port: folder.port)
        var relay = RelayAddress()
        relay.port = folder.port
        self.request = ByteBuffer(string: Handshake.request(to: relay))
    }

    /// Whether clients play and suffer.
    var isRaging: Bool { self.stage == .raging }
    var isOver: Bool { self.stage == .over }

    /// Nanoseconds since the run's start.
    func now() -> UInt64 {
        UInt64((NIODeadline.now() - self.startedAt).nanoseconds)
    }

    func after(_ delay: Duration, _ body: @escaping () -> Void) {
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { body() }
    }

    func connect(_ player: TorturePlayer) -> PlayerLink {
        let link = PlayerLink(
            player: player,
            request: self.request,
            kills: self.relay.kills,
            stops: self.relay.stops
        )
        let bound = NIOLoopBound(link, eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(3))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            // Little, so that who does not read is soon noticed.
            .channelOption(.socketOption(.so_rcvbuf), value: 8 << 10)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: self.address)
            .assumeIsolated()
            .whenFailure { _ in link.couldNotConnect() }
        return link
    }

    /// Begins; the future has the report when all is over.
    func start() -> EventLoopFuture<TortureReport> {
        self.relay.onEnd = { [weak self] ending in self?.relayEnded(ending) }
        do {
            try self.relay.start()
        } catch {
            self.fail("\(self.plan.program.path) cannot be started: \(error)")
            return self.done.futureResult
        }
        for number in 0..<self.plan.rooms * self.plan.clientsPerRoom {
            let player = TorturePlayer(
                number: number,
                room: TortureRoom(number: number / self.plan.clientsPerRoom),
                run: self
            )
            self.players.append(player)
            player.connect()
            player.play()
            player.suffer()
        }
        self.tortureRelay()
        self.after(self.plan.duration) { [weak self] in self?.settle() }
        return self.done.futureResult
    }

    /// Ends a run that makes no sense.
    func fail(_ words: String) {
        guard !self.isOver else { return }
        self.failure = words
        self.finish()
    }

    /// Gives the report.
    func complete() {
        var report = TortureReport(plan: self.plan)
        report.duration = .nanoseconds(Int64(self.now()))
        report.tally = self.tally
        report.findings = self.check.findings
        report.received = self.check.received
        report.receivedLatest = self.check.receivedLatest
        report.numbered = self.check.rooms.values.reduce(0) { $0 + UInt64($1.count) }
        report.epochs = self.check.rooms.values.reduce(0) { $0 + $1.epochCount }
        report.holes = self.check.rooms.values.reduce(0) { $0 + $1.holes }
        report.lives = self.players.reduce(0) { $0 + $1.lives.count }
        report.kills = self.relay.kills
        report.stops = self.relay.stops
        report.pauses = self.relay.pauses
        report.complaints = self.relay.complaints()
        report.failure = self.failure
        self.done.succeed(report)
        // They refer to the run, as it does to them.
        self.players.removeAll()
    }
}

@available(*, unavailable)
extension TortureRun: Sendable {}
