extension BenchPlan {
    /// What is about to be measured, in three lines or some more.
    package var header: String {
        let senders =
            self.sendersPerRoom == self.clientsPerRoom ? "all send" : "\(self.sendersPerRoom) of each room send"
        return """
            \(self.scenario.rawValue) on ws://\(self.relay.authority)\(self.relay.path): rooms \(self.rooms), \
            clients in each \(self.clientsPerRoom), \(senders)
            \(self.pace), message \(self.payloadBytes) bytes, \
            warm-up \(Text.seconds(self.warmUp)), measured \(Text.seconds(self.duration))
            latency from \(self.rate == nil ? "a sender's send" : "when a message is due") to each client's receipt, \
            queues on the way included
            """ + self.troubles
    }

    private var pace: String {
        guard let rate = self.rate else { return "in flight per sender \(self.window)" }
        return "\(Text.decimal(rate, places: 0)) messages/s of all senders together"
    }

    private var troubles: String {
        var text = ""
        if self.slowClients > 0 {
            text += "\n\(self.slowClients) of \(self.clients) clients read slowly or not at all, and send nothing"
        }
        if let dropInterval {
            text += "\neach client loses its connection every \(Text.seconds(dropInterval)) on average, and comes back"
        }
        return text
    }
}

extension BenchReport: CustomStringConvertible {
    /// The figures as lines of text, then what went wrong.
    package var description: String {
        let joined = "\(self.clientsJoined) of \(self.plan.clients)"
        let time = self.joinTime > .zero ? " in \(Text.seconds(self.joinTime))" : ""
        var lines = [Text.line("joined", joined, "clients" + time)]
        if self.measured > .zero {
            lines += self.figures
        }
        lines.append(Text.line("violations", Text.grouped(self.violations.total)))
        for kind in Violations.Kind.allCases where self.violations[kind] > 0 {
            lines.append("  \(Text.grouped(self.violations[kind])) \(kind.rawValue)")
            if let first = self.violations.first(of: kind) {
                lines.append("    first: \(first)")
            }
        }
        for (code, count) in self.errors.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(Text.grouped(count)) messages were answered by the error \(code)")
        }
        for (reason, count) in self.failures.sorted(by: { $0.key < $1.key }) {
            lines.append(count == 1 ? "  \(reason)" : "  \(count) times: \(reason)")
        }
        return lines.joined(separator: "\n")
    }

    private var figures: [String] {
        let seconds = self.measured / .seconds(1)
        var lines = [
            Text.line("accepted", Text.grouped(UInt64(Double(self.accepted) / seconds)), "messages/s"),
            Text.line(
                "delivered",
                Text.grouped(UInt64(Double(self.delivered) / seconds)),
                "messages/s, \(Text.decimal(Double(self.receivedBytes) / seconds / 1e6, places: 1)) MB/s"
            ),
        ]
        if let latencies {
            let rows = [
                ("latency p50", latencies.p50), ("p90", latencies.p90), ("p99", latencies.p99),
                ("p99.9", latencies.p999), ("max", latencies.max),
            ]
            lines += rows.map { Text.line($0, Text.decimal($1 / .milliseconds(1), places: 3), "ms") }
        }
        if self.unsent > 0 {
            lines.append(Text.line("unsent", Text.grouped(self.unsent), "messages were due and could not be sent"))
        }
        lines += self.slowFigures
        if self.plan.dropInterval != nil {
            let failed = "\(Text.grouped(self.unrecovered)) with a history that did not reach back so far"
            lines.append(Text.line("recovered", Text.grouped(self.recovered), "returns, and \(failed)"))
        }
        let load = self.processorTime / self.measured
        lines.append(
            Text.line(
                "generator",
                Text.decimal(100 * load, places: 0),
                "% of one core" + (load > 0.95 ? ": it was itself the limit" : "")
            )
        )
        return lines
    }
}

extension BenchReport {
    fileprivate var slowFigures: [String] {
        guard self.plan.slowClients > 0 else { return [] }
        var lines = [
            Text.line("slow", Text.grouped(UInt64(self.plan.slowClients)), "clients, \(self.slowClientsCut) were cut")
        ]
        if let slowLatencies {
            let rows = [("slow p50", slowLatencies.p50), ("slow p99", slowLatencies.p99)]
            lines += rows.map { Text.line($0, Text.decimal($1 / .milliseconds(1), places: 3), "ms") }
        }
        return lines
    }
}

/// How figures look in a report.
enum Text {
    static func line(_ name: String, _ value: String, _ unit: String = "") -> String {
        let columns = Self.padded(name, to: 11) + " " + Self.padded(value, to: 14)
        return unit.isEmpty ? columns : columns + "  " + unit
    }

    /// With a comma between each three digits.
    static func grouped(_ number: UInt64) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A number of at least 0 with so many decimal places.
    static func decimal(_ number: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = UInt64((max(0, number) * scale).rounded())
        guard places > 0 else { return Self.grouped(scaled) }
        let fraction = String(scaled % UInt64(scale))
        let zeros = String(repeating: "0", count: places - fraction.count)
        return Self.grouped(scaled / UInt64(scale)) + "." + zeros + fraction
    }

    static func seconds(_ duration: Duration) -> String {
        Self.decimal(duration / .seconds(1), places: 2) + " s"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
