/// Writes down what the rules of a room are asked and answer, and gives it to the store in parts.
///
/// Confined to the room's home loop.
final class RoomRecorder: RulesObserver, @unchecked Sendable {
    let limits: RecordingLimits
    private let store: any RecordingStore
    private let nextSegment: () -> UInt64
    private let tell: (RelayEvent) -> Void
    private let key: RoomKey

    /// What is written; 0: nothing is.
    private var segment: UInt64 = 0
    private var blocks: UInt64 = 0
    private var writer = RecordingWriter(capacity: 4 << 10)
    private var inputs = 0
    /// Of the input before in the block; a block's first counts from the base.
    private var last = HookContext(wallMilliseconds: 0, uptimeMilliseconds: 0, lastID: 0)
    private var base = HookContext(wallMilliseconds: 0, uptimeMilliseconds: 0, lastID: 0)
    private var baseBytes = 0
    /// Of the segment, without the base.
    private var bytes = 0
    /// Whether the rules were switched off before the call that is observed.
    private var wasSwitchedOff = false
    /// A part of it was dropped: what follows is of no use.
    private var isCut = false
    /// How long after the base of a segment that was cut the next is begun; longer, the oftener that happens one after
    /// another: rooms that have no place beside each other are not to drive each other out all the time.
    private var pause = RoomRecorder.pauseMilliseconds
    /// Whether it was told that the room is too much to be recorded.
    private var hasToldRefusal = false

    /// Bytes that what the rules keep is described with at most, to be summed up.
    private static let describedBytes = 256 << 10
    /// Bytes of a description that each call pays for.
    private static let describedPerCall = 1 << 10
    private static let partBytes = 16 << 10
    /// How long it is at least until a segment is begun anew.
    private static let pauseMilliseconds: Int64 = 1000
    private var described = 0
    private var credit = 0

    init(
        _ key: RoomKey,
        _ limits: RecordingLimits,
        store: any RecordingStore,
        tell: @escaping (RelayEvent) -> Void,
        nextSegment: @escaping () -> UInt64
    ) {
        self.key = key
        self.limits = limits
        self.store = store
        self.tell = tell
        self.nextSegment = nextSegment
    }

    func began(_ beginning: RulesBeginning) {
        self.flush()
        self.segment = 0
        var writer = RecordingWriter()
        let segment = self.nextSegment()
        writer.number(segment)
        RecordedBase(beginning).write(to: &writer)
        self.base = beginning.context
        self.last = beginning.context
        self.baseBytes = writer.bytes.count
        self.bytes = 0
        self.blocks = 0
        // There must be room for what follows.
        guard beginning.copy != nil, self.baseBytes <= self.limits.bytes / 2 else {
            return self.refuse(beginning.copy == nil ? nil : self.baseBytes)
        }
        self.segment = segment
        self.pause = self.isCut ? min(2 * self.pause, self.longestPause) : Self.pauseMilliseconds
        self.isCut = false
        self.described = self.baseBytes
        self.credit = 0
        self.wasSwitchedOff = beginning.isSwitchedOff
        self.give(.base, writer.bytes, isFirst: true)
    }

    private func refuse(_ bytes: Int?) {
        if self.hasToldRefusal { return }
        self.hasToldRefusal = true
        self.tell(.recordingRefused(key: self.key, bytes: bytes, limitBytes: self.limits.bytes))
    }

    func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
        guard self.segment != 0, !self.isCut, call.kind != .reload else { return }
        if self.inputs == 0 {
            self.writer.number(self.segment)
            self.writer.number(self.blocks)
            self.last = self.base
        }
        self.writer.input(
            call,
            outcome,
            timer: rules.nextTimer,
            stop: rules.lastStop,
            isSwitchedOff: self.wasSwitchedOff,
            stateSum: self.sum(rules),
            after: &self.last,
            effect: rules.effect(at:)
        )
        self.wasSwitchedOff = rules.isSwitchedOff
        self.inputs += 1
        if self.writer.bytes.count >= Self.partBytes { self.flush() }
    }

    func ended(_ key: RoomKey) {
        self.flush()
        self.segment = 0
    }

    /// Of what the rules keep, as often as the calls have paid for it.
    private func sum(_ rules: any RoomRules) -> Int64? {
        self.credit = min(self.credit + Self.describedPerCall, Self.describedBytes)
        guard self.described <= self.credit else { return nil }
        let text = rules.describeState(atMost: Self.describedBytes)
        self.credit = 0
        self.described = max(text.count, 1)
        return text.isEmpty ? nil : Self.sum(text)
    }

    static func sum(_ description: [UInt8]) -> Int64 {
        var sum = Checksum(0)
        sum.add(description)
        return sum.value
    }

    static func sum(of rules: any RoomRules) -> Int64 {
        Self.sum(rules.describeState(atMost: Self.describedBytes))
    }

    /// Gives what is written to the store.
    func flush() {
        guard self.inputs > 0 else { return }
        self.give(.inputs, self.writer.bytes, isFirst: false)
        self.bytes += self.writer.bytes.count
        self.writer.clear()
        self.inputs = 0
    }

    private func give(_ kind: Recording.Block, _ content: [UInt8], isFirst: Bool) {
        let part = RecordingPart(
            key: self.key,
            segment: self.segment,
            isFirst: isFirst,
            bytes: Recording.block(kind, content),
            limits: self.limits,
            wallMilliseconds: self.last.wallMilliseconds
        )
        self.blocks += 1
        if !self.store.append(part) { self.isCut = true }
    }

    private var longestPause: Int64 { max(Self.pauseMilliseconds, self.limits.ageMilliseconds / 4) }

    /// Whether a new segment is due, so that the oldest can go.
    func needsBase(at context: HookContext) -> Bool {
        let age = context.uptimeMilliseconds - self.base.uptimeMilliseconds
        // A try of a room that is too much costs a copy of all that it keeps.
        if self.segment == 0 { return age >= self.longestPause }
        if self.isCut { return age >= self.pause }
        let bytes = self.bytes + self.writer.bytes.count
        let isOld = age >= self.limits.ageMilliseconds / 4 && bytes > 0
        return isOld || bytes >= max(self.limits.bytes / 5, self.baseBytes)
    }
}
