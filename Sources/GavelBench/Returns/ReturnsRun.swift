import NIOCore
import NIOPosix

/// One restart: starts a relay, fills it with clients, ends and starts it again, and measures how they come back.
///
/// All clients and counts are confined to one event loop.
final class ReturnsRun {
    enum Stage {
        case entering, talking, ending, returning, over
    }

    let plan: ReturnsPlan
    let eventLoop: any EventLoop
    let relay: RelayProcess
    let folder: RelayFolder
    var clients: [ReturningClient] = []
    var check = TortureCheck()
    var report: ReturnsReport
    var stage = Stage.entering
    /// How many clients have begun to connect.
    var begun = 0
    var present = 0
    /// When the stage that is measured began.
    var since = NIODeadline.now()
    var opens = LatencyHistogram()
    var returns = LatencyHistogram()
    var processorTime = Duration.zero
    let done: EventLoopPromise<ReturnsReport>
    private let address: SocketAddress
    private let request: ByteBuffer

    init(plan: ReturnsPlan, folder: RelayFolder, eventLoop: any EventLoop) throws {
        self.plan = plan
        self.folder = folder
        self.eventLoop = eventLoop
        self.relay = RelayProcess(program: plan.program, folder: folder, eventLoop: eventLoop)
        self.report = ReturnsReport(plan: plan)
        self.done = eventLoop.makePromise(of: ReturnsReport.self)
        self.address = try SocketAddress(ipAddress: "127.0.0.1", port: folder.port)
        var relay = RelayAddress()
        relay.port = folder.port
        self.request = ByteBuffer(string: Handshake.request(to: relay))
    }

    var elapsed: Duration { .nanoseconds((NIODeadline.now() - self.since).nanoseconds) }

    func after(_ delay: Duration, _ body: @escaping () -> Void) {
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { body() }
    }

    // MARK: What clients tell

    func connect(_ client: ReturningClient) -> PlayerLink {
        let link = PlayerLink(player: client, request: self.request)
        let bound = NIOLoopBound(link, eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(TimeAmount(ReturnsPlan.limit))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: self.address)
            .assumeIsolated()
            .whenFailure { _ in link.couldNotConnect() }
        return link
    }

    func opened() {
        if self.stage == .returning { self.opens.record(UInt64((NIODeadline.now() - self.since).nanoseconds)) }
    }

    func joined() {
        self.present += 1
        switch self.stage {
        case .entering: self.connectNext()
        case .returning where self.present == self.plan.clients: self.allReturned()
        default: break
        }
    }

    func returned(_ client: ReturningClient, _ outcome: ResumeOutcome, epoch: String, last: UInt64) {
        guard self.stage == .returning else { return }
        self.returns.record(UInt64((NIODeadline.now() - self.since).nanoseconds))
        self.report.outcomes[outcome, default: 0] += 1
        self.check.comeBack(
            client.number,
            epoch: epoch,
            last: last,
            outcome: outcome,
            circumstances: ResumeCircumstances(
                durability: self.plan.durability,
                wasKilled: self.plan.kills,
                wasStopped: !self.plan.kills
            )
        )
    }

    func askedToReturn(inMilliseconds delay: UInt64) {
        self.report.askedDelays.append(delay)
    }

    func triedInVain(_ client: ReturningClient, _ why: String) {
        switch self.stage {
        case .entering, .talking: self.fail("A client could not join: \(why).")
        case .returning:
            self.report.vain[why, default: 0] += 1
            self.after(.milliseconds(Int64.random(in: 100..<300))) { [weak self] in
                guard let self, self.stage == .returning else { return }
                client.connect()
            }
        case .ending, .over: break
        }
    }

    func lost(_ client: ReturningClient, _ how: String) {
        self.present -= 1
        switch self.stage {
        case .entering, .talking: self.fail("A client's connection was \(how) before the restart.")
        case .ending: self.report.ends[how, default: 0] += 1
        case .returning:
            self.check.findings.note(.closed, "client \(client.number): its connection was \(how) after its return")
        case .over: break
        }
    }

    /// Ends a run that makes no sense.
    func fail(_ words: String) {
        guard self.stage != .over else { return }
        self.report.failure = words
        self.finish()
    }
}

@available(*, unavailable)
extension ReturnsRun: Sendable {}
