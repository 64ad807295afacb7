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
    /// About what a client writes at once of messages that are due.
    private static let mostDueBytes = 64 << 10

    let plan: BenchPlan
    let eventLoop: any EventLoop
    let handshakeRequest: ByteBuffer
    var stage = Stage.joining
    var clients: [BenchClientHandler] = []
    var tally = Tally()
    /// Of the clients that read slowly or not at all.
    var slowTally = Tally()
    /// Of a run with a rate, from the beginning of the traffic on.
    var schedule: SendingSchedule?
    /// Clients that have lost their connection on purpose and are not back.
    var away = 0
    var drops = DropSequence()
    /// Is told how far it is, ten times in a second.
    var onProgress: (@Sendable (BenchProgress) -> Void)?
    /// Told whether it has come to the measurement, which then lasts until ``endMeasurement()``.
    var measuring: EventLoopPromise<Bool>?
    var report: BenchReport
    var done: EventLoopPromise<BenchReport>?
    /// When the present stage began.
    var stageBegan: UInt64 = 0
    var processorTime = Duration.zero
    let startedAt = NIODeadline.now()
    private let message: BenchMessage
    private var masks = MaskingKeys()
    /// Reused from write to write while the channel keeps up.
    private var outgoing = ByteBuffer()
    /// Where the relay is, once the first client has reached it.
    private var address: SocketAddress?
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
        return client.pace == .full
            ? client.receive(bytes, at: self.now(), into: &self.tally)
            : client.receive(bytes, at: self.now(), into: &self.slowTally)
    }

    var isSending: Bool { self.stage == .warmUp || self.stage == .measuring }

    /// The client's next messages as frames, stamped with the present time; `nil` when the run no longer sends.
    func messages(_ count: Int, of client: inout BenchClient) -> ByteBuffer? {
        guard self.isSending, self.schedule == nil else { return nil }
        let now = self.now()
        self.outgoing.clear()
        for _ in 0..<count {
            let sequence = client.send(at: now)
            self.message.write(sequence: sequence, sentAt: now, mask: self.masks.next(), to: &self.outgoing)
        }
        return self.outgoing
    }

    /// The client's messages that are due as frames, each stamped with the time when it was; a bounded number.
    func dueMessages(of client: inout BenchClient) -> ByteBuffer? {
        guard let schedule = self.schedule, client.due > 0 else { return nil }
        self.outgoing.clear()
        while client.due > 0, self.outgoing.readableBytes < Self.mostDueBytes {
            let time = schedule.time(of: client.scheduled, by: client.turn)
            client.scheduled += 1
            client.due -= 1
            let sequence = client.send(at: time)
            self.message.write(sequence: sequence, sentAt: time, mask: self.masks.next(), to: &self.outgoing)
        }
        return self.outgoing
    }

    /// Messages that were sent before and were not taken, as frames.
    func messages(again messages: [(sequence: UInt64, sentAt: UInt64)]) -> ByteBuffer {
        var frames = ByteBuffer()
        for (sequence, sentAt) in messages {
            self.message.write(sequence: sequence, sentAt: sentAt, mask: self.masks.next(), to: &frames)
        }
        return frames
    }

    func joinRequest(of client: BenchClient) -> ByteBuffer {
        self.frame(.text, client.joinRequest.utf8)
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
            isSender: self.plan.isSender(index),
            pace: self.plan.pace(of: index),
            keepsSession: self.plan.dropInterval != nil,
            checksRules: self.plan.hasCountingRules,
            mostMessageBytes: self.plan.payloadBytes + (64 << 10)
        )
        let handler = BenchClientHandler(client: client, run: self, index: index)
        self.clients.append(handler)
        self.connect(handler, connect)
    }

    /// Connects a client that lost its connection, to where the others are.
    func connectAgain(_ handler: BenchClientHandler) {
        guard let address = self.address else { return }
        self.connect(handler) { $0.connect(to: address) }
    }

    private func connect(
        _ handler: BenchClientHandler,
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        self.open += 1
        let bound = NIOLoopBound(handler, eventLoop: self.eventLoop)
        var bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
        if handler.client.pace != .full {
            let buffers = FixedSizeRecvByteBufferAllocator(capacity: SlowReading.bytes)
            bootstrap =
                bootstrap
                .channelOption(.socketOption(.so_rcvbuf), value: .init(SlowReading.receiveBufferBytes))
                .channelOption(.recvAllocator, value: buffers)
                .channelOption(.maxMessagesPerRead, value: 1)
        }
        connect(bootstrap).assumeIsolated().whenFailure { error in
            self.connectionEnded()
            if bound.value.isReturning { self.away -= 1 }
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
            self.address = address
            self.connectMore(to: address)
        }
        if self.report.clientsJoined == self.plan.clients {
            self.beginTraffic()
        }
    }

    /// A connection was given up, for this reason.
    func clientFailed(_ handler: BenchClientHandler, _ reason: String) {
        self.live -= 1
        if handler.isReturning { self.away -= 1 }
        // A relay may cut who does not read.
        guard handler.client.pace == .full || self.stage == .joining else {
            self.report.slowClientsCut += 1
            return
        }
        self.fail(reason)
    }

    /// A client has given its connection up, to come back.
    func clientDropped() {
        self.live -= 1
        self.away += 1
    }

    func clientReturned() {
        self.away -= 1
    }

    private func fail(_ reason: String) {
        guard self.stage != .over else { return }
        self.report.noteFailure(reason)
        if self.stage == .joining || self.live + self.away == 0 {
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
        self.measuring?.succeed(false)
        self.measuring = nil
        self.done?.succeed(self.report)
        self.done = nil
        // They refer to the run, as it does to them.
        self.clients.removeAll()
    }
}
