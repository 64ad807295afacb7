internal import DequeModule
internal import NIOCore

/// What waits to be sent to one client: ranges of batches that others share, counted.
///
/// A message of class `latest` that waits is left out when a newer one of its topic comes behind it.
struct OutboundQueue {
    private struct Segment {
        var batch: Batch
        var start: Int
        var end: Int
        /// Where `start` is in the stream of all that was ever appended.
        var position: Int
        /// Whether it is of the room's history.
        var isReplayed: Bool
    }

    private var segments = Deque<Segment>()
    /// Bytes that wait and are to be sent.
    private(set) var count = 0
    /// Bytes of them that are of a room's history.
    private(set) var replayedCount = 0
    /// Bytes of histories that have ever left.
    private(set) var replayedBytesSent = 0
    /// Frames of class `latest` that were ever left out, and their bytes.
    private(set) var conflatedMessages = 0
    private(set) var conflatedBytes = 0
    /// `nil` where nothing of class `latest` waits.
    private var conflation: Conflation?
    /// Bytes ever appended.
    private var position = 0

    /// Bytes of frames left out that may be kept in memory besides as many as wait.
    private static let slackBytes = 64 << 10

    var isEmpty: Bool { self.count == 0 }

    /// Bytes of all ranges, those of frames that are left out among them.
    var heldBytes: Int { self.segments.reduce(0) { $0 + $1.end - $1.start } }

    /// - Parameter isReplayed: Whether it is of a room's history, where nothing is superseded.
    mutating func append(_ batch: Batch, from start: Int, to end: Int, isReplayed: Bool = false) {
        guard start < end else { return }
        self.segments.append(
            Segment(batch: batch, start: start, end: end, position: self.position, isReplayed: isReplayed)
        )
        if isReplayed { self.replayedCount += end - start }
        if batch.frames.hasTopics, !isReplayed { self.conflate(batch.frames, from: start, to: end) }
        self.position += end - start
        self.count += end - start
        if let bytes = self.conflation?.supersededBytes, bytes > max(self.count, Self.slackBytes) { self.compact() }
    }

    /// What comes from here on supersedes nothing that waits: its topics are those of another room.
    mutating func forgetTopics() {
        self.conflation?.forgetTopics()
    }

    private mutating func conflate(_ frames: Frames, from start: Int, to end: Int) {
        var conflation = self.conflation.take() ?? Conflation()
        for index in frames.entryIndex(at: start)..<frames.entries.count {
            let entry = frames.entries[index]
            guard Int(entry.offset) < end else { break }
            // Of the first frame some bytes may have left.
            guard entry.topic != 0, Int(entry.offset) >= start else { continue }
            let place = self.position + Int(entry.offset) - start
            let superseded = conflation.add(entry.topic, at: place, length: Int(entry.length))
            if superseded > 0 {
                self.conflatedMessages += 1
                self.conflatedBytes += superseded
                self.count -= superseded
            }
        }
        self.conflation = conflation
    }

    /// Takes bytes from the front, `limit` at most; `nil` where nothing waits. A range of one batch is not copied.
    mutating func takeChunk(limit: Int) -> ByteBuffer? {
        guard let first = self.takeRun(limit: limit) else { return nil }
        if first.readableBytes == limit || self.isEmpty { return first }
        var chunk = ByteBuffer()
        chunk.reserveCapacity(min(limit, first.readableBytes + self.count))
        chunk.writeImmutableBuffer(first)
        while chunk.readableBytes < limit, var part = self.takeRun(limit: limit - chunk.readableBytes) {
            chunk.writeBuffer(&part)
        }
        return chunk
    }

    /// Takes what stands together at the front.
    private mutating func takeRun(limit: Int) -> ByteBuffer? {
        guard !self.isEmpty else {
            self.segments.removeAll()
            self.replayedCount = 0
            self.conflation = nil
            return nil
        }
        if self.conflation != nil { self.dropSuperseded() }
        let first = self.segments[0]
        var length = min(limit, first.end - first.start)
        if self.conflation != nil { length = self.startSending(first, length) }
        self.count -= length
        if first.isReplayed {
            self.replayedCount -= length
            self.replayedBytesSent += length
        }
        self.advance(length)
        return first.batch.frames.bytes.getSlice(at: first.start, length: length)!
    }

    /// Moves the front on.
    private mutating func advance(_ length: Int) {
        if length == self.segments[0].end - self.segments[0].start {
            self.segments.removeFirst()
        } else {
            self.segments[0].start += length
            self.segments[0].position += length
        }
    }

    private mutating func dropSuperseded() {
        while let length = self.conflation!.takeSuperseded(at: self.segments[0].position) { self.advance(length) }
    }

