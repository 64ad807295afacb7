import NIOCore
import NIOPosix

/// One run: connects the clients, lets them send, measures, drains, reports.
///
/// All clients and all counts are confined to one event loop.
final class BenchRun {
    enum Stage {
        case joining, warmUp, measuring, draining, over
    }

    /// How many connections may be on the way to their room at the same time.
    private static let mostJoining = 128

    let plan: BenchPlan
    let eventLoop: any EventLoop
    let handshakeRequest: ByteBuffer
    var stage = Stage.joining
    private(set) var clients: [BenchClientHandler] = []
    var tally = Tally()
    var report: BenchReport
    var done: EventLoopPromise<BenchReport>?
    /// When the present stage began.
    var stageBegan: UInt64 = 0
    var processorTime = Duration.zero
    private let startedAt = NIODeadline.now()
    private let message: BenchMessage
    private var masks = MaskingKeys()
    /// Reused from write to write while the channel keeps up.
    private var outgoing = ByteBuffer()
    private var open = 0
    private var live = 0

    init(plan: BenchPlan, eventLoop: any EventLoop) {
        self.plan = plan
        self.eventLoop = eventLoop
        self.message = BenchMessage(bytes: plan.payloadBytes)
        self.handshakeRequest = ByteBuffer(string: Handshake.request(to: plan.relay))
        self.report = BenchReport(plan: plan)
        self.clients.reserveCapacity(plan.clients)
    }

    /// Nanoseconds since the run's start.
    func now() -> UInt64 {
        UInt64((NIODeadline.now() - self.startedAt).nanoseconds)
    }

    func after(_ delay: Duration, _ body: @escaping (BenchRun) -> Void) {
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { body(self) }
    }
}

@available(*, unavailable)
extension BenchRun: Sendable {}

// MARK: Messages

extension BenchRun {
    /// Takes what one read brought for this client.
    func receive(
        _ bytes: UnsafeRawBufferPointer,
        arrivedBytes: Int,
        for client: inout BenchClient
    ) -> (usedBytes: Int, action: BenchClient.Action) {
        if self.tally.isMeasuring {
            self.tally.receivedBytes += UInt64(arrivedBytes)
        }
        return client.receive(bytes, at: self.now(), into: &self.tally)
    }

    /// The client's next messages as frames, stamped with the present time; `nil` when the run no longer sends.
    func messages(_ count: Int, of client: inout BenchClient) -> ByteBuffer? {
        guard self.stage == .warmUp || self.stage == .measuring else { return nil }
        let now = self.now()
        self.outgoing.clear()
        for _ in 0..<count {
            self.message.write(sequence: client.send(), sentAt: now, mask: self.masks.next(), to: &self.outgoing)
        }
        return self.outgoing
    }

    func joinRequest(for room: String) -> ByteBuffer {
        let text = #"{"type":"join","room":""# + room + #""}"#
        return self.frame(.text, text.utf8)
    }

    /// A close frame with 1000.
    func goodbye() -> ByteBuffer {
        self.frame(.close, [0x03, 0xE8])
    }

    private func frame(_ opcode: ClientFrame.Opcode, _ payload: some Collection<UInt8>) -> ByteBuffer {
        var frame = ByteBuffer()
        ClientFrame.write(opcode, payload, mask: self.masks.next(), to: &frame)
        return frame
    }
}

// MARK: Connections

extension BenchRun {
    /// Connects the first client, by name; the others follow to the address that it reached.
    func connectFirst() {
        self.connect { $0.connect(host: self.plan.relay.host, port: self.plan.relay.port) }
    }

    private func connectMore(to address: SocketAddress) {
        while self.stage == .joining, self.clients.count < self.plan.clients,
            self.clients.count - self.report.clientsJoined < Self.mostJoining
        {
            self.connect { $0.connect(to: address) }
        }
    }

    private func connect(_ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>) {
        let index = self.clients.count
        let client = BenchClient(
            room: self.plan.roomPrefix + String(index / self.plan.clientsPerRoom),
            isSender: index % self.plan.clientsPerRoom < self.plan.sendersPerRoom,
            mostMessageBytes: self.plan.payloadBytes + (64 << 10)
        )
        let handler = BenchClientHandler(client: client, run: self)
        self.clients.append(handler)
        self.open += 1
        let bound = NIOLoopBound(handler, eventLoop: self.eventLoop)
        let bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
        connect(bootstrap).assumeIsolated().whenFailure { error in
            self.connectionEnded()
            self.fail("could not connect to \(self.plan.relay.authority): \(ConnectionFailure.words(for: error))")
        }
    }

    func clientConnected() {
        self.live += 1
    }

    func clientJoined(from address: SocketAddress?) {
        guard self.stage == .joining else { return }
        self.report.clientsJoined += 1
        if let address {
            self.connectMore(to: address)
        }
        if self.report.clientsJoined == self.plan.clients {
            self.beginTraffic()
        }
    }

    /// A connection was given up, for this reason.
    func clientFailed(_ reason: String) {
        self.live -= 1
        self.fail(reason)
    }

    private func fail(_ reason: String) {
        guard self.stage != .over else { return }
        self.report.noteFailure(reason)
        if self.stage == .joining || self.live == 0 {
            self.finish()
        }
    }

    func connectionEnded() {
        self.open -= 1
        if self.stage == .over {
            self.completeWhenEnded()
        }
    }

    /// Gives the report when no connection is left.
    func completeWhenEnded() {
        if self.open == 0 {
            self.complete()
        }
    }

    /// Gives the report, once.
    func complete() {
        self.done?.succeed(self.report)
        self.done = nil
        // They refer to the run, as it does to them.
        self.clients.removeAll()
    }
}
