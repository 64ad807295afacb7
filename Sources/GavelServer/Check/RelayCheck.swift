internal import Foundation
package import GavelConfig
internal import GavelScript
internal import Logging

/// `gavel check`: finds what is wrong with a configuration, its rules and their tests, all at once.
package struct RelayCheck {
    /// A file that somebody edits, as it would be saved.
    package struct Edited: Sendable {
        var path: String
        var text: [UInt8]

        package init(path: String, text: [UInt8]) {
            self.path = path
            self.text = text
        }
    }

    private let report: ConfigurationReport
    private let configurationFile: String
    private let edited: Edited?
    private let logger = Logger(label: "gavel.check") { _ in SwiftLogNoOpLogHandler() }
    private var check: ScriptCheck
    private var problems: [CheckProblem] = []
    /// Files that the rules of some room are made of, seen from the scripts folder.
    private var used: Set<String> = []

    private var configuration: GavelConfiguration { self.report.configuration }

    /// - Parameters:
    ///   - configurationFile: As it was named.
    ///   - edited: Text that stands for a file's own.
    package init(_ report: ConfigurationReport, configurationFile: String, edited: Edited? = nil) {
        self.report = report
        self.configurationFile = configurationFile
        self.edited = edited
        let folder = report.configuration.scriptsFolder
        var texts: [String: [UInt8]] = [:]
        if let edited, let name = Self.name(of: edited.path, in: folder) { texts[name] = edited.text }
        self.check = ScriptCheck(folder: Self.path(folder), edited: texts)
    }

    /// The configuration, where rooms are kept, and all files of the scripts folder.
    package mutating func all() -> [CheckProblem] {
        self.problems += self.report.problems.map { CheckProblem($0, .error) }
        self.problems += self.report.warnings.map { CheckProblem($0, .warning) }
        if let mistake = GavelServer.checkStorage(self.configuration) {
            self.problems.append(
                CheckProblem(file: self.configurationFile, .error, code: "storage", mistake)
            )
        }
        self.checkRooms(tellsSignals: true) { _ in true }
        let files = self.luaFiles
        for name in files where Self.isTest(name) { self.add([self.check.syntax(of: name)].compactMap { $0 }) }
        for name in files where !self.used.contains(name) && !Self.isTest(name) && !name.hasPrefix("tests/") {
            self.checkUnused(name)
        }
        return self.problems
    }

    /// One file of the scripts folder, with the params of its rooms; a module with the rules that require it. Mistakes
    /// of the configuration come first, for without it nothing is known of the rooms.
    /// - Parameter path: Of the file, as it was named.
    package mutating func file(_ path: String) -> [CheckProblem] {
        self.problems += self.report.problems.map { CheckProblem($0, .error) }
        guard let name = Self.name(of: path, in: self.configuration.scriptsFolder) else {
            let folder = Self.path(self.configuration.scriptsFolder)
            return self.problems + [
                CheckProblem(
                    file: path,
                    .error,
                    code: ScriptProblem.Code.syntax.rawValue,
                    "the file is not in \(folder). Name one that is, or another configuration with --config."
                )
            ]
        }
        if Self.isTest(name) || name.hasPrefix("tests/") {
            self.add([self.check.syntax(of: name)].compactMap { $0 })
            return self.problems
        }
        let isMain = self.configuration.rooms.contains { $0.rules == name }
        self.checkRooms { ($0 == name) == isMain }
        if !isMain, !self.used.contains(name) {
            if self.report.problems.isEmpty {
                self.checkUnused(name)
            } else {
                self.add([self.check.syntax(of: name)].compactMap { $0 })
            }
        }
        return self.problems(of: name, isMain: isMain)
    }

    /// What of all that was found is about one file. A main file has the mistakes of what it requires, too, the first of
    /// them: without that it is not in order.
    private func problems(of name: String, isMain: Bool) -> [CheckProblem] {
        let file = self.shownFolder + name
        let own = self.problems.filter { problem in
            problem.file == file || problem.code == CheckProblem.configurationCode
                || (isMain && problem.code == ScriptProblem.Code.unusedParams.rawValue)
        }
        guard isMain, !own.contains(where: { $0.isError && $0.file == file }),
            let other = self.problems.first(where: { $0.isError && !own.contains($0) })
        else { return own }
        let line = other.text.prefix { !$0.isNewline }
        return own + [CheckProblem(file: file, .error, code: other.code, "what it requires is not in order: \(line)")]
    }

    /// The rules of all entries whose file is asked for, each with its own params.
    private mutating func checkRooms(tellsSignals: Bool = false, _ isWanted: (String) -> Bool) {
        var reports: [ScriptCheck.Report] = []
        let rooms = self.configuration.rooms
        for (index, room) in rooms.enumerated() {
            guard let name = room.rules, isWanted(name) else { continue }
            let report = self.check.rules(
                name,
                paramsJSON: room.params,
                configuration: RulesLibrary.scripts(of: self.configuration),
                logger: self.logger
            )
            self.used.formUnion(report.files)
            self.add(report.problems)
            if let line = room.paramsLine, !report.declaresParams {
                self.problems.append(
                    CheckProblem(
                        file: self.configurationFile,
                        line: line,
                        .warning,
                        code: ScriptProblem.Code.unusedParams.rawValue,
                        "rooms[\(index)].params: \(name) declares no params, so nothing reads them. Declare them: "
                            + "rules.params = { … }, or take them out."
                    )
                )
            }
            if rooms.filter({ $0.rules == name }).allSatisfy({ $0.resumeGrace == nil }) {
                self.add(report.returnHooks)
            }
            reports.append(report)
        }
        // A signal may come from any of the rules, so all must be known.
        guard tellsSignals, reports.allSatisfy({ $0.sentSignals != nil }) else { return }
        let sent = reports.reduce(into: Set<String>()) { $0.formUnion($1.sentSignals ?? []) }
        for report in reports { self.add(report.signals.filter { !sent.contains($0.key) }.map(\.value)) }
    }

    /// A file that the rules of no room have.
    private mutating func checkUnused(_ name: String) {
        if let problem = self.check.syntax(of: name) {
            self.add([problem])
            return
        }
        self.add([
            ScriptProblem(
                .warning,
                .unusedFile,
                file: name,
                line: 1,
                "no room uses this file. Name it in a [[rooms]] entry (rules = \"\(name)\"), require it, or take it out."
            )
        ])
    }

    private mutating func add(_ problems: [ScriptProblem]) {
        for problem in problems.map({ CheckProblem($0, folder: self.shownFolder) })
        where !self.problems.contains(problem) {
            self.problems.append(problem)
        }
    }

    /// What stands before the name of a file of the scripts folder, for who opens it.
    private var shownFolder: String {
        let current = Self.path(URL(filePath: ".", directoryHint: .isDirectory).standardizedFileURL)
        let folder = Self.path(self.configuration.scriptsFolder)
        return (folder.hasPrefix(current + "/") ? String(folder.dropFirst(current.count + 1)) : folder) + "/"
    }

    private static func path(_ url: URL) -> String {
        let path = url.path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// A file's path from the scripts folder; `nil`: it is not in it.
    private static func name(of path: String, in folder: URL) -> String? {
        let file = Self.path(URL(filePath: path, directoryHint: .notDirectory).standardizedFileURL)
        let prefix = Self.path(folder) + "/"
        return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : nil
    }

    private static func isTest(_ name: String) -> Bool {
        name.hasPrefix("tests/") && name.hasSuffix("_test.lua")
    }

    /// All that end with `.lua` and are not hidden, seen from the scripts folder.
    private var luaFiles: [String] {
        let folder = Self.path(self.configuration.scriptsFolder)
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        return walk.compactMap { $0 as? String }.filter { name in
            name.hasSuffix(".lua") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }.sorted()
    }
}
