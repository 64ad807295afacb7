import ArgumentParser
import GavelAdmin

/// `gavel status`: how a running relay fares.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell how the running relay fares.")

    @OptionGroup var relay: RunningRelay

    func run() async throws { try await self.relay.ask(Commands.status, NoArguments()) }
}

/// `gavel drain`: the end, as on SIGTERM.
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the running relay end in good order.",
        discussion: "As on SIGTERM: clients are told, what waits for them is sent. Returns at once."
    )

    @OptionGroup var relay: RunningRelay

    func run() async throws { try await self.relay.ask(Commands.drain, NoArguments()) }
}

/// `gavel log-level`: what a running relay logs.
struct LogLevelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Tell what the running relay logs, or change it.",
        discussion: "Until the relay ends, or its configuration file says another level."
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "trace, debug, info, notice, warning, error or critical.")
    var level: String?

    func run() async throws { try await self.relay.ask(Commands.logLevel, LogLevelArguments(level: self.level)) }
}
