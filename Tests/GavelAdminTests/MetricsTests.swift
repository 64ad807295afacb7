import CoreMetrics
import Foundation
import GavelAdmin
import GavelCore
import Testing

@Suite("Metrics", .timeLimit(.minutes(10)))
struct MetricsTests {
    /// Names and kinds, which dashboards rely on: one is added here with its metric, and none is taken away.
    private static let golden = [
        "gavel_clients_away gauge", "gavel_clients_connections gauge", "gavel_clients_cut_bytes_total counter",
        "gavel_clients_cut_total counter", "gavel_clients_expired_total counter",
        "gavel_clients_joined_total counter", "gavel_clients_queue_bytes gauge", "gavel_clients_queued_bytes gauge",
        "gavel_clients_replayed_bytes gauge", "gavel_clients_resumed_total counter", "gavel_clients_slow gauge",
        "gavel_http_requests_total counter", "gavel_log_unanswered_bytes gauge",
        "gavel_messages_conflated_bytes_total counter", "gavel_messages_conflated_total counter",
        "gavel_messages_received_bytes_total counter", "gavel_messages_received_total counter",
        "gavel_messages_refused_total counter", "gavel_messages_sent_bytes_total counter",
        "gavel_messages_sent_total counter", "gavel_process_memory_bytes gauge", "gavel_relay_draining gauge",
        "gavel_relay_fanout_clients histogram", "gavel_relay_info gauge", "gavel_relay_loop_lag_seconds histogram",
        "gavel_relay_message_seconds histogram", "gavel_relay_uptime_seconds gauge",
        "gavel_rooms_backlog_bytes gauge", "gavel_rooms_failed_total counter", "gavel_rooms_history_bytes gauge",
        "gavel_rooms_open gauge", "gavel_rules_hook_seconds histogram", "gavel_rules_reloads_total counter",
        "gavel_rules_signals_lost_total counter",
    ]

    private static func page(_ relay: ServedRelay) async throws -> String {
        _ = try await relay.client.ask("GET", "/healthz")
        let answer = try await relay.client.ask("GET", "/metrics")
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        return answer.text
    }

    @Test("their names are those that dashboards know")
    func names() async throws {
        try await ServedRelay.run { relay async throws in
            let lines = try await Self.page(relay).split(separator: "\n")
            let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.dropFirst(7)) }
            #expect(types.sorted() == Self.golden)
            let pattern = /gavel_[a-z]+(_[a-z]+)+/
            for type in types { #expect(type.prefix { $0 != " " }.wholeMatch(of: pattern) != nil, "\(type)") }
            for type in types where type.hasSuffix("counter") { #expect(type.contains("_total "), "\(type)") }
            #expect(lines.count { $0.hasPrefix("# HELP ") } == types.count)
        }
    }

