import ArgumentParser
import Foundation
import GavelAdmin
import GavelConfig
import GavelServer

/// `gavel replay`: yesterday's traffic, and other rules.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a recording of a room through rules, and show what they do otherwise.",
        discussion: """
            Each part of the recording is run from what the room kept when that part began; rules of another version \
            take over there as in a reload, on_reload and all. Exits with 0 if nothing differs, with 1 if something \
            does, with 2 if it could not be run.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "The recording, as gavel record export writes it.")
    var recording: String

    @Option(help: ArgumentHelp("The rules to be tried, any file.", valueName: "file"))
    var rules: String

    @Option(
        help: ArgumentHelp(
            "The rules that were recorded: then both states are shown where they differ.",
            valueName: "file"
        )
    )
    var before: String?

    @Option(help: ArgumentHelp("Params of the rules as JSON, in place of those recorded.", valueName: "json"))
    var params: String?

    @Option(help: "text for people, json for programs.")
    var format = OutputFormat.text

    func run() async throws {
        guard let data = try? Data(contentsOf: URL(filePath: self.recording)) else {
            throw try self.cannotRun("\(self.recording) cannot be read.")
        }
        let run: ReplayRun
        do {
            run = try ReplayRun(
                Array(data),
                rules: self.rules,
                before: self.before,
                params: self.params.map { Array($0.utf8) },
                configuration: self.file.read(flags: []).get()
            )
        } catch {
            throw try self.cannotRun("\(error)")
        }
        print(self.format == .json ? try run.json : run.text)
        if !run.isSame { throw ExitCode.failure }
    }

    private func cannotRun(_ text: String) throws -> ExitCode {
        switch self.format {
        case .json: print(try RunningRelay.json(["error": CommandError(.failed, text)]))
        case .text: Console.complain("gavel: \(text)")
        }
        return .wrongUsage
    }
}
