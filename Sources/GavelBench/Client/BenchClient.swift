import NIOCore

/// One client of a run as a value: bytes of its connection in, what to do out.
struct BenchClient {
    enum Phase: Equatable {
        case handshaking, joining, playing
    }

    /// What the bytes of one read ask for, besides ``takeReturned()`` and ``controlFrames``.
    enum Action: Equatable {
        case none
        /// The handshake is done.
        case join
        /// The client is in its room.
        case joined
        /// The client is back in its session, and has to send ``BenchClient/unhandled`` again.
        case returned
        /// The connection is of no more use; why, in words.
        case fail(String)
    }

    let room: String
    /// Whether the client sends, or only listens.
    let isSender: Bool
    let pace: ReadingPace
    private(set) var phase = Phase.handshaking
    private(set) var id: UInt64 = 0
    private(set) var order = OrderCheck(joinedAt: 0)
    /// Answers to pings, to be sent and emptied by the owner.
    var controlFrames = ByteBuffer()

    /// Its place among the senders, of a run with a rate.
    var turn = 0
    /// Messages of a run with a rate that are due and were not sent.
    var due = 0
    /// How many it has sent of those.
    var scheduled: UInt64 = 0

    /// What it returns with when its connection is lost; `nil`: it has no session.
    private(set) var session: BenchSession?
    /// Of its own messages that the room has to be sent again: count and sending time.
    private(set) var unhandled: [(sequence: UInt64, sentAt: UInt64)] = []
    private let keepsSession: Bool
    /// What it knows of rules that count; `nil`: the room has none.
    var rules: RulesCheck?

    private var returned = 0
    private var masks = MaskingKeys()
    private let mostMessageBytes: Int
    /// The message of which fragments have come.
    private var fragments: [UInt8]?

    /// - Parameter mostMessageBytes: Above this a message from the relay ends the connection.
    /// - Parameter keepsSession: Whether it asks for a session, to come back to.
    /// - Parameter checksRules: Whether the rules of its room count, as those of ``SavedRules`` do.
    init(
        room: String,
        isSender: Bool,
        pace: ReadingPace = .full,
        keepsSession: Bool = false,
        checksRules: Bool = false,
        mostMessageBytes: Int
    ) {
        self.room = room
        self.isSender = isSender
        self.pace = pace
        self.keepsSession = keepsSession
        self.rules = checksRules ? RulesCheck() : nil
        self.mostMessageBytes = mostMessageBytes
    }

    /// How many own messages have come back since the last call: so many may be sent.
    mutating func takeReturned() -> Int {
        defer { self.returned = 0 }
        return self.returned
    }

    /// Counts a message about to be sent and returns its count.
    @inline(__always)
    mutating func send(at time: UInt64 = 0) -> UInt64 {
        self.session?.waiting.append(time)
        return self.order.send()
    }

    /// The same client before the handshake of another connection.
    func returning() -> BenchClient {
        var client = self
        client.phase = .handshaking
        client.fragments = nil
        client.controlFrames = ByteBuffer()
        return client
    }

    /// What it asks for its room with.
    var joinRequest: String {
        guard let session = self.session else {
            return #"{"type":"join","room":""# + self.room + (self.keepsSession ? #"","resume":true}"# : #""}"#)
        }
        let position =
            #"{"session":"\#(session.secret)","epoch":"\#(session.epoch)","msg_id":\#(self.order.lastNumber)}"#
        return #"{"type":"join","room":""# + self.room + #"","resume":"# + position + "}"
    }

