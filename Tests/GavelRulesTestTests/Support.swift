import Foundation
import GavelConfig
import GavelRulesTest

/// A folder of rules and their tests, gone when the value is.
final class RulesFolder {
    let url: URL
    let shelf: TestShelf

    /// - Parameter files: Texts by their path in the folder.
    init(
        _ files: [String: String],
        rooms: [(match: String, rules: String)] = [],
        countsLines: Bool = false
    ) throws {
        self.url = FileManager.default.temporaryDirectory.appending(
            path: "gavel-tests-\(UInt64.random(in: 0 ... .max))"
        )
        for (path, text) in files {
            let file = self.url.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        var configuration = GavelConfiguration()
        configuration.folder = self.url.path
        for room in rooms {
            var entry = RoomEntry(match: try Glob(room.match), in: configuration)
            entry.rules = room.rules
            configuration.rooms.append(entry)
        }
        self.shelf = TestShelf(configuration, countsLines: countsLines)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.url)
    }

    func run(filter: String? = nil) -> TestRun {
        TestRun(ScriptFiles.tests(in: self.url.path), shelf: self.shelf, filter: filter)
    }

    /// The report without its last line, which has the time.
    func text(width: Int = 80) -> String {
        let lines = self.run().text(style: TextStyle(width: width)).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        return lines.dropLast(3).joined(separator: "\n")
    }

    /// The report on a test of echo.lua.
    static func report(of body: String, width: Int = 80) throws -> String {
        let test = "local test = gavel.test(\"echo.lua\")\ntest(\"it\", function(t)\n\(body)\nend)\n"
        return try RulesFolder(["echo.lua": echo, "tests/echo_test.lua": test]).text(width: width)
    }
}

/// Rules to be tested: `say` is relayed, `get` answered, `fail` fails, `set` keeps, `later` sets a timer.
let echo = """
    local rules = gavel.rules()
    rules.messages.say, rules.messages.get = { text = gavel.string }, {}
    rules.messages.fail, rules.messages.set = {}, { n = gavel.integer }
    rules.messages.later = { ms = gavel.integer }
    function rules.commands.get(room) return { n = room.state.n, chance = math.random(1000000) } end
    function rules.commands.fail(room) return { n = room.state.n.m } end
    function rules.commands.set(room, client, msg) room.state.n, client.data.mine = msg.n, { [client.id] = msg.n } end
    function rules.commands.later(room, client, msg) room:after(msg.ms .. "ms", "ring") end
    function rules.timers.ring(room) gavel.log("rings") room:broadcast { type = "ring" } end
    return rules
    """
