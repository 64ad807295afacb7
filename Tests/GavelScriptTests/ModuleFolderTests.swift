import Foundation
import GavelCore
import GavelScript
import Testing

@Suite("modules in the scripts folder")
struct ModuleFolderTests {
    /// A folder with `scripts` and `outside` in it, for the length of `body`.
    private func withFolder(_ files: [String: String], _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gavel-script-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        try body(folder)
    }

    private func load(_ file: String, in folder: URL) throws -> ScriptRulesProvider {
        let scripts = folder.appending(path: "scripts").path
        return try ScriptRules.load(path: scripts + "/" + file, folder: scripts, logger: LogRecorder().logger)
    }

    private func mistake(_ file: String, in folder: URL) -> String {
        do {
            _ = try self.load(file, in: folder)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("rules know the files that they are made of, seen from the scripts folder")
    func files() throws {
        try self.withFolder([
            "scripts/games/chess.lua": "require 'lib.board' require 'games.moves' return gavel.rules()",
            "scripts/games/moves.lua": "", "scripts/lib/board.lua": "require 'games.moves'", "scripts/other.lua": "",
        ]) { folder in
            let provider = try self.load("games/chess.lua", in: folder)
            #expect(provider.files == ["games/chess.lua", "lib/board.lua", "games/moves.lua"])
            let alone = try ScriptRules.load(
                path: folder.appending(path: "scripts/games/moves.lua").path.replacing("moves", with: "chess"),
                folder: folder.appending(path: "scripts").path,
                logger: LogRecorder().logger
            )
            #expect(alone.version == provider.version)
        }
    }

    @Test("a link within the folder is followed, and none that leads out of it")
    func links() throws {
        try self.withFolder([
            "scripts/good.lua": "require 'near' return gavel.rules()", "scripts/real.lua": "",
            "scripts/bad.lua": "require 'far' return gavel.rules()", "outside/far.lua": "",
            "scripts/worse.lua": "require 'away.far' return gavel.rules()", "scripts-2/far.lua": "",
            "scripts/beside.lua": "require 'next' return gavel.rules()",
        ]) { folder in
            let links = [
                "near.lua": "real.lua", "far.lua": "../outside/far.lua", "away": "../outside",
                "next.lua": "../scripts-2/far.lua",
            ]
            for (link, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.appending(path: "scripts/" + link).path,
                    withDestinationPath: target
                )
            }
            #expect(try self.load("good.lua", in: folder).files == ["good.lua", "near.lua"])
            let text = "the file is a link that leads out of scripts/"
            #expect(self.mistake("bad.lua", in: folder) == "far.lua: " + text)
            #expect(self.mistake("worse.lua", in: folder) == "away/far.lua: " + text)
            #expect(self.mistake("beside.lua", in: folder) == "next.lua: " + text)
        }
    }

    @Test("what is no file cannot be required, and names have at most 59 bytes")
    func noFiles() throws {
        let long = String(repeating: "x", count: 56) + ".lua"
        try self.withFolder([
            "scripts/main.lua": "require 'folder' return gavel.rules()", "scripts/folder.lua/inner.lua": "",
            "scripts/" + long: "return gavel.rules()",
        ]) { folder in
            #expect(self.mistake("main.lua", in: folder).hasSuffix("folder.lua cannot be read. Is it a file?"))
            #expect(
                self.mistake(long, in: folder) == long + ": the name of the file has more than 59 bytes. Shorten it."
            )
        }
    }
}
