internal import DequeModule
internal import NIOCore

/// The latest numbered messages of a room: a ring of the batches in which they were sent.
///
/// What is small is copied together, so that a quiet room does not keep a batch for each message. A value, confined to
/// the room's home loop; the ranges that it hands out are read by others and never written again.
struct History: Sendable {
    /// Whole frames of numbered messages without gap, together in a batch that holds no others from `start` to `end`.
    struct Segment: Sendable {
        var batch: Batch
        var start: Int
        var end: Int
        /// Which of the batch's entries the first is.
        var firstEntry: Int
        var firstID: MessageID
        var lastID: MessageID
        /// When the last of them was sent.
        var at: NIODeadline

        var byteCount: Int { self.end - self.start }

        /// The byte at which a message of the segment begins; `end` behind the last.
        func offset(of id: MessageID) -> Int {
            id > self.lastID
                ? self.end : Int(self.batch.frames.entries[self.firstEntry + Int(id - self.firstID)].offset)
        }

        mutating func dropAll(before id: MessageID) {
            self.start = self.offset(of: id)
            self.firstEntry += Int(id - self.firstID)
            self.firstID = id
        }
    }

    var limits: HistoryLimits
    private var segments = Deque<Segment>()
    private var bytes = 0
    /// Whether the last segment is a batch of the history's own that nobody else reads.
    private var isTailOpen = false
    /// When the first message of the last segment was sent, while that is open.
    private var tailSince = NIODeadline.uptimeNanoseconds(0)

    /// A tick's messages of fewer bytes than this are copied.
    private static let smallBytes = 2 << 10
    /// A copy is not made larger than this.
    private static let tailBytes = 8 << 10

    init(limits: HistoryLimits) {
        self.limits = limits
    }

    /// The first number held; `nil`: none is.
    var firstID: MessageID? { self.segments.first?.firstID }

    var messageCount: Int {
        guard let first = self.segments.first, let last = self.segments.last else { return 0 }
        return Int(last.lastID - first.firstID) + 1
    }

    /// Bytes of the frames held.
    var byteCount: Int { self.bytes }

    /// Takes the numbered messages of a tick; ``trim(at:pool:)`` is to follow.
    /// - Parameter lastID: The number of the last of them; the tick's others are those right before it.
    mutating func append(_ batch: Batch, lastID: MessageID, at now: NIODeadline) {
        guard let segment = Segment(batch, lastID: lastID, at: now) else { return }
        // A batch keeps all the memory it has ever needed.
        let isSparse = segment.byteCount < Self.smallBytes || 4 * segment.byteCount < batch.frames.bytes.capacity
        if batch.frames.hasTopics || isSparse {
            self.copy(segment, at: now)
        } else {
            batch.share()
            self.append(segment)
        }
    }

    /// Takes messages that were kept elsewhere, which nobody writes any more.
    mutating func append(_ segment: Segment) {
        self.segments.append(segment)
        self.bytes += segment.byteCount
        self.isTailOpen = false
    }

    private mutating func copy(_ source: Segment, at now: NIODeadline) {
        let isOpen =
            self.isTailOpen && self.segments.last!.byteCount + source.byteCount <= Self.tailBytes
            && now - self.tailSince < TimeAmount(self.limits.age / 8)
        if !isOpen {
            let empty = Segment(
                batch: Batch(),
                start: 0,
                end: 0,
                firstEntry: 0,
                firstID: source.firstID,
                lastID: source.firstID - 1,
                at: now
            )
            self.append(empty)
            self.isTailOpen = true
            self.tailSince = now
        }
        let last = self.segments.count - 1
        let tail = self.segments[last].batch
        let before = tail.count
        tail.frames.appendNumbered(of: source.batch.frames)
        self.segments[last].end = tail.count
        self.segments[last].lastID = source.lastID
        self.segments[last].at = now
        self.bytes += tail.count - before
    }

    /// Forgets what is beyond the limits.
    mutating func trim(at now: NIODeadline, pool: BatchPool) {
        while let first = self.segments.first, now - first.at > TimeAmount(self.limits.age) { self.dropFirst(pool) }
        while let first = self.segments.first {
            let surplus = self.messageCount - self.limits.messages
            let surplusBytes = self.bytes - self.limits.bytes
            guard surplus > 0 || surplusBytes > 0 else { return }
            let count = Int(first.lastID - first.firstID) + 1
            if surplus >= count || surplusBytes >= first.byteCount {
                self.dropFirst(pool)
                continue
            }
            var id = first.firstID + MessageID(max(0, surplus))
            if surplusBytes > 0 {
                let entry = first.batch.frames.entryIndex(at: first.start + surplusBytes - 1) + 1
                id = max(id, first.firstID + MessageID(entry - first.firstEntry))
            }
            self.segments[0].dropAll(before: id)
            self.bytes -= first.byteCount - self.segments[0].byteCount
            if self.segments[0].byteCount == 0 { self.dropFirst(pool) }
        }
    }

    private mutating func dropFirst(_ pool: BatchPool) {
        let first = self.segments.removeFirst()
        self.bytes -= first.byteCount
        if self.segments.isEmpty { self.isTailOpen = false }
        pool.give(first.batch)
    }

    /// The messages from one number to another, both among those held, as ranges of bytes that stay as they are.
    mutating func ranges(from first: MessageID, through last: MessageID) -> [Replay.Range] {
        self.isTailOpen = false
        var ranges: [Replay.Range] = []
        for segment in self.segments where segment.lastID >= first && segment.firstID <= last {
            let start = segment.offset(of: max(first, segment.firstID))
            let end = segment.offset(of: min(last, segment.lastID) + 1)
            ranges.append(Replay.Range(batch: segment.batch, start: start, end: end))
        }
        return ranges
    }
}

extension History.Segment {
    /// - Returns: `nil` where the batch has no numbered message.
    fileprivate init?(_ batch: Batch, lastID: MessageID, at now: NIODeadline) {
        let frames = batch.frames
        guard frames.numberedCount > 0 else { return nil }
        self.init(
            batch: batch,
            start: 0,
            end: frames.count,
            firstEntry: 0,
            firstID: lastID - MessageID(frames.numberedCount) + 1,
            lastID: lastID,
            at: now
        )
    }

    /// Reads frames as a log gave them back.
    /// - Returns: `nil` where they are not what they should be.
    init?(_ stored: StoredFrames, at: NIODeadline) {
        let batch = Batch()
        guard batch.frames.append(serverFrames: stored.bytes, firstID: stored.firstID, lastID: stored.lastID) else {
            return nil
        }
        self.init(
            batch: batch,
            start: 0,
            end: stored.bytes.count,
            firstEntry: 0,
            firstID: stored.firstID,
            lastID: stored.lastID,
            at: at
        )
    }
}
