internal import CGavelJSON
internal import NIOCore

/// One thing that a connection has for a room's home loop.
struct Record {
    enum Kind: UInt8 {
        case message
        case join
        case leave
        /// The connection is gone, closed by its client with 1000.
        case closed
        /// The relay has closed the connection for good.
        case expelled
        /// The connection is gone in any other way.
        case lost
        /// The connection has more (``aboveSoft``) or no longer more (``belowSoft``) queued than the soft limit.
        case aboveSoft
        case belowSoft
        /// The rules of a room have something for those of another; of no connection.
        case signal
    }

    var kind: Kind
    /// Of a message: whether its type is one of the relay's own.
    var isReserved = false
    var slot: UInt32
    var attachment: UInt64
    /// Where the text stands in the parcel's bytes.
    var offset: UInt32 = 0
    var length: UInt32 = 0
    /// Where its tokens stand on the parcel's tape.
    var tapeStart: UInt32 = 0
    var tapeCount: UInt32 = 0
    /// Of a join: its index in the parcel's ``Intake/joins``; of a signal: in ``Intake/signals``.
    var join: UInt32 = 0
    /// How many text messages the connection has sent since its join, this one among them.
    var sequence: UInt32 = 0
    var envelope = gj_envelope()
}

/// What the connections of one loop have for the rooms of another (or the same) in one tick: records, and the bytes
/// and tokens they speak of. Bytes are unmasked straight into it and scanned there, once.
///
/// Owned by one loop at a time; handed over whole. Its methods call nothing that comes back, so that overlapping
/// accesses are not looked for at run time.
final class Intake: @unchecked Sendable {
    @exclusivity(unchecked) private(set) var records: ContiguousArray<Record> = []
    private(set) var joins: ContiguousArray<JoinRequest> = []
    private(set) var signals: ContiguousArray<Signal> = []
    private var signalBytes = 0
    @exclusivity(unchecked) private var bytes: UnsafeMutableRawPointer
    @exclusivity(unchecked) private var byteCapacity: Int
    /// When what it holds was begun to be read.
    @exclusivity(unchecked) var since = NIODeadline.uptimeNanoseconds(0)
    /// Bytes in use.
    @exclusivity(unchecked) private(set) var byteCount = 0
    @exclusivity(unchecked) private var tape: UnsafeMutablePointer<gj_token>
    @exclusivity(unchecked) private var tapeCapacity: Int
    @exclusivity(unchecked) private var tapeCount = 0

    /// At this many bytes it is worth handing over before the tick ends.
    static let fullBytes = 64 << 10
    private static let initialBytes = 8 << 10
    private static let initialTokens = 2 << 10

    init() {
        self.byteCapacity = Self.initialBytes
        self.bytes = .allocate(byteCount: self.byteCapacity, alignment: 16)
        self.tapeCapacity = Self.initialTokens
        self.tape = .allocate(capacity: self.tapeCapacity)
    }

    deinit {
        self.bytes.deallocate()
        self.tape.deallocate()
    }

    var isEmpty: Bool { self.records.isEmpty }

    /// What it counts for in the bound of a mailbox, in bytes.
    var weight: Int { self.byteCount + self.signalBytes + 64 }

    /// Memory it takes, in bytes.
    var heldBytes: Int {
        self.byteCapacity + self.tapeCapacity * MemoryLayout<gj_token>.stride
            + self.records.capacity * MemoryLayout<Record>.stride + self.signalBytes
    }

    var isFull: Bool { self.byteCount >= Self.fullBytes || self.records.count >= 4096 }

