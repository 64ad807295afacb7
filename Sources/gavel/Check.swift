import ArgumentParser
import Foundation
import GavelConfig
import GavelServer

/// `gavel check`: finds every mistake without opening a port.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration, all rules and their tests; open no port.",
        discussion: """
            Prints every mistake and every warning, with file and line. Exits with 0 if all is in order (there may be \
            warnings), with 1 if there is a mistake, with 2 if the command itself is written wrong. With a file only \
            that one is checked, with the params of its rooms; with - the text on standard input, as the file --as.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: ArgumentHelp("A file of the scripts folder, or - for standard input.", valueName: "file"))
    var path: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("The file that standard input stands for.", valueName: "file"))
    var edited: String?

    @Option(help: "text, or json for editors: one object with a list of problems.")
    var format = OutputFormat.text

    @Flag(help: "Exit with 1 on a warning, too.")
    var strict = false

    @Flag(help: "Print every key with its default, its meaning and its environment variable instead.")
    var keys = false

    func validate() throws {
        if self.path == "-", self.edited == nil {
            throw ValidationError("Say which file the text is: gavel check - --as scripts/chess.lua")
        }
        if self.path != "-", self.edited != nil {
            throw ValidationError("--as belongs to standard input: gavel check - --as scripts/chess.lua")
        }
    }

    func run() async throws {
        if self.keys {
            print(Settings.reference(), terminator: "")
            return
        }
        let report = self.file.read(flags: [])
        let edited = self.edited.map { RelayCheck.Edited(path: $0, text: Self.standardInput()) }
        var check = RelayCheck(report, configurationFile: self.file.path, edited: edited)
        let checked = self.edited ?? self.path
        let problems = checked.map { check.file($0) } ?? check.all()
        let errors = problems.count { $0.isError }
        switch self.format {
        case .json: print(try CheckReport(problems: problems).json())
        case .text:
            for problem in problems { print(problem.text) }
            if errors == 0 { print(checked.map { "\($0) is in order." } ?? self.summary(of: report.configuration)) }
        }
        let warnings = problems.count - errors
        guard errors > 0 || (self.strict && warnings > 0) else { return }
        if self.format == .text {
            let counts = [Self.count(errors, "mistake"), Self.count(warnings, "warning")].compactMap { $0 }
            Console.complain(counts.joined(separator: ", "))
        }
        throw ExitCode.failure
    }

    private static func count(_ number: Int, _ word: String) -> String? {
        number == 0 ? nil : number == 1 ? "1 \(word)" : "\(number) \(word)s"
    }

    /// As much as shows that it is too large for a file of rules.
    private static func standardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= 1 << 20, let more = try? FileHandle.standardInput.read(upToCount: 1 << 16), !more.isEmpty {
            bytes += more
        }
        return bytes
    }

    private func summary(of configuration: GavelConfiguration) -> String {
        let kinds = configuration.rooms.map { room in "\(room.match) (\(room.rules ?? "plain relay"))" }
        let rest = configuration.unlistedRooms == .relay ? "all others are plain relays" : "all others are refused"
        return "\(self.file.path) is in order. Rooms: \((kinds + [rest]).joined(separator: ", "))."
    }
}
