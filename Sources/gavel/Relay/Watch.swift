import ArgumentParser
import GavelAdmin

/// `gavel watch`: what happens in a room.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happens in a room of the running relay, and what its rules say to it.",
        discussion: """
            Until Ctrl-C. A room is never slowed by it: what is too much is left out, and counted. A room that is not \
            there is waited for.
            """
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    @Option(help: ArgumentHelp("Only what concerns this client.", valueName: "number"))
    var client: Int?

    @Option(help: ArgumentHelp("Only messages of this type.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Of a message shown at most.", valueName: "bytes"))
    var bytes = WatchArguments.standardBytes

    @Option(help: ArgumentHelp("A second at most, and as many of what was refused.", valueName: "lines"))
    var rate = WatchArguments.standardRate

    func run() async throws {
        let arguments = WatchArguments(
            room: self.room,
            client: self.client,
            type: self.type,
            bytes: self.bytes,
            rate: self.rate
        )
        let colours = Terminal.output.width == nil ? TextColours.none : .terminal
        try await self.relay.listen(Commands.watch, arguments) { line in
            line.kind == .idle ? nil : line.text(colours)
        }
    }
}
