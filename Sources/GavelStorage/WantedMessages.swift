internal import GavelCore

/// Collects the latest messages of a room, the newest first, until there are as many as were asked for.
struct WantedMessages {
    private let history: HistoryLimits
    /// Milliseconds since 1970 UTC.
    private let oldest: Int64
    private var count = 0
    private var bytes = 0
    private var taken: [StoredFrames] = []
    /// Whether more are wanted.
    private(set) var isOpen: Bool

    init(_ history: HistoryLimits, now: Int64) {
        self.history = history
        self.oldest = now - history.age.milliseconds
        self.isOpen = history.messages > 0 && history.bytes > 0
    }

    /// The oldest first.
    var messages: [StoredFrames] { self.taken.reversed() }

    /// Takes what is still wanted of the messages before those taken last.
    /// - Parameter ends: Where each frame ends.
    mutating func take(_ frames: UnsafeRawBufferPointer, ends: [Int], first: MessageID, at wallMilliseconds: Int64) {
        guard self.isOpen, !ends.isEmpty else { return }
        guard wallMilliseconds >= self.oldest else {
            self.isOpen = false
            return
        }
        var index = ends.count
        while index > 0 {
            let start = index > 1 ? ends[index - 2] : 0
            let length = ends[index - 1] - start
            guard self.count < self.history.messages, self.bytes + length <= self.history.bytes else { break }
            self.count += 1
            self.bytes += length
            index -= 1
        }
        if index < ends.count {
            self.taken.append(
                StoredFrames(
                    firstID: first + MessageID(index),
                    lastID: first + MessageID(ends.count) - 1,
                    wallMilliseconds: wallMilliseconds,
                    bytes: Array(frames[(index > 0 ? ends[index - 1] : 0)...])
                )
            )
        }
        if index > 0 { self.isOpen = false }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
