internal import DequeModule
internal import NIOCore

/// What waits to be sent to one client: ranges of batches that others share, counted.
struct OutboundQueue {
    private struct Segment {
        var batch: Batch
        var start: Int
        var end: Int
    }

    private var segments = Deque<Segment>()
    /// Bytes that wait.
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }

    mutating func append(_ batch: Batch, from start: Int, to end: Int) {
        guard start < end else { return }
        self.segments.append(Segment(batch: batch, start: start, end: end))
        self.count += end - start
    }

    /// Takes bytes from the front, `limit` at most; `nil` where nothing waits. A range of one batch is not copied.
    mutating func takeChunk(limit: Int) -> ByteBuffer? {
        guard let first = self.segments.first else { return nil }
        if first.end - first.start >= limit || self.segments.count == 1 {
            return self.takeFromFirst(limit: limit)
        }
        var chunk = ByteBuffer()
        chunk.reserveCapacity(min(limit, self.count))
        while chunk.readableBytes < limit, !self.segments.isEmpty {
            var part = self.takeFromFirst(limit: limit - chunk.readableBytes)
            chunk.writeBuffer(&part)
        }
        return chunk
    }

    private mutating func takeFromFirst(limit: Int) -> ByteBuffer {
        let first = self.segments[0]
        let length = min(limit, first.end - first.start)
        if length == first.end - first.start {
            self.segments.removeFirst()
        } else {
            self.segments[0].start += length
        }
        self.count -= length
        return first.batch.frames.bytes.getSlice(at: first.start, length: length)!
    }

    /// Drops all that has not begun to leave: what is kept is the rest of a frame whose first bytes are gone.
    mutating func dropWholeFrames() {
        guard let first = self.segments.first else { return }
        let end = min(first.end, first.batch.frames.frameEnd(after: first.start))
        self.segments.removeAll()
        self.count = 0
        self.append(first.batch, from: first.start, to: end)
    }
}
