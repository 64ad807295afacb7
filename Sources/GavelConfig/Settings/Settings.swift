import GavelAdmin
import GavelCore
import GavelScript
import GavelStorage
import GavelTransport

/// Every key of the configuration, in the order of the file.
///
/// This table is the only place that knows them: it drives the reading of the file, of the environment and of
/// flags, the search for misspelt names and the reference. The defaults are those of the structs behind the key paths.
///
/// Those that the relay reads but once, at its start, are marked ``Setting/atRestart``.
package enum Settings {
    /// The keys outside `[[rooms]]`.
    package static let all: [Setting<GavelConfiguration>] =
        Self.section("server", Self.server) + Self.section("limits", Self.limits)
        + Self.section("keepalive", Self.keepalive) + Self.section("outbound", Self.outbound)
        + Self.section("storage", Self.storage) + Self.section("log", Self.log)
        + Self.section("control", Self.control) + Self.section("http", Self.http)
        + Self.section("scripts", Self.scripts) + Self.section("reload", Self.reload)
        + Self.section("rules", Self.rules) + Self.section("dev", Self.dev)

    /// Names of the tables, in order.
    package static let sections: [String] = Self.all.reduce(into: []) { sections, setting in
        if sections.last != setting.section { sections.append(setting.section) }
    }

    private static func section(
        _ name: String,
        _ settings: [Setting<GavelConfiguration>]
    ) -> [Setting<GavelConfiguration>] {
        settings.map { $0.inSection(name) }
    }

    private static let server: [Setting<GavelConfiguration>] = [
        Setting("host", .host, \.transport.host, "Address to listen on; 0.0.0.0 or :: for all.").atRestart,
        Setting("port", .integer(0...65_535), \.transport.port, "TCP port; 0 lets the system choose.").atRestart,
        Setting("threads", .integer(1...256), or: "auto", \.threads, "Event loops; auto: one a core.").atRestart,
        Setting("max_connections", .integer(1...10_000_000), \.transport.maxConnections, "At a time; more wait."),
        Setting(
            "allowed_origins",
            .list(of: .origin),
            \.transport.allowedOrigins,
            "Sites that may connect; none: all."
        ),
        Setting("drain", .duration(.milliseconds(100)...(.hours(1))), \.transport.drain, "From SIGTERM to the end."),
        Setting("unlisted_rooms", .choice, \.unlistedRooms, "Rooms that no [[rooms]] entry matches."),
    ]

    private static let limits: [Setting<GavelConfiguration>] = [
        Setting(
            "message_bytes",
            .size(128...256 << 20),
            \.messageBytes,
            "A larger message ends its connection (1009)."
        ),
        Setting("room_name_bytes", .size(1...128), \.limits.roomKeyBytes, "Longest room name."),
        Setting("name_bytes", .size(1...4 << 10), \.limits.nameBytes, "Longest name of a client."),
        Setting("json_depth", .integer(1...128), \.jsonDepth, "Deepest nesting of a message."),
        Setting(
            "bad_messages",
            .integer(1...1_000_000),
            \.limits.badMessages,
            "In a minute; they end a connection (4503)."
        ),
        Setting(
            "join_timeout",
            .timeout,
            or: "off",
            \.limits.joinTimeout,
            "How long a connection may wait with its first join (4007)."
        ),
        Setting(
            "handshake_timeout",
            .timeout,
            \.transport.handshakeTimeout,
            "How long the opening handshake may take."
        ),
        Setting(
            "inbound_bytes",
            .size(1 << 10...1 << 30),
            \.inboundBytes,
            "May wait for a room before senders are slowed."
        ),
        Setting("rooms", .integer(1...100_000_000), or: "off", \.limits.rooms, "Rooms at a time."),
        Setting("joins_per_minute", .count, or: "off", \.limits.joinsPerMinute, "Of one connection."),
        Setting("connections_per_address", .count, or: "off", \.transport.connectionsPerAddress, "At a time."),
        Setting("messages_per_second", .count, or: "off", \.limits.messagesPerSecond, "Of one connection."),
        Setting("bytes_per_second", .size(1 << 10...1 << 40), or: "off", \.limits.bytesPerSecond, "Of one connection."),
    ]

    private static let keepalive: [Setting<GavelConfiguration>] = [
        Setting(
            "ping",
            .timeout,
            \.transport.pingInterval,
            "Silence of a client before it is asked for a sign of life."
        ),
        Setting("timeout", .timeout, \.transport.pongTimeout, "How long the sign of life may take (4003)."),
    ]

    private static let outbound: [Setting<GavelConfiguration>] = [
        Setting(
            "soft",
            .size(1 << 10...1 << 30),
            \.outbound.softBytes,
            "Waiting bytes that make a client count as slow."
        ),
        Setting(
            "hard",
            .size(1 << 10...4 << 30),
            \.outbound.hardBytes,
            "Waiting bytes that cut a client at once (4002)."
        ),
        Setting("grace", .timeout, \.outbound.slowGrace, "How long a client may be slow without a break (4002)."),
        Setting("chunk", .size(1 << 10...16 << 20), \.chunkBytes, "Most bytes given to a socket at a time."),
        Setting(
            "send_buffer",
            .size(4 << 10...64 << 20),
            or: "off",
            \.transport.sendBufferBytes,
            "Of a socket; off: any."
        ),
    ]

    private static let storage: [Setting<GavelConfiguration>] = [
        Setting("kind", .choice, \.storage.kind, "Where rooms are kept; memory: they end with the process."),
        Setting("path", .databaseFile, \.storage.path, "The database, seen from the configuration file."),
        Setting("durability", .choice, \.storage.durability, "strict: nothing leaves before it is on the disk."),
        Setting("keep_messages", .integer(0...1 << 32), \.storage.keepMessages, "Of each room, the latest."),
        Setting("keep", .duration(.seconds(60)...(.hours(87_600))), \.storage.keepAge, "Older messages go."),
    ].map(\.atRestart)

    private static let log: [Setting<GavelConfiguration>] = [
        Setting("level", .choice, \.log.level, "The least severe level that is logged."),
        Setting("format", .choice, \.log.format, "Lines for people, or JSON for collectors.").atRestart,
    ]

    private static let control: [Setting<GavelConfiguration>] = [
        Setting(
            "socket",
            .socketFile,
            or: "off",
            \.control,
            "Where gavel status and the like reach the relay, seen from the configuration file."
        ).atRestart
    ]

    private static let http: [Setting<GavelConfiguration>] = [
        Setting("host", .host, or: "off", \.http.host, "Address for pages, commands and metrics; off: none."),
        Setting("port", .integer(0...65_535), \.http.port, "TCP port; 0 lets the system choose."),
        Setting(
            "token",
            .token,
            or: "auto",
            \.http.token,
            "What operators show; auto: made at start and logged, for loopback alone."
        ),
        Setting("names", .list(of: .hostName), \.http.names, "Names of this machine, beside addresses and localhost."),
        Setting(
            "relay",
            .relayAddress,
            or: "auto",
            \.http.relay,
            "Where pages of games reach the relay; auto: at server.port of the host they are from."
        ),
    ].map(\.atRestart)

    private static let scripts: [Setting<GavelConfiguration>] = [
        Setting("folder", .folder, \.folder, "Where rules files are, seen from the configuration file.")
            .atRestart
    ]

    private static let reload: [Setting<GavelConfiguration>] = [
        Setting("watch", .choice, \.reload.watch, "How saves of rules and of this file are noticed; off: not."),
        Setting("poll", .duration(.milliseconds(100)...(.hours(1))), \.reload.poll, "How often files are looked at."),
        Setting(
            "probation",
            .timeout,
            or: "off",
            \.reload.probationTime,
            "How long a room with new rules may go back to those before by itself."
        ),
        Setting(
            "probation_messages",
            .integer(1...1_000_000_000),
            or: "off",
            \.reload.probation.messages,
            "Messages of a room after which it does not go back any more; off: the time counts alone."
        ),
        Setting("errors", .integer(1...1_000_000), \.reload.probation.errors, "Failed hooks at which it goes back."),
    ]

    private static let rules: [Setting<GavelConfiguration>] = [
        Setting("time_budget", .duration(.microseconds(100)...(.seconds(10))), \.scripts.time, "Time of one hook."),
        Setting("memory", .size(256 << 10...1 << 30), \.scripts.memoryBytes, "Memory of one room's rules."),
        Setting("instructions", .integer(1_000...1 << 40), \.scripts.instructions, "Steps of one hook."),
        Setting("effects", .integer(1...1_000_000), \.scripts.effects, "Effects of one hook: sends and the like."),
        Setting(
            "strikes",
            .integer(1...1_000),
            or: "off",
            \.scripts.strikes,
            "Spent budgets in a minute that switch a room's rules off."
        ),
        Setting("on_strikes", .choice, \.scripts.onStrikes, "What a room does whose rules are switched off."),
    ]

    private static let dev: [Setting<GavelConfiguration>] = [
        Setting("echo", .boolean, \.transport.echo, "Serves /echo for conformance suites."),
        Setting("script_errors", .boolean, \.scripts.showsErrors, "Players are sent what failed in the rules."),
    ]

    /// The keys of a `[[rooms]]` entry and of its tables, `[rooms.params]` apart.
    package static let rooms: [Setting<RoomEntry>] =
        Self.room + Self.history.map { $0.inSection("history") } + Self.resume.map { $0.inSection("resume") }
        + Self.record.map { $0.inSection("record") }

    /// Names of an entry's tables, in order, `params` apart.
    package static let roomTables = ["history", "resume", "record"]

    private static let room: [Setting<RoomEntry>] = [
        Setting("match", .glob, \.match, "A pattern over room names; the first entry that matches counts."),
        Setting(
            "rules",
            .rulesFile,
            or: nil,
            \.rules,
            "A file in the scripts folder; without: a plain relay. A room keeps its file until it ends."
        ),
        Setting("max_clients", .integer(1...1_000_000), or: "off", \.maxClients, "At a time in one room."),
        Setting("presence", .boolean, \.presence, "Whether the room is told who comes and goes."),
        Setting("linger", .duration(.zero...(.hours(720))), \.linger, "How long an empty room is kept."),
        Setting(
            "log",
            .boolean,
            \.isLogged,
            "Whether these rooms are kept, where [storage] keeps rooms. A change counts for rooms that begin later."
        ),
        Setting("message_bytes", .size(16...256 << 20), \.messageBytes, "Largest message of these rooms."),
        Setting("inbound_bytes", .size(1 << 10...1 << 30), \.inboundBytes, "As in [limits], for these rooms."),
    ]

    private static let history: [Setting<RoomEntry>] = [
        Setting(
            "messages",
            .integer(1...1_000_000),
            or: "off",
            \.historyMessages,
            "Latest messages that a room keeps for those who join or return; off: none."
        ),
        Setting("bytes", .size(1 << 10...1 << 30), \.historyBytes, "Most memory of these messages."),
        Setting("age", .duration(.seconds(1)...(.hours(720))), \.historyAge, "Older messages are not kept."),
    ]

    private static let record: [Setting<RoomEntry>] = [
        Setting(
            "bytes",
            .size(64 << 10...1 << 30),
            or: "off",
            \.recordBytes,
            "Of each room's latest, what players send and rules answer, for gavel replay; off: nothing is recorded."
        ),
        Setting("age", .duration(.seconds(60)...(.hours(8_760))), \.recordAge, "Older parts go."),
    ]

    private static let resume: [Setting<RoomEntry>] = [
        Setting(
            "grace",
            .timeout,
            or: "off",
            \.resumeGrace,
            "How long a client that lost its connection keeps its place; off: there are no sessions."
        )
    ]
}

extension SettingType<Int> {
    fileprivate static var count: Self { .integer(1...100_000_000) }
}

extension SettingType<Duration> {
    fileprivate static var timeout: Self { .duration(.milliseconds(100)...(.hours(24))) }
}

extension Duration {
    fileprivate static func hours(_ hours: Int) -> Duration { .seconds(hours * 3_600) }
}
