internal import Foundation
package import GavelConfig
internal import GavelCore

/// `gavel new`: writes rules, their tests and the lines of the configuration to start from.
package struct NewGame {
    /// Why nothing was written.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let name: String
    private let configuration: GavelConfiguration
    private let configurationFile: URL

    /// Looks at everything, and writes nothing yet.
    /// - Parameter configurationFile: The file that the configuration was read from.
    package init(
        _ name: String,
        in configuration: GavelConfiguration,
        configurationFile: String
    ) throws(Refusal) {
        self.name = name
        self.configuration = configuration
        self.configurationFile = URL(filePath: configurationFile, directoryHint: .notDirectory)
        try self.checkName()
        for file in [self.rulesFile, self.testFile] where FileManager.default.fileExists(atPath: Self.path(file)) {
            throw Refusal(description: "\(Self.path(file)) is there already. Choose another name.")
        }
        try self.checkRooms()
    }

    /// Writes the files, then the entry at the end of the configuration file, whose other bytes stay as they are.
    ///
    /// Where one cannot be written, those before it are taken away again.
    /// - Returns: What was written, a line each.
    package func write() throws(Refusal) -> [String] {
        var written: [URL] = []
        do {
            for (file, text) in [
                (self.rulesFile, GameTemplate.rules(self.name)), (self.testFile, GameTemplate.tests(self.name)),
            ] {
                let folder = file.deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file, options: .withoutOverwriting)
                written.append(file)
            }
            try self.append()
        } catch {
            for file in written { try? FileManager.default.removeItem(at: file) }
            throw Refusal(description: "nothing was written. \(error.localizedDescription)")
        }
        return [
            "\(Self.path(self.rulesFile)): the rules", "\(Self.path(self.testFile)): their tests",
            "\(Self.path(self.configurationFile)): rooms \(self.name)-* have these rules",
        ]
    }

    private var rulesFile: URL {
        self.configuration.scriptsFolder.appending(path: "\(self.name).lua", directoryHint: .notDirectory)
    }

    private var testFile: URL {
        self.configuration.scriptsFolder.appending(path: "tests/\(self.name)_test.lua", directoryHint: .notDirectory)
    }

    private func checkName() throws(Refusal) {
        guard self.name.wholeMatch(of: /[a-z][a-z0-9_]{0,39}/) == nil else { return }
        throw Refusal(
            description: """
                "\(self.name)" is no name for a game. Write small letters, digits and _, beginning with a letter, 40 at \
                most: gavel new battle_ships
                """
        )
    }

    /// Whether rooms of the game's name are free.
    private func checkRooms() throws(Refusal) {
        let key = RoomKey("\(self.name)-1")
        guard let index = self.configuration.rooms.firstIndex(where: { $0.match.matches(key) }) else { return }
        throw Refusal(
            description: """
                rooms[\(index)] of \(Self.path(self.configurationFile)) takes rooms such as \(key) already (match = \
                "\(self.configuration.rooms[index].match)"). Choose another name, or take that entry out.
                """
        )
    }

    private func append() throws {
        let handle = try FileHandle(forUpdating: self.configurationFile)
        defer { try? handle.close() }
        let end = try handle.seekToEnd()
        var text = GameTemplate.entry(self.name)
        if end > 0 {
            try handle.seek(toOffset: end - 1)
            if try handle.read(upToCount: 1) != Data("\n".utf8) { text = "\n" + text }
        }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    private static func path(_ url: URL) -> String {
        let path = url.path(percentEncoded: false)
        let current = URL(filePath: ".", directoryHint: .isDirectory).standardizedFileURL.path(percentEncoded: false)
        return path.hasPrefix(current) ? String(path.dropFirst(current.count)) : path
    }
}
