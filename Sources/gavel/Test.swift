import ArgumentParser
import Foundation
import GavelConfig
import GavelRulesTest
import GavelServer
import Logging

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gavel test`: plays the tests that stand beside the rules.
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play the tests of the rules: scripts/tests/*_test.lua.",
        discussion: """
            Tests are written in Lua (scripts/README.md, "Testing your rules") and play against real rooms, in virtual \
            time and without sockets. Exits with 1 if one fails, or if there is none to play.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "Files of tests; by default all of the folder tests in the configuration's folder of rules.")
    var files: [String] = []

    @Option(help: ArgumentHelp("Play only tests whose name, or whose file's, contains this.", valueName: "text"))
    var filter: String?

    @Option(help: "text or json.")
    var format = Format.text

    @Flag(help: "Play again, on each save, the files of tests that it concerns.")
    var watch = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    func run() async throws {
        let configuration: GavelConfiguration
        do {
            configuration = try self.file.read(flags: []).get()
        } catch {
            Console.complain(error.description)
            throw ExitCode.failure
        }
        let run = try self.play(RulesShelf(configuration)) { _ in true }
        if self.watch { await self.playOnSaves(configuration, after: run) }
        guard run.failed == 0, run.tests > 0 else { throw ExitCode.failure }
    }

    /// Goes on until it is interrupted.
    private func playOnSaves(_ configuration: GavelConfiguration, after run: TestRun) async {
        var last = run
        for await saved in SavedScripts.all(in: configuration, logger: Logger(label: "gavel.test")) {
            print("\(saved.sorted().joined(separator: ", ")) saved")
            let before = last
            let next = try? self.play(RulesShelf(configuration)) { before.concerns($0, saved) }
            last = next.map { before.replaced(by: $0) } ?? before
        }
    }

    private func play(_ shelf: RulesShelf, where isWanted: (String) -> Bool) throws -> TestRun {
        let paths = try self.paths(shelf).filter(isWanted)
        let run = TestRun(paths, shelf: shelf, filter: self.filter)
        let report = self.format == .json ? run.json + "\n" : run.text(style: .terminal)
        try FileHandle.standardOutput.write(contentsOf: Array(report.utf8))
        if run.tests == 0, run.failed == 0 {
            let what = self.filter.map { " whose name contains \"\($0)\"" } ?? ""
            Console.complain("gavel: there is no test\(what) in \(shelf.folder)/tests. Their files end in _test.lua.")
        }
        return run
    }

    private func paths(_ shelf: RulesShelf) throws -> [String] {
        if self.files.isEmpty { return ScriptFiles.tests(in: shelf.folder) }
        return try self.files.map { file in
            let path = URL(filePath: file).standardizedFileURL.path(percentEncoded: false)
            if FileManager.default.fileExists(atPath: path) { return path }
            let inFolder = "\(shelf.folder)/tests/\(file)"
            if FileManager.default.fileExists(atPath: inFolder) { return inFolder }
            Console.complain("gavel: there is no file \(file).")
            throw ExitCode.failure
        }
    }
}

extension TextStyle {
    /// As wide as the terminal, and in colour, where the output goes to one; NO_COLOR says no.
    fileprivate static var terminal: Self {
        let environment = ProcessInfo.processInfo.environment
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isKnown = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = isKnown ? Int(size.ws_col) : environment["COLUMNS"].flatMap(Int.init) ?? 100
        return Self(width: columns, hasColors: isTerminal && environment["NO_COLOR", default: ""].isEmpty)
    }
}