    /// Takes what a read brought.
    /// - Parameters:
    ///   - bytes: What is unread of the connection's bytes.
    ///   - now: Nanoseconds since the run's start.
    /// - Returns: How many bytes were used, and what to do. The rest comes again with the next read.
    mutating func receive(
        _ bytes: UnsafeRawBufferPointer,
        at now: UInt64,
        into tally: inout Tally
    ) -> (usedBytes: Int, action: Action) {
        var used = 0
        var action = Action.none
        if self.phase == .handshaking {
            switch Handshake.reply(bytes) {
            case .incomplete: return (0, .none)
            case .refused(let reason): return (bytes.count, .fail("the relay refused the connection: \(reason)"))
            case .accepted(let headerBytes): used = headerBytes
            }
            self.phase = .joining
            action = .join
        }
        while let header = ServerFrameHeader(UnsafeRawBufferPointer(rebasing: bytes[used...])) {
            if let fault = self.fault(of: header) { return (bytes.count, .fail(fault)) }
            let start = used + header.headerBytes
            guard bytes.count - start >= header.payloadBytes else { break }
            used = start + header.payloadBytes
            let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<used])
            let next =
                header.opcode == ServerFrameHeader.text && header.isFinal
                ? self.receiveMessage(payload, at: now, into: &tally)
                : self.receiveOther(header, payload, at: now, into: &tally)
            switch next {
            case .none: continue
            case .fail: return (bytes.count, next)
            case .join, .joined, .returned: action = next
            }
        }
        return (used, action)
    }

    @inline(__always)
    private mutating func receiveMessage(
        _ payload: UnsafeRawBufferPointer,
        at now: UInt64,
        into tally: inout Tally
    ) -> Action {
        guard let scan = MessageScan(payload) else { return self.malformed(payload, into: &tally) }
        guard self.phase == .playing, Self.isBenchMessage(scan, payload) else {
            return self.receiveOther(scan, payload, at: now, into: &tally)
        }
        guard let number = scan.number, let sequence = scan.sequence, let sentAt = scan.sentAt else {
            return self.malformed(payload, into: &tally)
        }
        if let finding = self.order.receive(number: number) { self.note(finding, into: &tally) }
        let isOwn = scan.clientID == self.id && self.isSender
        if isOwn {
            let (returned, finding) = self.order.receiveOwn(sequence: sequence)
            self.returned += Int(returned)
            self.session?.settle(Int(returned))
            if let finding { self.note(finding, into: &tally) }
        }
        if self.rules != nil { self.checkRules(scan, isOwn: isOwn, at: now, into: &tally) }
        if tally.isMeasuring {
            tally.delivered += 1
            if isOwn { tally.accepted += 1 }
        }
        if tally.measures(sentAt) { tally.latencies.record(now > sentAt ? now - sentAt : 0) }
        return .none
    }

    @inline(__always)
    private static func isBenchMessage(_ scan: MessageScan, _ payload: UnsafeRawBufferPointer) -> Bool {
        scan.type.count == 4
            && payload.loadUnaligned(fromByteOffset: scan.type.lowerBound, as: UInt32.self).littleEndian == 0x676E_6970
    }
}

extension BenchClient {
    /// A whole message that is not one of the load generator's.
    private mutating func receiveOther(
        _ scan: MessageScan,
        _ payload: UnsafeRawBufferPointer,
        at now: UInt64,
        into tally: inout Tally
    ) -> Action {
        let type = String(decoding: payload[scan.type], as: UTF8.self)
        let code = String(decoding: payload[scan.code].prefix(64), as: UTF8.self)
        guard self.phase == .playing else {
            switch type {
            case "joined":
                return self.receiveJoined(scan, payload, into: &tally)
            case "error": return .fail("the relay refused the join: \(code)")
            default: return .fail("the relay sent \(Self.excerpt(payload)) instead of a joined reply")
            }
        }
        // Presence and what rules broadcast take numbers too.
        if let number = scan.number, let finding = self.order.receive(number: number) {
            self.note(finding, into: &tally)
        }
        switch type {
        case "error" where self.rules != nil && code == "rules_failed":
            tally.failedByRules += 1
            let gone = self.order.refuse()
            self.returned += Int(gone)
            self.session?.settle(Int(gone))
        case "error": tally.noteError(code: code)
        case "beat" where self.rules != nil: self.checkBeat(payload, at: now, into: &tally)
        case "left": return .fail("the relay took a client out of its room")
        default: break
        }
        return .none
    }

