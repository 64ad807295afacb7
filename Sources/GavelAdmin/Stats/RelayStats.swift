internal import GavelCore
internal import Histogram

/// How values are spread, to two digits.
package struct Spread: Codable, Hashable, Sendable {
    package var count: Int
    package var mean: Double
    package var deviation: Double
    package var minimum: Double
    package var p50: Double
    package var p90: Double
    package var p99: Double
    package var p999: Double
    package var maximum: Double

    /// - Parameter scale: Of what the meter measures to one of these.
    init(_ meter: Meter, scale: Double = 1) {
        let histogram = meter.histogram
        let isEmpty = meter.count == 0
        func value(_ percentile: Double) -> Double {
            isEmpty ? 0 : Double(histogram.valueAtPercentile(percentile)) / scale
        }
        self.count = Int(meter.count)
        self.mean = isEmpty ? 0 : Double(meter.sum) / Double(meter.count) / scale
        self.deviation = isEmpty ? 0 : histogram.stdDeviation / scale
        self.minimum = isEmpty ? 0 : Double(histogram.min) / scale
        (self.p50, self.p90, self.p99, self.p999) = (value(50), value(90), value(99), value(99.9))
        self.maximum = isEmpty ? 0 : Double(histogram.max) / scale
    }
}

/// What a relay has counted since its start, and what it measured: since its start, or in a while.
package struct RelayStats: CommandReply, Hashable {
    package struct Refusals: Codable, Hashable, Sendable {
        /// The `code` of the error.
        package var reason: String
        package var count: Int

        package init(reason: String, count: Int) {
            self.reason = reason
            self.count = count
        }
    }

    package struct Hook: Codable, Hashable, Sendable {
        package var hook: String
        package var microseconds: Spread
    }

    package var uptimeSeconds: Double
    package var isDraining: Bool
    /// Of the process.
    package var memoryBytes: Int
    package var now: RelayStatus.Now
    package var total: RelayStatus.Total

    package var messagesReceived: Int
    package var bytesReceived: Int
    /// One for each client that gets a message.
    package var messagesSent: Int
    package var bytesSent: Int
    package var joins: Int
    /// Those of which there were some.
    package var refusals: [Refusals]
    package var reloads: Int
    package var refusedReloads: Int
    package var rollbacks: Int

    /// From reading a message until its room's answer was given to sockets.
    package var messageMicroseconds: Spread
    package var hooks: [Hook]
    /// Clients that a message of a room went to.
    package var fanoutClients: Spread
    /// Waiting for each client, at this moment.
    package var queueBytes: Spread
    package var loopLagMicroseconds: Spread

    /// - Parameter earlier: Since when times and sizes count; `nil`: since the start.
    init(_ reading: RelayReading, since earlier: RelayMeters? = nil) {
        let (meters, statistics) = (reading.meters, reading.statistics)
        func recent(_ path: KeyPath<RelayMeters, Meter>) -> Meter {
            earlier.map { meters[keyPath: path].since($0[keyPath: path]) } ?? meters[keyPath: path]
        }
        self.uptimeSeconds = reading.uptimeSeconds
        self.isDraining = reading.isDraining
        self.memoryBytes = ProcessMemory.bytes
        self.now = RelayStatus.Now(statistics, rooms: reading.rooms)
        self.total = RelayStatus.Total(statistics)
        self.messagesReceived = meters.messagesIn
        self.bytesReceived = meters.bytesIn
        self.messagesSent = meters.messagesOut
        self.bytesSent = meters.bytesOut
        self.joins = meters.joins
        self.refusals = ErrorCode.allCases.compactMap { code in
            let count = meters.refusals[Int(code.rawValue)]
            return count == 0 ? nil : Refusals(reason: "\(code.text)", count: count)
        }
        self.reloads = statistics.reloads
        self.refusedReloads = statistics.refusedReloads
        self.rollbacks = statistics.rollbacks
        self.messageMicroseconds = Spread(recent(\.inRelay), scale: 1_000)
        self.hooks = MeteredHook.allCases.map { hook in
            Hook(hook: "\(hook)", microseconds: Spread(recent(\.hooks[hook.rawValue]), scale: 1_000))
        }
        self.fanoutClients = Spread(recent(\.fanout))
        self.queueBytes = Spread(meters.queued)
        self.loopLagMicroseconds = Spread(recent(\.lag), scale: 1_000)
    }
}

extension RelayStats {
    package var text: String {
        var table = TextTable([.left, .right, .right, .right, .right, .right, .right, .right])
        table.add(["", "COUNT", "MEAN", "±", "P50", "P99", "P99.9", "MAX"])
        let rows =
            [("message, µs", self.messageMicroseconds)] + self.hooks.map { ("\($0.hook) hooks, µs", $0.microseconds) }
            + [
                ("fan-out, clients", self.fanoutClients), ("waiting for a client, B", self.queueBytes),
                ("loop lag, µs", self.loopLagMicroseconds),
            ]
        for (name, spread) in rows where spread.count > 0 {
            let values = [spread.mean, spread.deviation, spread.p50, spread.p99, spread.p999, spread.maximum]
            table.add([name, "\(spread.count)"] + values.map { MetricFamily.shown(($0 * 10).rounded() / 10) })
        }
        let refused = self.refusals.map { "\($0.count) \($0.reason)" }
        return
            ([
                "\(self.messagesReceived) messages received (\(Figures.bytes(self.bytesReceived))), "
                    + "\(self.messagesSent) sent (\(Figures.bytes(self.bytesSent))), \(self.joins) joins",
                refused.isEmpty ? "nothing refused" : "refused: \(refused.joined(separator: ", "))",
            ] + table.lines).joined(separator: "\n")
    }
}
