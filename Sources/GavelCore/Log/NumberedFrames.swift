internal import NIOCore

/// The numbered messages of a tick, whole frames, in memory that others read too.
package struct NumberedFrames: Sendable {
    package let firstID: MessageID
    package let lastID: MessageID
    /// Holds nothing but these messages from `start` to `end`.
    let batch: Batch
    let start: Int
    let end: Int

    init(firstID: MessageID, lastID: MessageID, batch: Batch, start: Int, end: Int) {
        self.firstID = firstID
        self.lastID = lastID
        self.batch = batch
        self.start = start
        self.end = end
    }

    /// - Parameter frames: Whole frames, one after another, without gap in their numbers.
    package init(firstID: MessageID, lastID: MessageID, frames: [UInt8]) {
        let batch = Batch()
        frames.withUnsafeBytes { batch.frames.append(whole: $0) }
        self.init(firstID: firstID, lastID: lastID, batch: batch, start: 0, end: frames.count)
    }

    package var byteCount: Int { self.end - self.start }

    /// Reads the frames, one after another; from any thread.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.batch.frames.bytes.withUnsafeReadableBytes {
            try body(UnsafeRawBufferPointer(rebasing: $0[self.start..<self.end]))
        }
    }
}
