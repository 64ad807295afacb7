import Foundation
import GavelConfig
import GavelRulesTest
import GavelServer
import Testing

@Suite("gavel check")
struct RelayCheckTests {
    /// A folder with a configuration and a folder `scripts`, taken away with the last test that has it.
    private final class Project {
        let folder: URL

        init(_ configuration: String, _ files: [String: String]) throws {
            self.folder = FileManager.default.temporaryDirectory
                .appending(path: "gavel-check-\(UUID().uuidString)", directoryHint: .isDirectory)
            for (name, text) in files {
                let file = self.folder.appending(path: "scripts/" + name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data(text.utf8).write(to: file)
            }
            try Data(configuration.utf8).write(to: self.folder.appending(path: "config.toml"))
        }

        deinit { try? FileManager.default.removeItem(at: self.folder) }

        var configurationFile: String { self.folder.appending(path: "config.toml").path(percentEncoded: false) }

        func check(edited: RelayCheck.Edited? = nil) -> RelayCheck {
            RelayCheck(
                ConfigurationReader.read(path: self.configurationFile, environment: [:]),
                configurationFile: self.configurationFile,
                edited: edited
            )
        }

        /// With names as seen from the folder.
        func texts(_ problems: [CheckProblem]) -> [String] {
            problems.map { $0.text.replacing(self.folder.path(percentEncoded: false), with: "") }
        }

        func path(_ name: String) -> String {
            self.folder.appending(path: "scripts/" + name).path(percentEncoded: false)
        }
    }

    private static func rooms(_ names: String...) -> String {
        names.map { "[[rooms]]\nmatch = \"\($0)-*\"\nrules = \"\($0).lua\"\n" }.joined()
    }

    private static let empty = "return gavel.rules()"