    /// Room for `count` bytes and their tokens behind what is in use.
    @inline(__always)
    func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if self.byteCount + count > self.byteCapacity || self.tapeCount + gj_tape_capacity(count) > self.tapeCapacity {
            self.grow(by: count)
        }
        return self.bytes + self.byteCount
    }

    private func grow(by count: Int) {
        if self.byteCount + count > self.byteCapacity {
            let capacity = max(2 * self.byteCapacity, self.byteCount + count)
            let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            grown.copyMemory(from: self.bytes, byteCount: self.byteCount)
            self.bytes.deallocate()
            self.bytes = grown
            self.byteCapacity = capacity
        }
        if self.tapeCount + gj_tape_capacity(count) > self.tapeCapacity {
            let capacity = max(2 * self.tapeCapacity, self.tapeCount + gj_tape_capacity(count))
            let grown = UnsafeMutablePointer<gj_token>.allocate(capacity: capacity)
            grown.update(from: self.tape, count: self.tapeCount)
            self.tape.deallocate()
            self.tape = grown
            self.tapeCapacity = capacity
        }
    }

    /// Scans the `count` bytes written to reserved memory.
    /// - Returns: A view of them, or what is wrong with them.
    @inline(__always)
    func scan(_ count: Int, maximumDepth: UInt32) -> Result<MessageView, MessageError> {
        var envelope = gj_envelope()
        let text = self.bytes + self.byteCount
        let found = gj_scan(
            text.assumingMemoryBound(to: UInt8.self),
            count,
            self.tape + self.tapeCount,
            self.tapeCapacity - self.tapeCount,
            maximumDepth,
            &envelope,
            nil
        )
        guard found > 0 else {
            switch found {
            case Int32(GJ_TOO_DEEP): return .failure(.tooDeep)
            case Int32(GJ_NOT_OBJECT): return .failure(.notObject)
            default: return .failure(.badJSON)
            }
        }
        return .success(
            MessageView(
                text: UnsafeRawBufferPointer(start: text, count: count),
                tape: UnsafeBufferPointer(start: self.tape + self.tapeCount, count: Int(found)),
                envelope: envelope
            )
        )
    }

    /// Scans a text that stands elsewhere.
    /// - Returns: A view of a copy of it, valid as long as this and until the next scan; or what is wrong with it.
    func scan(copyOf text: [UInt8], maximumDepth: UInt32) -> Result<MessageView, MessageError> {
        text.withUnsafeBytes {
            if let base = $0.baseAddress { self.reserve($0.count).copyMemory(from: base, byteCount: $0.count) }
        }
        return self.scan(text.count, maximumDepth: maximumDepth)
    }

    /// Keeps the message just scanned, with a record that speaks of it.
    @inline(__always)
    func keep(
        _ message: MessageView,
        _ kind: Record.Kind,
        isReserved: Bool,
        slot: UInt32,
        attachment: UInt64,
        sequence: UInt32
    ) {
        var record = Record(kind: kind, isReserved: isReserved, slot: slot, attachment: attachment)
        record.sequence = sequence
        record.offset = UInt32(self.byteCount)
        record.length = UInt32(message.text.count)
        record.tapeStart = UInt32(self.tapeCount)
        record.tapeCount = UInt32(message.tape.count)
        record.join = UInt32(self.joins.count)
        record.envelope = message.envelope
        self.records.append(record)
        self.byteCount += message.text.count
        self.tapeCount += message.tape.count
    }

    /// Keeps a join just scanned.
    func keep(_ message: MessageView, join: JoinRequest, slot: UInt32, attachment: UInt64) {
        self.keep(message, .join, isReserved: false, slot: slot, attachment: attachment, sequence: 0)
        self.joins.append(join)
    }

    /// Keeps a signal.
    func keep(_ signal: Signal) {
        var record = Record(kind: .signal, slot: 0, attachment: 0)
        record.join = UInt32(self.signals.count)
        self.records.append(record)
        self.signals.append(signal)
        self.signalBytes += signal.weight
    }

    /// Adds a record that has no message.
    func note(_ kind: Record.Kind, slot: UInt32, attachment: UInt64, sequence: UInt32) {
        var record = Record(kind: kind, slot: slot, attachment: attachment)
        record.sequence = sequence
        self.records.append(record)
    }

    /// The message a record speaks of.
    @inline(__always)
    func message(of record: Record) -> MessageView {
        MessageView(
            text: UnsafeRawBufferPointer(start: self.bytes + Int(record.offset), count: Int(record.length)),
            tape: UnsafeBufferPointer(start: self.tape + Int(record.tapeStart), count: Int(record.tapeCount)),
            envelope: record.envelope
        )
    }

    /// Forgets everything, for use in another tick; only for the one owner.
    func clear() {
        self.records.removeAll(keepingCapacity: true)
        self.joins.removeAll()
        self.signals.removeAll()
        self.signalBytes = 0
        self.byteCount = 0
        self.tapeCount = 0
        if self.byteCapacity > 320 << 10 {
            self.bytes.deallocate()
            self.byteCapacity = Self.initialBytes
            self.bytes = .allocate(byteCount: self.byteCapacity, alignment: 16)
        }
        if self.tapeCapacity > 256 << 10 {
            self.tape.deallocate()
            self.tapeCapacity = Self.initialTokens
            self.tape = .allocate(capacity: self.tapeCapacity)
        }
    }
}
