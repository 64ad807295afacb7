import ArgumentParser
import GavelAdmin

/// `gavel reload`: other rules and another configuration, while people play.
struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the running relay read its configuration and rules again.",
        discussion: "Exits with 1 where something was refused; rooms then go on as before."
    )

    @OptionGroup var relay: RunningRelay

    func run() async throws { try await self.relay.ask(Commands.reload, NoArguments()) }
}

/// `gavel versions`: the rules that a running relay has, and had.
struct Versions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the versions of the running relay's rules.")

    @OptionGroup var relay: RunningRelay

    func run() async throws { try await self.relay.ask(Commands.versions, NoArguments()) }
}

/// `gavel rollback`: the rules as they were.
struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the running relay's rooms go back to earlier rules.",
        discussion: "The file stays as it is; the next time it is saved, it counts again."
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The rules, as rooms name them.")
    var file: String

    @Argument(help: "How the version begins, see gavel versions; by default the one saved before.")
    var version: String?

    func run() async throws {
        try await self.relay.ask(Commands.rollback, RollbackArguments(file: self.file, version: self.version))
    }
}