    /// Notes that frames begin to leave, which nothing can supersede then.
    /// - Returns: How many bytes there are, `length` at most, up to the next frame that is left out.
    private mutating func startSending(_ segment: Segment, _ length: Int) -> Int {
        let frames = segment.batch.frames
        for index in frames.entryIndex(at: segment.start)..<frames.entries.count {
            let entry = frames.entries[index]
            let distance = Int(entry.offset) - segment.start
            guard distance < length else { break }
            guard entry.topic != 0, distance >= 0 else { continue }
            if self.conflation!.isSuperseded(at: segment.position + distance) { return distance }
            self.conflation!.startSending(entry.topic, at: segment.position + distance)
        }
        return length
    }

    /// Drops all that has not begun to leave: what is kept is the rest of a frame whose first bytes are gone.
    mutating func dropWholeFrames() {
        let rest = self.begunFrame
        self.segments.removeAll()
        self.conflation = nil
        self.count = 0
        self.replayedCount = 0
        if let rest { self.append(rest.batch, from: rest.start, to: rest.end, isReplayed: rest.isReplayed) }
    }

    /// The rest of a frame whose first bytes are gone.
    private var begunFrame: Segment? {
        guard var first = self.segments.first else { return nil }
        first.end = min(first.end, first.batch.frames.frameEnd(after: first.start))
        return first.start < first.end ? first : nil
    }

    /// Copies what is to be sent, so that the rest is no longer kept in memory. What is of a history stays shared.
    private mutating func compact() {
        let segments = self.segments
        var kept: [(batch: Batch, range: Range<Int>, isReplayed: Bool)] = []
        var own: Batch?
        for segment in segments {
            if segment.isReplayed {
                kept.append((segment.batch, segment.start..<segment.end, true))
                own = nil
                continue
            }
            let copy = own ?? Batch()
            if own == nil { kept.append((copy, 0..<0, false)) }
            own = copy
            self.copyLive(segment, to: copy)
            kept[kept.count - 1].range = 0..<copy.count
        }
        self.dropWholeFrames()
        // Of a frame that has begun to leave the rest was kept.
        if self.count > 0, kept[0].isReplayed { kept[0].range = kept[0].range.dropFirst(self.count) }
        for part in kept {
            self.append(part.batch, from: part.range.lowerBound, to: part.range.upperBound, isReplayed: part.isReplayed)
        }
    }

    /// Copies the whole frames of a segment that are to be sent.
    private func copyLive(_ segment: Segment, to copy: Batch) {
        segment.batch.frames.withView { view in
            var index = Frames.entryIndex(at: segment.start, in: view.entries)
            while index < view.entries.count, Int(view.entries[index].offset) < segment.end {
                let entry = view.entries[index]
                let place = segment.position + Int(entry.offset) - segment.start
                index += 1
                if Int(entry.offset) < segment.start || self.conflation!.isSuperseded(at: place) { continue }
                // What nothing can supersede any more has no topic.
                let isNewest = self.conflation!.isNewest(entry.topic, at: place)
                copy.frames.append(whole: view.bytes(of: entry), topic: isNewest ? entry.topic : 0)
            }
        }
    }
}

/// Which messages of class `latest` wait in a queue, and which of them are left out.
private struct Conflation {
    private struct Place {
        var position: Int
        var length: Int
    }

    /// The newest of each topic.
    private var newest: [Topic: Place] = [:]
    /// Lengths of the frames that are left out, by their position.
    private var superseded: [Int: Int] = [:]
    private(set) var supersededBytes = 0

    /// - Returns: How many bytes it supersedes.
    mutating func add(_ topic: Topic, at position: Int, length: Int) -> Int {
        guard let older = self.newest.updateValue(Place(position: position, length: length), forKey: topic) else {
            return 0
        }
        self.superseded[older.position] = older.length
        self.supersededBytes += older.length
        return older.length
    }

    mutating func forgetTopics() {
        self.newest.removeAll()
    }

    func isNewest(_ topic: Topic, at position: Int) -> Bool {
        self.newest[topic]?.position == position
    }

    func isSuperseded(at position: Int) -> Bool {
        self.superseded[position] != nil
    }

    /// Forgets a frame that is left out.
    /// - Returns: Its length; `nil` where the frame is to be sent.
    mutating func takeSuperseded(at position: Int) -> Int? {
        guard let length = self.superseded.removeValue(forKey: position) else { return nil }
        self.supersededBytes -= length
        return length
    }

    mutating func startSending(_ topic: Topic, at position: Int) {
        if self.isNewest(topic, at: position) { self.newest[topic] = nil }
    }
}
