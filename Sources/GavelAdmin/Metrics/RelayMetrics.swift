internal import GavelCore
internal import Glibc

/// A relay's metrics. None has a label that names a room or a client: there may be any number of those.
struct RelayMetrics {
    let families: [MetricFamily]

    init(_ reading: RelayReading) {
        self.families =
            Self.relay(reading) + Self.messages(reading) + Self.clients(reading) + Self.rules(reading)
            + Self.measured(reading)
    }

    var text: String {
        var text = ""
        for family in self.families { family.write(to: &text) }
        return text
    }

    private static func relay(_ reading: RelayReading) -> [MetricFamily] {
        let now = reading.statistics
        return [
            MetricFamily(
                "gavel_relay_info",
                .gauge,
                "The program's version",
                [.init(labels: [("version", reading.version)], value: 1)]
            ),
            MetricFamily(
                "gavel_relay_uptime_seconds",
                .gauge,
                "Time since the relay began",
                [.init(value: reading.uptimeSeconds)]
            ),
            MetricFamily("gavel_relay_draining", .gauge, "1 while the relay is going away", reading.isDraining ? 1 : 0),
            MetricFamily("gavel_process_memory_bytes", .gauge, "Memory that the process has", ProcessMemory.bytes),
            MetricFamily("gavel_rooms_open", .gauge, "Rooms", reading.rooms),
            MetricFamily("gavel_rooms_history_bytes", .gauge, "Kept for those who join or return", now.historyBytes),
            MetricFamily("gavel_rooms_backlog_bytes", .gauge, "Waiting for rooms that are too busy", now.backlogBytes),
            MetricFamily("gavel_rooms_failed_total", .counter, "Rooms that the log did not keep", now.failedRooms),
            MetricFamily("gavel_log_unanswered_bytes", .gauge, "Given to the log, unanswered", now.unansweredBytes),
        ]
    }

    private static func messages(_ reading: RelayReading) -> [MetricFamily] {
        let (meters, total) = (reading.meters, reading.statistics)
        let answers = meters.messagesOut - meters.orderedOut - meters.latestOut
        let sent = [("ordered", meters.orderedOut), ("latest", meters.latestOut), ("answer", answers)].map {
            MetricFamily.Sample(labels: [("class", $0)], value: Double($1))
        }
        let refused = ErrorCode.allCases.map { code in
            MetricFamily.Sample(
                labels: [("reason", "\(code.text)")],
                value: Double(meters.refusals[Int(code.rawValue)])
            )
        }
        return [
            MetricFamily("gavel_messages_received_total", .counter, "Messages of clients", meters.messagesIn),
            MetricFamily("gavel_messages_received_bytes_total", .counter, "Their bytes", meters.bytesIn),
            MetricFamily("gavel_messages_sent_total", .counter, "Messages to each client", sent),
            MetricFamily("gavel_messages_sent_bytes_total", .counter, "Their bytes, with headers", meters.bytesOut),
            MetricFamily("gavel_messages_refused_total", .counter, "Errors that clients were answered", refused),
            MetricFamily(
                "gavel_messages_conflated_total",
                .counter,
                "Messages of class latest that a newer one replaced",
                total.conflatedMessages
            ),
            MetricFamily("gavel_messages_conflated_bytes_total", .counter, "Their bytes", total.conflatedBytes),
        ]
    }

    private static func clients(_ reading: RelayReading) -> [MetricFamily] {
        let (now, meters) = (reading.statistics, reading.meters)
        let resumes = [("true", now.recoveredResumes), ("false", now.unrecoveredResumes)].map { recovered, count in
            MetricFamily.Sample(labels: [("recovered", recovered)], value: Double(count))
        }
        return [
            MetricFamily("gavel_clients_connections", .gauge, "Connections", now.connections),
            MetricFamily("gavel_clients_away", .gauge, "Clients whose place is kept", now.awayClients),
            MetricFamily("gavel_clients_slow", .gauge, "Clients with more than outbound.soft waiting", now.slowClients),
            MetricFamily("gavel_clients_queued_bytes", .gauge, "Waiting for clients", now.queuedBytes),
            MetricFamily("gavel_clients_replayed_bytes", .gauge, "Histories waiting for clients", now.replayedBytes),
            MetricFamily(
                "gavel_clients_queue_bytes",
                .gauge,
                "Waiting for one client: what a share of those that are connected has at most",
                MetricFamily.shares(meters.queued)
            ),
            MetricFamily("gavel_clients_joined_total", .counter, "Clients that came into a room", meters.joins),
            MetricFamily("gavel_clients_resumed_total", .counter, "Clients that came back to their place", resumes),
            MetricFamily("gavel_clients_expired_total", .counter, "Clients that did not in time", now.expiredSessions),
            MetricFamily("gavel_clients_cut_total", .counter, "Clients closed as they read too slowly", now.cutClients),
            MetricFamily("gavel_clients_cut_bytes_total", .counter, "What had waited for them", now.cutBytes),
        ]
    }

    private static func rules(_ reading: RelayReading) -> [MetricFamily] {
        let total = reading.statistics
        let reloads = [
            ("applied", total.reloads), ("refused", total.refusedReloads), ("rolled_back", total.rollbacks),
        ].map { result, count in MetricFamily.Sample(labels: [("result", result)], value: Double(count)) }
        return [
            MetricFamily("gavel_rules_reloads_total", .counter, "Rooms whose rules were to be others", reloads),
            MetricFamily("gavel_rules_signals_lost_total", .counter, "Signals that found no room", total.lostSignals),
            .times(
                "gavel_rules_hook_seconds",
                "Time of hooks, with the check of messages",
                MeteredHook.allCases.map { ([("hook", "\($0)")], reading.meters.hooks[$0.rawValue]) }
            ),
        ]
    }

    private static func measured(_ reading: RelayReading) -> [MetricFamily] {
        let meters = reading.meters
        return [
            .times(
                "gavel_relay_message_seconds",
                "Time from reading a message until its room's answer was given to sockets",
                [([], meters.inRelay)]
            ),
            MetricFamily(
                "gavel_relay_fanout_clients",
                .histogram,
                "Clients that a message of a room went to",
                MetricFamily.buckets(meters.fanout, bounds: MetricFamily.clientBounds)
            ),
            .times("gavel_relay_loop_lag_seconds", "How late loops did what they do each second", [([], meters.lag)]),
        ]
    }
}

enum ProcessMemory {
    /// Of this process; 0 where the system does not tell.
    static var bytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
    }
}
