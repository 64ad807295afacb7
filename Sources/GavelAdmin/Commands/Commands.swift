/// The commands of every relay.
package enum Commands {
    package static let commands = Command<NoArguments, CommandList>(
        "commands",
        "Lists all commands and what they take.",
        .looks
    )
    package static let status = Command<NoArguments, RelayStatus>("status", "Tells how the relay fares.", .looks)
    package static let rooms = Command<RoomsArguments, RoomList>("rooms", "Lists rooms.", .looks)
    package static let room = Command<RoomArguments, RoomView>("room", "Shows one room and who is in it.", .looks)
    package static let kick = Command<KickArguments, Done>("kick", "Takes a client out of its room (close code 4502).")
    package static let close = Command<CloseArguments, Done>("close", "Ends a room with all that are in it.")
    package static let notice = Command<NoticeArguments, NoticeOutcome>(
        "notice",
        "Says something in a room, or in all."
    )
    package static let drain = Command<NoArguments, Done>("drain", "Has the relay end as on SIGTERM.")
    package static let reload = Command<NoArguments, ReloadOutcomes>("reload", "Reads configuration and rules again.")
    package static let versions = Command<NoArguments, RulesHistories>(
        "versions",
        "Lists the versions of all rules.",
        .looks
    )
    package static let rollback = Command<RollbackArguments, ReloadOutcomes>(
        "rollback",
        "Puts an earlier version of rules in force."
    )
    package static let logLevel = Command<LogLevelArguments, LogLevelOutcome>(
        "log-level",
        "Tells the least severe level that is logged, or sets it."
    )
}

package struct NoArguments: CommandArguments {
    package static let fields: [CommandField] = []

    package init() {}
}

package struct RoomsArguments: CommandArguments {
    package enum Sort: String, Codable, Sendable, CaseIterable {
        case name
        case clients
        case messages
        case memory
    }

    package var search: String?
    package var sort: Sort?
    package var limit: Int?

    package static let standardLimit = 100
    package static let fields = [
        CommandField("search", .text, "Rooms with this in their name, or in that of their rules."),
        CommandField(
            "sort",
            .text,
            "By name, or most first by clients, messages, or memory for histories and what waits.",
            choices: Sort.allCases.map(\.rawValue)
        ),
        CommandField("limit", .integer, "Rooms to list at most; by default 100.", range: 1...10_000),
    ]

    package init(search: String? = nil, sort: Sort? = nil, limit: Int? = nil) {
        self.search = search
        self.sort = sort
        self.limit = limit
    }
}

package struct RoomArguments: CommandArguments {
    package var room: String

    package static let fields = [CommandField("room", .text, "Its name.", isRequired: true)]

    package init(room: String) {
        self.room = room
    }
}

package struct KickArguments: CommandArguments {
    package var room: String
    package var client: Int
    package var reason: String?

    package static let fields = [
        CommandField("room", .text, "The name of the room.", isRequired: true),
        CommandField("client", .integer, "The client's number there.", isRequired: true, range: 1...Int.max),
        CommandField("reason", .text, "The client is told."),
    ]

    package init(room: String, client: Int, reason: String? = nil) {
        self.room = room
        self.client = client
        self.reason = reason
    }
}

package struct CloseArguments: CommandArguments {
    package var room: String
    package var reason: String?

    package static let fields = [
        CommandField("room", .text, "Its name.", isRequired: true),
        CommandField("reason", .text, "Everyone in it is told."),
    ]

    package init(room: String, reason: String? = nil) {
        self.room = room
        self.reason = reason
    }
}

package struct NoticeArguments: CommandArguments {
    package var text: String
    package var room: String?

    package static let fields = [
        CommandField("text", .text, "What to say.", isRequired: true),
        CommandField("room", .text, "The name of a room; by default all rooms."),
    ]

    package init(text: String, room: String? = nil) {
        self.text = text
        self.room = room
    }
}

package struct RollbackArguments: CommandArguments {
    package var file: String
    package var version: String?

    package static let fields = [
        CommandField("file", .text, "The rules, as rooms name them.", isRequired: true),
        CommandField("version", .text, "How the version begins; by default the one before."),
    ]

    package init(file: String, version: String? = nil) {
        self.file = file
        self.version = version
    }
}

package struct LogLevelArguments: CommandArguments {
    package static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    package var level: String?

    package static let fields = [
        CommandField("level", .text, "What to set it to, until the relay ends.", choices: Self.levels)
    ]

    package init(level: String? = nil) {
        self.level = level
    }
}
