import ArgumentParser
import GavelConfig
import GavelServer

/// `gavel check`: finds every mistake without opening a port.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration and all rules; open no port.",
        discussion: "Prints every mistake, with file and line, and exits with 1 if there is one."
    )

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Print every key with its default, its meaning and its environment variable instead.")
    var keys = false

    func run() async throws {
        if self.keys {
            print(Settings.reference(), terminator: "")
            return
        }
        let report = self.file.read(flags: [])
        let storage = GavelServer.checkStorage(report.configuration).map { [$0] } ?? []
        let mistakes = report.problems.map(\.description) + GavelServer.checkRules(report.configuration) + storage
        for warning in report.warnings { print("warning: \(warning)") }
        for mistake in mistakes { print(mistake) }
        guard mistakes.isEmpty else {
            Console.complain(mistakes.count == 1 ? "1 mistake" : "\(mistakes.count) mistakes")
            throw ExitCode.failure
        }
        print(self.summary(of: report.configuration))
    }

    private func summary(of configuration: GavelConfiguration) -> String {
        let kinds = configuration.rooms.map { room in "\(room.match) (\(room.rules ?? "plain relay"))" }
        let rest = configuration.unlistedRooms == .relay ? "all others are plain relays" : "all others are refused"
        return "\(self.file.path) is in order. Rooms: \((kinds + [rest]).joined(separator: ", "))."
    }
}
