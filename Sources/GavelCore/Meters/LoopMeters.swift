internal import NIOCore

/// What rules were asked, as far as their time is counted apart.
package enum MeteredHook: Int, Sendable, CaseIterable {
    /// Messages, with the check of what they hold.
    case message
    /// Joins, leaves, lost and found connections.
    case membership
    case timer
    case signal
    /// The beginning of rooms, reloads and departures put off.
    case other
}

/// What one loop counts and measures as it works: plain numbers, confined to the loop, and read by whoever wants to know
/// with ``RelayHub/meters()``. It costs a few additions a message, a look at the clock a tick, and
/// for each hook one or two.
package final class LoopMeters {
    @exclusivity(unchecked) package internal(set) var values = RelayMeters()
    /// When what is being read now was begun to be read.
    @exclusivity(unchecked) var tickStart = NIODeadline.uptimeNanoseconds(0)
    /// How many records rooms here took in this tick, and when those were begun to be read.
    private var taken: ContiguousArray<(since: NIODeadline, count: UInt64)> = []

    package init() {}

    func noteTaken(_ count: Int, since: NIODeadline) {
        self.taken.append((since, UInt64(count)))
    }

    /// What rooms took has been handed to sockets and to other loops.
    /// - Parameter now: Asked only where there was something.
    func noteSent(now: () -> NIODeadline) {
        guard !self.taken.isEmpty else { return }
        let now = now()
        for (since, count) in self.taken {
            self.values.inRelay.record(Self.nanoseconds(from: since, to: now), count: count)
        }
        self.taken.removeAll(keepingCapacity: true)
    }

    /// - Parameter clients: That a batch of `messages` goes to.
    func noteFanout(_ clients: Int, messages: Int) {
        self.values.fanout.record(UInt64(clients), count: UInt64(messages))
    }

    /// - Parameter copies: How many clients of this loop are given these bytes.
    @inline(__always)
    func noteOut(_ frames: Frames, copies: Int) {
        self.values.messagesOut &+= frames.entries.count &* copies
        self.values.bytesOut &+= frames.count &* copies
        self.values.orderedOut &+= frames.numberedCount &* copies
        if frames.hasTopics { self.values.latestOut &+= frames.latestCount &* copies }
    }

    func noteHook(_ hook: MeteredHook, nanoseconds: UInt64) {
        self.values.hooks[hook.rawValue].record(nanoseconds)
    }

    func noteLag(_ lag: TimeAmount) {
        self.values.lag.record(UInt64(max(0, lag.nanoseconds)))
    }

    func refuse(_ code: ErrorCode) {
        self.values.refusals[Int(code.rawValue)] &+= 1
    }

    private static func nanoseconds(from start: NIODeadline, to end: NIODeadline) -> UInt64 {
        UInt64(max(0, (end - start).nanoseconds))
    }
}
@available(*, unavailable)
extension LoopMeters: Sendable {}
