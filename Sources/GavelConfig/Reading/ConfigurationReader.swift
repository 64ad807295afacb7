package import Foundation
import TOMLKit

/// A flag of the command line that stands for a key.
package struct ConfigurationFlag: Sendable {
    /// With its dashes: `--port`.
    package let name: String
    /// `server.port`
    package let path: ConfigurationPath
    package let value: String

    package init(_ name: String, _ path: ConfigurationPath, _ value: String) {
        self.name = name
        self.path = path
        self.value = value
    }
}

/// Reads the configuration: the file, over it the environment, over that flags.
///
/// It goes on after a mistake, so that all of them are told at once.
package struct ConfigurationReader {
    /// Largest configuration file in bytes.
    static let largestFile = 4 << 20

    /// Name of the file in messages.
    let fileName: String
    let environment: [String: String]
    let flags: [ConfigurationFlag]

    var report = ConfigurationReport()
    var locator = TOMLLocator("")
    /// Where each value that was set came from, the last one set.
    var origins: [ConfigurationPath: ConfigurationProblem.Source] = [:]
    /// Keys with a mistake, about which no more is said.
    var faulty: Set<ConfigurationPath> = []

    /// Reads the file at `path`.
    /// - Parameters:
    ///   - environment: Of which only the variables that begin with `GAVEL_` count.
    ///   - flags: Those that were given.
    package static func read(
        path: String,
        environment: [String: String],
        flags: [ConfigurationFlag] = []
    ) -> ConfigurationReport {
        let file = URL(filePath: path, directoryHint: .notDirectory)
        var reader = Self(fileName: path, environment: environment, flags: flags)
        do throws(Complaint) {
            let text = try Self.contents(of: file)
            return reader.read(text, folder: file.deletingLastPathComponent())
        } catch {
            reader.fail(.file(path), error)
            return reader.read(nil, folder: file.deletingLastPathComponent())
        }
    }

    /// Reads the text of a configuration file that stands in `folder`.
    package static func read(
        text: String,
        fileName: String = "config.toml",
        folder: URL,
        environment: [String: String] = [:],
        flags: [ConfigurationFlag] = []
    ) -> ConfigurationReport {
        var reader = Self(fileName: fileName, environment: environment, flags: flags)
        return reader.read(text, folder: folder)
    }

    private init(fileName: String, environment: [String: String], flags: [ConfigurationFlag]) {
        self.fileName = fileName
        self.environment = environment
        self.flags = flags
    }

    /// - Parameter text: `nil` where there is none to read.
    private mutating func read(_ text: String?, folder: URL) -> ConfigurationReport {
        self.report.configuration.baseFolder = folder
        let members = text.map { self.parse($0) } ?? []
        self.readSections(members)
        self.readEnvironment()
        self.readFlags()
        self.readRooms(members)
        self.checkWhole()
        self.report.problems.sort(by: ConfigurationProblem.isBefore)
        self.report.warnings.sort(by: ConfigurationProblem.isBefore)
        return self.report
    }

    private mutating func parse(_ text: String) -> [TOMLNode.Member] {
        if let nul = text.utf8.firstIndex(of: 0) {
            let line = text.utf8[..<nul].count { $0 == UInt8(ascii: "\n") } + 1
            self.fail(
                .file(self.fileName, line: line),
                Complaint("there is a NUL byte", advice: "Save the file as UTF-8 text.")
            )
            return []
        }
        do {
            guard case .table(let members) = try TOMLNode.parse(text) else { return [] }
            self.locator = TOMLLocator(text)
            if let line = self.locator.firstNulLine {
                self.fail(
                    .file(self.fileName, line: line),
                    Complaint("a string holds a NUL character", advice: "Leave it out.")
                )
            }
            return members
        } catch let error as TOMLParseError {
            let (line, column) = (error.source.begin.line, error.source.begin.column)
            self.fail(
                .file(self.fileName, line: line, column: column),
                Complaint(
                    "this is not TOML (\(error.description))",
                    advice: "Write key = value, strings in quotes, tables as [name] (https://toml.io)."
                )
            )
        } catch {
            self.fail(.file(self.fileName), Complaint("this is not TOML (\(error))", advice: "See https://toml.io."))
        }
        return []
    }

    private static func contents(of file: URL) throws(Complaint) -> String {
        let path = file.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Complaint(
                "there is no such file",
                advice: "Start gavel in the folder that holds config.toml, or name the file with --config."
            )
        }
        if isFolder.boolValue {
            throw Complaint("this is a folder", advice: "Name a file: --config \(path)/config.toml")
        }
        guard let bytes = Self.bytes(at: path) else {
            throw Complaint("the file cannot be read", advice: "Let the user that runs gavel read it (chmod, chown).")
        }
        guard bytes.count <= Self.largestFile else {
            throw Complaint("the file is larger than 4 MiB", advice: "Name a configuration file with --config.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Complaint("the file is not UTF-8", advice: "Save it as UTF-8 text.")
        }
        return text
    }

    /// The whole file, or as much as shows that it is too large.
    private static func bytes(at path: String) -> Data? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        do {
            return try handle.read(upToCount: Self.largestFile + 1) ?? Data()
        } catch {
            return nil
        }
    }
}

extension ConfigurationReader {
    mutating func fail(_ source: ConfigurationProblem.Source, path: ConfigurationPath? = nil, _ complaint: Complaint) {
        let problem = ConfigurationProblem(source, path: path?.description ?? "", complaint)
        if let path { self.faulty.insert(path) }
        if !self.report.problems.contains(problem) { self.report.problems.append(problem) }
    }

    mutating func warn(_ source: ConfigurationProblem.Source, path: ConfigurationPath? = nil, _ complaint: Complaint) {
        self.report.warnings.append(ConfigurationProblem(source, path: path?.description ?? "", complaint))
    }

    /// The file, at the line of `path`.
    func place(_ path: ConfigurationPath) -> ConfigurationProblem.Source {
        .file(self.fileName, line: self.locator.line(of: path))
    }
}
