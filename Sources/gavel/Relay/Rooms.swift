import ArgumentParser
import GavelAdmin

/// `gavel rooms`: the rooms of a running relay.
struct Rooms: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the rooms of the running relay.")

    @OptionGroup var relay: RunningRelay

    @Argument(help: "Only rooms with this in their name, or in that of their rules.")
    var search: String?

    @Option(help: "name, or most first: clients, messages or memory.")
    var sort = RoomsArguments.Sort.name

    @Option(help: ArgumentHelp("Rooms to list at most.", valueName: "count"))
    var limit = RoomsArguments.standardLimit

    func run() async throws {
        let arguments = RoomsArguments(search: self.search, sort: self.sort, limit: self.limit)
        try await self.relay.ask(Commands.rooms, arguments)
    }
}

extension RoomsArguments.Sort: ExpressibleByArgument {}

/// `gavel room`: one of them.
struct RoomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room",
        abstract: "Show a room of the running relay, and who is in it."
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    func run() async throws { try await self.relay.ask(Commands.room, RoomArguments(room: self.room)) }
}

/// `gavel kick`: one client less.
struct Kick: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a client out of its room.",
        discussion: "Its connection is closed with 4502, so that it does not come back by itself."
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    @Argument(help: "The client's number there; gavel room tells it.")
    var client: Int

    @Option(help: ArgumentHelp("The client is told.", valueName: "text"))
    var reason: String?

    func run() async throws {
        let arguments = KickArguments(room: self.room, client: self.client, reason: self.reason)
        try await self.relay.ask(Commands.kick, arguments)
    }
}

/// `gavel close`: one room less.
struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a room of the running relay.",
        discussion: "All that are in it are told. Who joins next is in a new room of that name."
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    @Option(help: ArgumentHelp("Everyone in it is told.", valueName: "text"))
    var reason: String?

    func run() async throws {
        try await self.relay.ask(Commands.close, CloseArguments(room: self.room, reason: self.reason))
    }
}

/// `gavel notice`: a word to players.
struct Notice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say something in all rooms of the running relay, or in one.",
        discussion: #"Clients get {"type":"notice","text":"…","client_id":0,"msg_id":…}."#
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "What to say.")
    var text: String

    @Option(help: ArgumentHelp("The name of a room; by default all.", valueName: "name"))
    var room: String?

    func run() async throws {
        try await self.relay.ask(Commands.notice, NoticeArguments(text: self.text, room: self.room))
    }
}
