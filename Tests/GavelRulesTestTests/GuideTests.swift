import Foundation
import GavelConfig
import GavelRulesTest
import GavelScript
import Testing

private let scripts = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts")
    .standardizedFileURL

@Suite("the guide to testing")
struct GuideTests {
    /// The texts of all examples, by the path below `scripts`.
    private static func examples(_ guide: String) -> [String: String] {
        let blocks = guide.matches(of: /```lua\n-- scripts\/(\S+)\n((?s).*?)```/)
        return Dictionary(blocks.map { (String($0.1), "-- scripts/\($0.1)\n\($0.2)") }) { first, _ in first }
    }

    @Test("its tests pass and fail as it shows")
    func plays() throws {
        let guide = try String(contentsOf: scripts.appending(path: "README.md"), encoding: .utf8)
        var files = Self.examples(guide)
        let shown = guide.matches(of: /```text\n((?s).*?)```/).map { String($0.1) }.filter { $0.contains("dice_test") }
        try #require(shown.count == 2)
        #expect(try RulesFolder(files).text(width: 100) + "\n" == shown[0])

        let said = try #require(guide.firstMatch(of: /With `(return [^`]*)` in the filter/))
        let before = "return { text = msg.text, name = client.name }"
        files["dice.lua"] = files["dice.lua"]?.replacing(before, with: said.1)
        #expect(try RulesFolder(files).text(width: 100).contains(shown[1]))
    }

    @Test("what it shows of coverage is what comes out")
    func coverage() throws {
        let guide = try String(contentsOf: scripts.appending(path: "README.md"), encoding: .utf8)
        let shown = try #require(guide.firstMatch(of: /```text\n(lines of the rules(?s).*?)```/)).1
        let run = try RulesFolder(Self.examples(guide), countsLines: true).run(filter: "rigged")
        #expect(run.text(style: TextStyle()).contains(shown))
    }

    @Test("all that a test may use stands in it")
    func isComplete() throws {
        let guide = try String(contentsOf: scripts.appending(path: "README.md"), encoding: .utf8)
        let stub = EditorTypes.stub()
        for match in stub.matches(of: /function (Test|TestClient):(\w+)\(/) {
            #expect(guide.contains("\(match.1 == "Test" ? "t" : "ada"):\(match.2)"), "\(match.2)")
        }
        let settings = try #require(stub.firstMatch(of: /---@class TestSettings\n((---@field .*\n)+)/)).1
        let names = settings.matches(of: /@field (\w+)\?/).map { String($0.1) }
        #expect(names.count > 5)
        for name in names {
            #expect(guide.contains("\(name) = "), "\(name)")
            let test = "gavel.test(\"echo.lua\", { \(name) = gavel.null })"
            let report = try RulesFolder(["echo.lua": echo, "tests/a_test.lua": test]).text(width: 200)
            #expect(!report.contains("there is no setting"), "\(name)")
        }
    }

    @Test("every game of the folder has tests, which pass")
    func games() throws {
        let file = scripts.appending(path: "../config.toml").standardizedFileURL.path
        let configuration = try ConfigurationReader.read(path: file, environment: [:]).get()
        let run = TestRun(ScriptFiles.tests(in: scripts.path), shelf: TestShelf(configuration))
        #expect(run.failed == 0 && run.tests > 50, "\(run.text(style: TextStyle()))")
        let games = try FileManager.default.contentsOfDirectory(atPath: scripts.path).filter { $0.hasSuffix(".lua") }
        for game in games {
            let test = scripts.appending(path: "tests/\(game.dropLast(4))_test.lua")
            #expect(FileManager.default.fileExists(atPath: test.path), "\(game)")
        }
    }
}