    @Test("modules are found in the scripts folder, and their mistakes told once, with their own file and line")
    func modules() throws {
        var files = [
            "games/a.lua": "require 'lib.moves'\nreturn gavel.rules()", "lib/moves.lua": "return {}",
            "b.lua": "require 'lib.moves'\nreturn gavel.rules()",
        ]
        let rooms = Self.rooms("games/a", "b")
        var project = try Project(rooms, files)
        var check = project.check()
        #expect(check.all() == [])
        files["lib/moves.lua"] = "\nreturn nothing"
        project = try Project(rooms, files)
        check = project.check()
        let found = project.texts(check.all())
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("scripts/lib/moves.lua:2:8: global \"nothing\" is not declared."), "\(found)")
        files["lib/moves.lua"] = nil
        project = try Project(rooms, files)
        check = project.check()
        #expect(
            project.texts(check.all()).last == """
                scripts/b.lua:1: no module "lib.moves" in scripts/ (looked for scripts/lib/moves.lua). Only files of that \
                folder can be required.
                """
        )
    }

    @Test("mistakes of the configuration, the rules and the tests are told together, with warnings")
    func all() throws {
        let project = try Project(
            """
            [limits]
            rooms = "many"
            [[rooms]]
            match = "a-*"
            rules = "a.lua"
            [rooms.resume]
            grace = "off"
            [rooms.params]
            seats = 4
            """,
            [
                "a.lua": """
                local rules = gavel.rules()
                function rules.on_drop(room, client) end
                function rules.signals.over(room, data, from) end
                function rules.on_create(room) room:after(3, "x") end
                return rules
                """,
                "left.lua": "return {}", "broken.lua": "return {", "tests/a_test.lua": "local = 3",
                "tests/support.lua": "return {}", ".gavel/gavel.d.lua": "x",
            ]
        )
        var check = project.check()
        let found = project.texts(check.all())
        #expect(found[0].hasPrefix("config.toml:2: limits.rooms: "), "\(found)")
        #expect(
            Array(found[1...7]) == [
                "scripts/a.lua:4:43: the delay 3 has no unit. Write \"3s\" or \"3ms\".",
                "scripts/a.lua:4:46: no rules.timers.x. Write function rules.timers.x(room, data) … end.",
                """
                config.toml:8: warning: rooms[0].params: a.lua declares no params, so nothing reads them. Declare them: \
                rules.params = { … }, or take them out.
                """,
                """
                scripts/a.lua:2:10: warning: on_drop never runs: [rooms.resume] grace is "off" for these rooms. Set it, \
                or use on_leave.
                """,
                """
                scripts/a.lua:3:10: warning: signals.over never runs: no rules of these rooms send that signal. Send it, \
                or take it out.
                """,
                "scripts/tests/a_test.lua:1: <name> expected near '='",
                "scripts/broken.lua:1: unexpected symbol near <eof>",
            ]
        )
        #expect(
            found.dropFirst(8) == [
                """
                scripts/left.lua:1: warning: no room uses this file. Name it in a [[rooms]] entry (rules = "left.lua"), \
                require it, or take it out.
                """
            ]
        )
    }

    @Test("one file is checked with the rules that require it, saved or not")
    func oneFile() throws {
        let project = try Project(
            Self.rooms("a", "b"),
            ["a.lua": "require 'm'\nreturn tabel", "b.lua": Self.empty, "m.lua": "return {}"]
        )
        var check = project.check()
        #expect(check.file(project.path("m.lua")) == [])
        check = project.check()
        #expect(check.file(project.path("b.lua")) == [])
        check = project.check()
        #expect(project.texts(check.file(project.path("a.lua"))).count == 1)
        check = project.check(edited: .init(path: project.path("a.lua"), text: Array(Self.empty.utf8)))
        #expect(check.file(project.path("a.lua")) == [])
        check = project.check(edited: .init(path: project.path("m.lua"), text: Array("return gavle".utf8)))
        #expect(
            project.texts(check.file(project.path("m.lua"))).map { $0.prefix(35) } == [
                "scripts/m.lua:1:8: global \"gavle\" i"
            ]
        )
        check = project.check()
        #expect(check.file("/elsewhere.lua").first?.isError == true)
    }

    @Test("one file is not in order where the configuration is not, or what it requires")
    func oneFileOfMany() throws {
        let params = "[rooms.params]\nseats = 4\n"
        let files = [
            "a.lua": "require 'lib'\n" + Self.empty, "b.lua": "require 'm'\n" + Self.empty, "lib.lua": "\nreturn {",
            "m.lua": "return {}",
        ]
        let project = try Project(Self.rooms("a", "b") + params, files)
        var check = project.check()
        #expect(
            project.texts(check.file(project.path("a.lua"))) == [
                "scripts/a.lua: what it requires is not in order: scripts/lib.lua:2: unexpected symbol near <eof>"
            ]
        )
        check = project.check()
        #expect(check.file(project.path("b.lua")).map(\.code) == ["unused-params"])
        check = project.check()
        #expect(check.file(project.path("m.lua")) == [])

        let broken = try Project("[limits]\nrooms = \"many\"\n", files)
        check = broken.check()
        let found = broken.texts(check.file(broken.path("m.lua")))
        #expect(found.count == 1 && found[0].hasPrefix("config.toml:2: limits.rooms: "), "\(found)")
        try FileManager.default.removeItem(atPath: broken.configurationFile)
        check = broken.check()
        #expect(check.file(broken.path("m.lua")).map(\.isError) == [true])
        check = broken.check()
        #expect(broken.texts(check.file(broken.path("tests/none_test.lua"))).count == 2)
    }

    @Test("for editors there is one object, whose fields stay")
    func json() throws {
        let project = try Project(Self.rooms("a"), ["a.lua": "\nreturn tabel", "left.lua": Self.empty])
        var check = project.check()
        let text = try CheckReport(problems: check.all()).json()
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["version", "errors", "warnings", "problems"])
        #expect(object["version"] as? Int == 1)
        #expect(object["errors"] as? Int == 1)
        #expect(object["warnings"] as? Int == 1)
        let problems = try #require(object["problems"] as? [[String: Any]])
        let required: Set = ["file", "severity", "code", "message"]
        let optional: Set = ["line", "column", "traceback"]
        for problem in problems {
            #expect(required.isSubset(of: problem.keys))
            #expect(required.union(optional).isSuperset(of: problem.keys))
        }
        let first = try #require(problems.first)
        #expect(first["file"] as? String == project.path("a.lua"))
        #expect(first["line"] as? Int == 2)
        #expect(first["column"] as? Int == 8)
        #expect(first["severity"] as? String == "error")
        #expect(first["code"] as? String == "undeclared-global")
        #expect(first["message"] as? String == "global \"tabel\" is not declared. Did you mean table?")
        #expect(problems.last?["severity"] as? String == "warning")
        #expect(problems.last?["code"] as? String == "unused-file")
    }

    @Test("what Gavel ships is in order, without a warning")
    func shipped() {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "config.toml").path(percentEncoded: false)
        var check = RelayCheck(ConfigurationReader.read(path: file, environment: [:]), configurationFile: file)
        #expect(check.all().map(\.text) == [])
    }

    @Test("a new game is in order, and the configuration before its entry stays as it was")
    func newGame() throws {
        let configuration = Self.rooms("a") + "# the end"
        let project = try Project(configuration, ["a.lua": Self.empty])
        func make(_ name: String) throws -> [String] {
            let report = ConfigurationReader.read(path: project.configurationFile, environment: [:])
            return try NewGame(name, in: report.get(), configurationFile: project.configurationFile).write()
        }
        #expect(try make("battle_ships").count == 3)
        let written = try String(contentsOfFile: project.configurationFile, encoding: .utf8)
        let entry = "\n\n[[rooms]]\nmatch = \"battle_ships-*\"\nrules = \"battle_ships.lua\"\n"
        #expect(written == configuration + entry)
        var check = project.check()
        #expect(project.texts(check.all()) == [])
        let read = ConfigurationReader.read(path: project.configurationFile, environment: [:])
        let shelf = TestShelf(try read.get(), countsLines: true)
        let run = TestRun([project.path("tests/battle_ships_test.lua")], shelf: shelf)
        #expect(run.failed == 0 && run.tests == 5, "\(run.text(style: TextStyle()))")
        #expect(run.coverage.files.map(\.percent) == [100], "\(run.text(style: TextStyle()))")
        for name in ["battle_ships", "a", "Ships", "../x", ""] {
            #expect(throws: NewGame.Refusal.self) { try make(name) }
        }
        #expect(try String(contentsOfFile: project.configurationFile, encoding: .utf8) == written)
        try FileManager.default.removeItem(atPath: project.path("battle_ships.lua"))
        try Data(configuration.utf8).write(to: URL(filePath: project.configurationFile))
        #expect(throws: NewGame.Refusal.self) { try make("battle_ships") }
        #expect(!FileManager.default.fileExists(atPath: project.path("battle_ships.lua")))
    }
}