    private mutating func receiveJoined(
        _ scan: MessageScan,
        _ payload: UnsafeRawBufferPointer,
        into tally: inout Tally
    ) -> Action {
        guard let id = scan.clientID else { return self.malformed(payload, into: &tally) }
        self.phase = .playing
        guard self.keepsSession, let message = RelayMessage(payload) else {
            self.id = id
            self.order = OrderCheck(joinedAt: scan.number)
            return .joined
        }
        guard let secret = message.session, let epoch = message.epoch, let handled = message.handled else {
            return .fail("the relay gave no session: resume is off for the room, or not supported")
        }
        guard let session = self.session else {
            self.id = id
            self.order = OrderCheck(joinedAt: scan.number)
            self.session = BenchSession(secret: secret, epoch: epoch)
            return .joined
        }
        let settled = self.order.sent - UInt64(session.waiting.count)
        guard secret == session.secret, id == self.id, (settled...self.order.sent).contains(handled),
            message.recovered == true || message.reason == "history"
        else {
            tally.violations.note(.resume) { "client \(self.id) of room \(self.room) got \(Self.excerpt(payload))" }
            return .fail("a session was not resumed")
        }
        self.unhandled = session.unhandled(after: handled - settled, from: settled)
        if message.recovered == true {
            tally.recovered += 1
        } else {
            tally.unrecovered += 1
        }
        let gone = self.order.resume(handled: handled, at: message.recovered == true ? nil : scan.number ?? 0)
        self.returned += Int(gone)
        self.session?.settle(Int(gone))
        return .returned
    }

    /// A control frame, or a fragment of a message.
    private mutating func receiveOther(
        _ header: ServerFrameHeader,
        _ payload: UnsafeRawBufferPointer,
        at now: UInt64,
        into tally: inout Tally
    ) -> Action {
        switch header.opcode {
        case ServerFrameHeader.ping:
            ClientFrame.write(.pong, payload, mask: self.masks.next(), to: &self.controlFrames)
            return .none
        case ServerFrameHeader.pong:
            return .none
        case ServerFrameHeader.close:
            guard payload.count >= 2 else { return .fail("the relay closed the connection without a code") }
            let code = Int(payload[0]) << 8 | Int(payload[1])
            let reason = String(decoding: payload[2...], as: UTF8.self)
            return .fail("the relay closed the connection with \(code)" + (reason.isEmpty ? "" : " (\(reason))"))
        case ServerFrameHeader.text where self.fragments == nil:
            self.fragments = Array(payload)
            return .none
        case ServerFrameHeader.continuation:
            guard var message = self.fragments else { break }
            guard message.count + payload.count <= self.mostMessageBytes else {
                return .fail("the relay sent a message of more than \(self.mostMessageBytes) bytes")
            }
            message += payload
            self.fragments = header.isFinal ? nil : message
            guard header.isFinal else { return .none }
            return message.withUnsafeBytes { self.receiveMessage($0, at: now, into: &tally) }
        default:
            break
        }
        return .fail("the relay sent an unexpected frame (opcode \(header.opcode))")
    }

    private func fault(of header: ServerFrameHeader) -> String? {
        if header.isRefused { return "the relay sent a frame that is masked or has reserved bits set" }
        if header.opcode >= ServerFrameHeader.close, !header.isFinal || header.payloadBytes > 125 {
            return "the relay sent a control frame that is too long or fragmented"
        }
        if header.opcode == ServerFrameHeader.text, self.fragments != nil {
            return "the relay began a message inside another"
        }
        if header.payloadBytes > self.mostMessageBytes {
            return "the relay sent a message of more than \(self.mostMessageBytes) bytes"
        }
        return nil
    }

    private func note(_ finding: OrderCheck.Finding, into tally: inout Tally) {
        let client = "client \(self.id) of room \(self.room)"
        switch finding {
        case .gap(let expected, let got):
            tally.violations.note(.gap) { "\(client): number \(got) came where \(expected) was expected" }
        case .repeated(let got, let last):
            tally.violations.note(.repeated) { "\(client): number \(got) came after \(last)" }
        case .ownOrder(let expected, let got):
            tally.violations.note(.ownOrder) { "\(client): its message \(got) came where \(expected) was expected" }
        }
    }

    private func malformed(_ payload: UnsafeRawBufferPointer, into tally: inout Tally) -> Action {
        tally.violations.note(.malformed) { "client \(self.id) of room \(self.room) got \(Self.excerpt(payload))" }
        return self.phase == .playing ? .none : .fail("the relay's answer to the join is not a joined reply")
    }

    private static func excerpt(_ payload: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: payload.prefix(120), as: UTF8.self)
        return payload.count > 120 ? text + "…" : text
    }
}
