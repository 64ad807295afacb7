import ArgumentParser
import Foundation
import GavelServer

@main
struct Gavel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gavel",
        abstract: "A WebSocket relay for multiplayer games, with rules in Lua.",
        version: "gavel \(GavelServer.version)",
        subcommands: [Serve.self, Check.self, Test.self, Replay.self, New.self, Types.self],
        groupedSubcommands: [
            CommandGroup(
                name: "A running relay",
                subcommands: [
                    Status.self, Rooms.self, RoomCommand.self, Watch.self, Kick.self, Close.self, Notice.self,
                    Reload.self, Versions.self, Rollback.self, Record.self, LogLevelCommand.self, Drain.self,
                    ConsoleCommand.self, ShadowCommand.self,
                ]
            ),
            CommandGroup(name: "Measure and test", subcommands: [Bench.self, Torture.self, Returns.self, Saves.self]),
        ]
    )

    /// Exits with 2 where a command is written wrong, as shells and other tools do.
    static func main() async {
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard Self.exitCode(for: error) == .validationFailure else { Self.exit(withError: error) }
            Console.complain(Self.fullMessage(for: error))
            Foundation.exit(2)
        }
    }
}
