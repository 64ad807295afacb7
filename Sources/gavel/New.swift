import ArgumentParser
import GavelConfig
import GavelServer

/// `gavel new`: writes a game to start from.
struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a small game to start from: rules, their tests and the lines of the configuration.",
        discussion: "Overwrites nothing. The configuration gets an entry at its end, and stays as it is before that."
    )

    @Argument(help: ArgumentHelp("Small letters, digits and _, such as battle_ships.", valueName: "game"))
    var name: String

    @OptionGroup var file: ConfigurationFile

    func run() async throws {
        do {
            let configuration = try self.file.read(flags: []).get()
            let game = try NewGame(self.name, in: configuration, configurationFile: self.file.path)
            for line in try game.write() { print(line) }
        } catch {
            Console.complain("gavel: \(error)")
            throw ExitCode.failure
        }
        let file = self.file.path == "config.toml" ? "" : " --config \(self.file.path)"
        print(
            """

            What to do next:
              gavel test\(file) --filter \(self.name)_test    plays its tests
              gavel check\(file)    tells mistakes
              gavel serve\(file)    runs the relay; clients join rooms such as \(self.name)-1
            """
        )
    }
}
