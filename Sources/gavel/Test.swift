import ArgumentParser
import Foundation
import GavelConfig
import GavelRulesTest
import GavelServer
import Logging

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
    var format = OutputFormat.text

    @Flag(help: "Play again, on each save, the files of tests that it concerns.")
    var watch = false

    @Flag(help: "Tell which lines of the rules the tests ran, and which they did not.")
    var coverage = false

    func run() async throws {
        let source = self.file.source(flags: [])
        guard let configuration = self.read(source) else { throw ExitCode.failure }
        if self.watch { return await self.playOnSaves(configuration, source) }
        let run = try self.play(self.paths(configuration), configuration)
        if run.tests == 0, run.failed == 0 {
            let what = self.filter.map { " whose name contains \"\($0)\"" } ?? ""
            let folder = TestShelf(configuration).folder
            Console.complain("gavel: there is no test\(what) in \(folder)/tests. Their files end in _test.lua.")
        }
        guard run.failed == 0, run.tests > 0 else { throw ExitCode.failure }
    }

    private func read(_ source: ConfigurationSource) -> GavelConfiguration? {
        do {
            return try source.read().get()
        } catch {
            Console.complain(error.description)
            return nil
        }
    }

    /// Goes on until it is interrupted.
    private func playOnSaves(_ first: GavelConfiguration, _ source: ConfigurationSource) async {
        var configuration = first
        let logger = Logger(label: "gavel.test")
        var last: TestRun?
        while !Task.isCancelled {
            let folder = configuration.scriptsFolder
            // Looks at the files before they are read, so that no save between is missed.
            let saves = SavedScripts.all(in: configuration, from: source, logger: logger)
            last = (try? self.play(self.paths(configuration), configuration)) ?? last
            for await saved in saves {
                var names = saved.scripts.sorted()
                if saved.hasConfiguration { names.append(self.file.path) }
                var isAll = false
                if saved.hasConfiguration, let next = self.read(source) { (configuration, isAll) = (next, true) }
                guard configuration.scriptsFolder == folder else { break }
                guard let all = try? self.paths(configuration) else { continue }
                let paths = all.filter { isAll || last?.concerns($0, saved.scripts) ?? true }
                if paths.isEmpty { continue }
                Console.complain("\(names.joined(separator: ", ")) saved")
                last = (try? self.play(paths, configuration, after: isAll ? nil : last)) ?? last
            }
        }
    }

    /// - Parameter before: What is known of the files that are not played.
    private func play(
        _ paths: [String],
        _ configuration: GavelConfiguration,
        after before: TestRun? = nil
    ) throws -> TestRun {
        let shelf = TestShelf(configuration, countsLines: self.coverage)
        var run = TestRun(paths, shelf: shelf, filter: self.filter)
        let all = before?.replaced(by: run) ?? run
        run.coverage = all.coverage
        if self.coverage, self.files.isEmpty, self.filter == nil { run.coverage.add(shelf.coverageOfNothing()) }
        let report = self.format == .json ? run.json + "\n" : run.text(style: .terminal)
        try FileHandle.standardOutput.write(contentsOf: Array(report.utf8))
        return all
    }

    private func paths(_ configuration: GavelConfiguration) throws -> [String] {
        let folder = TestShelf(configuration).folder
        if self.files.isEmpty { return ScriptFiles.tests(in: folder) }
        return try self.files.map { file in
            let path = URL(filePath: file).standardizedFileURL.path(percentEncoded: false)
            let places = [path, "\(folder)/\(file)", "\(folder)/tests/\(file)"]
            if let place = places.first(where: FileManager.default.fileExists(atPath:)) { return place }
            Console.complain("gavel: there is no file \(file).")
            throw ExitCode.failure
        }
    }
}

extension TextStyle {
    /// As wide as the terminal, and in colour, where the output goes to one; NO_COLOR says no.
    fileprivate static var terminal: Self {
        let environment = ProcessInfo.processInfo.environment
        let width = Terminal.output.width
        return Self(
            width: width ?? environment["COLUMNS"].flatMap(Int.init) ?? 100,
            hasColors: width != nil && environment["NO_COLOR", default: ""].isEmpty
        )
    }
}
