import ArgumentParser
import Foundation

@main
struct Gavel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gavel",
        abstract: "A WebSocket relay for multiplayer games, with rules in Lua.",
        version: "gavel 0.1.0",
        subcommands: [Serve.self, Check.self, New.self, Types.self, Bench.self, Torture.self, Returns.self]
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
