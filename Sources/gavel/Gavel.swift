import ArgumentParser

@main
struct Gavel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gavel",
        abstract: "A WebSocket relay for multiplayer games, with rules in Lua.",
        version: "gavel 0.1.0",
        subcommands: [Serve.self, Check.self, Types.self, Bench.self, Torture.self, Returns.self]
    )
}