    @Test("each line is one that Prometheus reads, and no label names a room or a client")
    func format() async throws {
        try await ServedRelay.run { relay async throws in
            let line = /([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (-?[0-9.]+(e-?[0-9]+)?|\+Inf|NaN)/
            var labels: Set<String> = []
            for text in try await Self.page(relay).split(separator: "\n") where !text.hasPrefix("#") {
                #expect(text.wholeMatch(of: line) != nil, "\(text)")
                for label in text.matches(of: /([a-z]+)="/) { labels.insert(String(label.1)) }
            }
            #expect(labels == ["class", "hook", "le", "reason", "recovered", "result", "share", "status", "version"])
        }
    }

    @Test("buckets hold what is at most their bound, and the whole in the last")
    func buckets() async throws {
        var state = CountingRelayDouble.State()
        for microseconds in [3, 30, 300, 3_000, 3_000_000] as [UInt64] {
            state.meters.inRelay.record(microseconds * 1_000, count: 2)
        }
        state.meters.refusals[Int(ErrorCode.rejected.rawValue)] = 7
        state.statistics.recoveredResumes = 5
        (state.meters.messagesOut, state.meters.orderedOut, state.meters.latestOut) = (12, 7, 3)
        try await ServedRelay.run(relay: CountingRelayDouble(state)) { relay async throws in
            let text = try await Self.page(relay)
            func value(_ name: String) -> String? {
                let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
                return line.map { String($0.dropFirst(name.count + 1)) }
            }
            let name = "gavel_relay_message_seconds"
            #expect(value("\(name)_bucket{le=\"5e-06\"}") == "2")
            #expect(value("\(name)_bucket{le=\"5e-05\"}") == "4")
            #expect(value("\(name)_bucket{le=\"0.0005\"}") == "6")
            #expect(value("\(name)_bucket{le=\"0.005\"}") == "8")
            #expect(value("\(name)_bucket{le=\"2.5\"}") == "8")
            #expect(value("\(name)_bucket{le=\"5\"}") == "10")
            #expect(value("\(name)_bucket{le=\"+Inf\"}") == "10")
            #expect(value("\(name)_count") == "10")
            #expect(value("\(name)_sum").flatMap(Double.init) == 6.006_666)
            #expect(value("gavel_messages_refused_total{reason=\"rejected\"}") == "7")
            let sent = ["ordered", "latest", "answer"].map { value("gavel_messages_sent_total{class=\"\($0)\"}") }
            #expect(sent == ["7", "3", "2"])
            #expect(value("gavel_clients_resumed_total{recovered=\"true\"}") == "5")
            #expect(value("gavel_http_requests_total{status=\"200\"}") == "1")
        }
    }

    @Test("they are for this machine's programs where there is no token, else for those who know it")
    func access() async throws {
        try await ServedRelay.run { relay async throws in
            var client = relay.client
            client.token = nil
            #expect(try await client.ask("GET", "/metrics").status == 401)
        }
        try await ServedRelay.run(adjust: { $0.token = nil }) { relay async throws in
            var client = relay.client
            client.token = nil
            #expect(try await client.ask("GET", "/metrics").status == 200)
            #expect(try await client.ask("GET", "/metrics", host: "evil.example").status == 403)
            #expect(try await client.ask("GET", "/metrics", headers: ["Origin": "https://evil.example"]).status == 403)
            #expect(try await client.ask("GET", "/api/v1/status").status == 401)
        }
    }

    @Test("they are for those who know the token where others may ask: the relay has a name, or a proxy passes it on")
    func forwarded() async throws {
        try await ServedRelay.run(adjust: { ($0.token, $0.names) = (nil, ["relay.example"]) }) { relay async throws in
            for host in ["relay.example", "127.0.0.1"] {
                #expect(try await relay.client.ask("GET", "/metrics", host: host).status == 401)
            }
        }
        try await ServedRelay.run(adjust: { $0.token = nil }) { relay async throws in
            for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"] {
                #expect(try await relay.client.ask("GET", "/metrics", headers: [name: "x"]).status == 401)
            }
        }
    }

    @Test("what parts of the program report through swift-metrics is told too")
    func reported() async throws {
        let store = MetricStore()
        try await ServedRelay.run(metrics: store) { relay async throws in
            Counter(label: "gavel_test_events_total", dimensions: [("kind", "a\"b\\")], factory: store).increment(by: 3)
            Gauge(label: "gavel.test.level", factory: store).record(2.5)
            Timer(label: "gavel_test_work_seconds", factory: store).recordMilliseconds(1_500)
            Timer(label: "gavel_test_work_seconds", factory: store).recordMilliseconds(500)
            let text = try await Self.page(relay)
            #expect(text.contains("\ngavel_test_events_total{kind=\"a\\\"b\\\\\"} 3\n"))
            #expect(text.contains("# TYPE gavel_test_level gauge\ngavel_test_level 2.5\n"))
            #expect(text.contains("gavel_test_work_seconds_sum 2\ngavel_test_work_seconds_count 2\n"))
        }
    }
}
