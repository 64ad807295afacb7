package import Histogram

/// What a relay, or one of its loops, has counted and measured since it began.
package struct RelayMeters: Sendable {
    /// From clients, those that were refused among them.
    package var messagesIn = 0
    package var bytesIn = 0
    /// Frames for clients, one for each that gets it; their bytes with headers. Histories are not counted.
    package var messagesOut = 0
    package var bytesOut = 0
    /// Of these, messages that have a place in their room's order, and messages of class `latest`; the rest are answers.
    package var orderedOut = 0
    package var latestOut = 0
    /// Clients that came into a room; those that came back to their place are not counted.
    package var joins = 0
    /// Errors that clients were answered, by ``ErrorCode``.
    package var refusals = [Int](repeating: 0, count: ErrorCode.allCases.count)

    /// Nanoseconds from when a message was begun to be read until what its room said of it was given to sockets and to
    /// other loops; what waits for a busy room or for the log is counted as if it did not.
    package var inRelay = Self.times()
    /// Nanoseconds of hooks, by ``MeteredHook``.
    package var hooks = MeteredHook.allCases.map { _ in Self.times() }
    /// Nanoseconds by which loops came too late to what they do each second.
    package var lag = Self.times()
    /// Clients that were given a batch of a room.
    package var fanout = Meter(highest: 1 << 20)
    /// Bytes that wait for clients, of each connection at this moment.
    package var queued = Meter(highest: 1 << 32)

    package init() {}

    private static func times() -> Meter { Meter(highest: 60_000_000_000, lowest: 256) }

    package static func += (sum: inout Self, part: Self) {
        sum.messagesIn += part.messagesIn
        sum.bytesIn += part.bytesIn
        sum.messagesOut += part.messagesOut
        sum.bytesOut += part.bytesOut
        sum.orderedOut += part.orderedOut
        sum.latestOut += part.latestOut
        sum.joins += part.joins
        for index in sum.refusals.indices { sum.refusals[index] += part.refusals[index] }
        sum.inRelay += part.inRelay
        for index in sum.hooks.indices { sum.hooks[index] += part.hooks[index] }
        sum.lag += part.lag
        sum.fanout += part.fanout
        sum.queued += part.queued
    }
}

/// A histogram to two digits, and the sum of what it holds.
package struct Meter: Sendable {
    package private(set) var histogram: Histogram<UInt64>
    package private(set) var sum: UInt64 = 0
    private let highest: UInt64

    /// - Parameters:
    ///   - highest: What is more counts as this.
    ///   - lowest: What is told from 0.
    init(highest: UInt64, lowest: UInt64 = 1) {
        self.highest = highest
        self.histogram = Histogram(
            lowestDiscernibleValue: lowest,
            highestTrackableValue: highest,
            numberOfSignificantValueDigits: .two
        )
    }

    package mutating func record(_ value: UInt64, count: UInt64 = 1) {
        self.sum &+= value &* count
        self.histogram.record(min(value, self.highest), count: count)
    }

    package var count: UInt64 { self.histogram.totalCount }

    package static func += (sum: inout Self, part: Self) {
        sum.histogram.add(part.histogram)
        sum.sum &+= part.sum
    }

    /// How many values are at most `bound`, one bound after the other, upward.
    package func counts(upTo bounds: [UInt64]) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: bounds.count)
        for value in self.histogram.recordedValues() {
            guard let first = bounds.firstIndex(where: { value.value <= $0 }) else { continue }
            for index in first..<bounds.count { counts[index] += value.count }
        }
        return counts
    }

    /// What came since `earlier` was taken of the same meter.
    package func since(_ earlier: Meter) -> Meter {
        var part = self
        part.histogram.reset()
        for value in self.histogram.recordedValues() {
            let count = value.count - earlier.histogram.countForValue(value.value)
            if count > 0 { part.histogram.record(value.value, count: count) }
        }
        part.sum = self.sum &- earlier.sum
        return part
    }
}

extension RelayHub {
    /// What all loops have counted and measured, each at a moment of its own.
    package func meters() async -> RelayMeters {
        var sum = RelayMeters()
        for host in self.hosts {
            if let part = await host.perform({ $0.currentMeters }) { sum += part }
        }
        return sum
    }
}

extension RelayLoop {
    /// Complexity: O(connections).
    package var currentMeters: RelayMeters {
        var meters = self.meters.values
        for connection in self.connections {
            if let connection { meters.queued.record(UInt64(connection.queuedBytes)) }
        }
        return meters
    }
}
