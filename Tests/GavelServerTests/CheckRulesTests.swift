import Foundation
import GavelConfig
import GavelServer
import Testing

@Suite("gavel check")
struct CheckRulesTests {
    /// The mistakes of rules in a folder `scripts` that hold `files`.
    private func mistakes(_ configuration: String, _ files: [String: String]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "gavel-check-\(UUID().uuidString)", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: "scripts/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        let report = ConfigurationReader.read(
            text: configuration,
            fileName: "config.toml",
            folder: folder,
            environment: [:],
            flags: []
        )
        return GavelServer.checkRules(try report.get())
    }

    @Test("modules are found in the scripts folder, and their mistakes told with their own file and line")
    func modules() throws {
        let configuration = """
            [[rooms]]
            match = "a"
            rules = "games/a.lua"
            [[rooms]]
            match = "b"
            rules = "b.lua"
            """
        let files = [
            "games/a.lua": "require 'lib.moves'\nreturn gavel.rules()", "lib/moves.lua": "return {}",
            "b.lua": "require 'lib.moves'\nreturn gavel.rules()",
        ]
        #expect(try self.mistakes(configuration, files) == [])
        var broken = files
        broken["lib/moves.lua"] = "\nreturn nothing"
        let text = "lib/moves.lua:2: global \"nothing\" is not declared."
        let found = try self.mistakes(configuration, broken)
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.hasPrefix(text) }, "\(found)")
        #expect(found[0].hasSuffix("  at lib/moves.lua:2\n  at games/a.lua:1"))
        broken["lib/moves.lua"] = nil
        #expect(
            try self.mistakes(configuration, broken).last == """
                b.lua:1: no module "lib.moves" in scripts/ (looked for scripts/lib/moves.lua). Only files of that \
                folder can be required.
                  at b.lua:1
                """
        )
    }
}
