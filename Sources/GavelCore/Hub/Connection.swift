internal import NIOCore

/// One connection as the core sees it: the stay of its client in a room, and what waits to be sent to it.
///
/// Confined to its event loop. Its socket side is a ``ConnectionOutlet``. What every message reads is not checked for
/// overlapping accesses at run time: none of these is held across a call.
package final class Connection {
    /// Why the socket is not read for now.
    struct Hold: OptionSet {
        let rawValue: UInt8
        /// The client is leaving a room; what it sends waits for `left`.
        static let leaving = Hold(rawValue: 1)
        /// The room asked for it.
        static let room = Hold(rawValue: 2)
        /// The mailbox to the room's home is full.
        static let mailbox = Hold(rawValue: 4)
        /// The client has sent much to a room that has not answered its join.
        static let joining = Hold(rawValue: 8)
    }

    /// A join that a room's rules make for the client.
    struct Move {
        /// The join, JSON.
        var join: [UInt8]
        /// For the rules of the other room, a JSON object.
        var data: [UInt8]
    }

    enum Stage: UInt8 {
        /// In no room.
        case idle
        /// In a room, or on its way into one.
        case attached
        /// Waiting for the room to say that it left.
        case leaving
        /// Being closed, or closed.
        case ended
    }

    let relay: RelayLoop
    let slot: UInt32
    private(set) var outlet: (any ConnectionOutlet)?

    @exclusivity(unchecked) var stage = Stage.idle
    /// The loop of the room it is attached to or leaving.
    @exclusivity(unchecked) var home = 0
    /// The room's place in its home; -1 before `joined`.
    var room = -1
    @exclusivity(unchecked) var attachment: UInt64 = 0
    /// 0 before `joined`.
    var client: ClientID = 0
    /// Text messages that it has sent since its join.
    @exclusivity(unchecked) var sentCount: UInt32 = 0
    /// Bytes sent to a room before it answered the join.
    var aheadBytes = 0
    /// A second join, to be read again when the first room was left.
    var nextJoin: [UInt8]?
    /// Where a room has sent the client, to be done when that room was left.
    var nextMove: Move?
    private(set) var holds: Hold = []

    /// Where it stands in its room's member group; -1 outside.
    @exclusivity(unchecked) var groupIndex = -1
    /// Scratch of the delivery under way: which one, and the first and last patch of this connection.
    @exclusivity(unchecked) var patchSerial: UInt64 = 0
    @exclusivity(unchecked) var firstPatch = 0
    @exclusivity(unchecked) var lastPatch = 0

    var queue = OutboundQueue()
    /// Bytes handed to the channel and not yet sent.
    @exclusivity(unchecked) var inChannel = 0
    var slowSince: NIODeadline?
    /// How much of rooms' histories had left when it last became more, and when that was; `nil`: none waits.
    private var replayProgress: (bytes: Int, at: NIODeadline)?

    var malformed = MinuteCounter()
    var joins = MinuteCounter()
    var limited = MinuteCounter()
    var messageBucket: TokenBucket?
    var byteBucket: TokenBucket?
    /// Since when it is to join; `nil` after it did once.
    var joinlessSince: NIODeadline?
    let isEcho: Bool

    init(relay: RelayLoop, slot: UInt32, outlet: any ConnectionOutlet, isEcho: Bool, at now: NIODeadline) {
        self.relay = relay
        self.slot = slot
        self.outlet = outlet
        self.isEcho = isEcho
        let limits = relay.limits
        self.messageBucket = limits.messagesPerSecond.map { TokenBucket(rate: $0) }
        self.byteBucket = limits.bytesPerSecond.map { TokenBucket(rate: $0) }
        self.joinlessSince = isEcho ? nil : now
    }

    // MARK: Reading

    var isHeld: Bool { !self.holds.isEmpty }

    func hold(_ reason: Hold) {
        let wasHeld = self.isHeld
        self.holds.insert(reason)
        if !wasHeld { self.outlet?.setReading(false) }
    }

    func unhold(_ reason: Hold) {
        guard self.holds.contains(reason) else { return }
        self.holds.remove(reason)
        if !self.isHeld { self.outlet?.setReading(true) }
    }

    // MARK: The end

    /// The logical end: the client leaves its room at once, and nothing of the room is sent after this. What is
    /// queued already still leaves. The transport calls it when it begins to close, before its close frame.
    /// Calling it again does nothing.
    package func end(_ end: ConnectionEnd) {
        guard self.stage != .ended else { return }
        let wasAttached = self.stage != .idle
        self.stage = .ended
        self.nextJoin = nil
        self.nextMove = nil
        guard wasAttached else { return }
        self.relay.leaveGroup(self)
        self.relay.note(Record.Kind(end), of: self)
    }

    /// The socket is gone. Called once, after ``end(_:)``.
    package func release() {
        self.end(.lost)
        self.outlet = nil
        self.relay.forget(self)
        self.queue = OutboundQueue()
    }

    /// Has the transport close the connection, behind what is queued.
    func close(_ code: CloseCode, _ reason: StaticString) {
        guard self.stage != .ended else { return }
        self.outlet?.close(code, reason: reason)
    }

    /// Cuts a client that reads too slowly: what has not begun to leave is dropped.
    func cutSlow() {
        guard self.stage != .ended else { return }
        self.relay.counts.cutClients += 1
        self.relay.counts.cutBytes += self.queuedBytes
        self.queue.dropWholeFrames()
        self.close(.slowConsumer, "slow consumer")
    }

    // MARK: Settings

    /// Goes on under the limits that its loop has taken up. What it has used of its rates stays used.
    func adoptLimits() {
        self.messageBucket = TokenBucket(rate: self.relay.limits.messagesPerSecond, continuing: self.messageBucket)
        self.byteBucket = TokenBucket(rate: self.relay.limits.bytesPerSecond, continuing: self.byteBucket)
        self.measureQueue()
    }

    // MARK: Once a second

    func sweep(at now: NIODeadline) {
        self.noteReplayProgress(at: now)
        if let slowSince = self.replayProgress?.at ?? self.slowSince, self.stage != .ended,
            Mutation.limitsSlowClients,
            now - slowSince >= TimeAmount(self.relay.outbound.slowGrace)
        {
            self.cutSlow()
        }
        if let since = self.joinlessSince, let timeout = self.relay.limits.joinTimeout,
            now - since >= TimeAmount(timeout)
        {
            self.joinlessSince = nil
            self.close(.joinTimeout, "join a room first")
        }
        self.outlet?.sweep(at: now)
    }

    /// While a room's history is on its way to a client, it is slow only if nothing of it leaves; and what came behind
    /// it counts from when it has left.
    private func noteReplayProgress(at now: NIODeadline) {
        let bytes = self.queue.replayedBytesSent
        if self.queue.replayedCount == 0 {
            if self.replayProgress != nil, self.slowSince != nil { self.slowSince = now }
            self.replayProgress = nil
        } else if self.replayProgress.map({ $0.bytes != bytes }) ?? true {
            self.replayProgress = (bytes, now)
        }
    }
}
@available(*, unavailable)
extension Connection: Sendable {}

extension Record.Kind {
    fileprivate init(_ end: ConnectionEnd) {
        self =
            switch end {
            case .left: .closed
            case .expelled: .expelled
            case .lost: .lost
            }
    }
}
