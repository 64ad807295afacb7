import Foundation
import GavelCore
import GavelScript
import GavelTesting
import Logging
import Testing

/// `scripts/README.md`: what it shows is loaded and played, against a relay with simulated loops.
@Suite("the designers' guide")
struct GuideTests {
    static let text = (try? String(contentsOfFile: scriptsFolder + "README.md", encoding: .utf8)) ?? ""
    static let examples = GuideExample.all(in: Self.text)
    static let playable = Self.examples.filter { $0.isRules }

    @Test("it has examples, each a file with a name of its own")
    func hasExamples() {
        #expect(Self.playable.count >= 10)
        for example in Self.examples {
            #expect(!example.path.isEmpty, "\(example.source)")
        }
        let steps = Self.examples.reduce(0) { $0 + $1.steps.count }
        #expect(steps == Self.text.matches(of: /\n(--[><.~=]|-- .*, saved anew\n)/).count)
        #expect(Self.examples.allSatisfy { $0.path.hasSuffix(".lua") })
        #expect(Set(Self.examples.map(\.path)).count == Self.examples.count)
    }

    @Test("each example does what it says", arguments: Self.playable)
    func plays(example: GuideExample) throws {
        let folder = try Self.write()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(!example.steps.isEmpty)
        let log = LogRecorder()
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: try Self.settings(folder, log))
        relay.clock.advance(by: .seconds(1_000_000))
        var (outcome, rollbacks) = ("", 0)
        var players: [String: SimulatedClient] = [:]
        var unread: [String: [ReceivedMessage]] = [:]
        for step in example.steps {
            switch step {
            case .sends(let name, let text):
                if players[name] == nil { players[name] = relay.connect() }
                players[name]?.send(text)
                relay.settle()
            case .gets(let name, let text):
                unread[name, default: []] += players[name]?.read() ?? []
                try #require(unread[name]?.isEmpty == false, "\(example.path): \(name) got nothing, not \(text)")
                let got = unread[name, default: []].removeFirst()
                let isAsSaid = try contains(object(got.description), object(text))
                #expect(isAsSaid, "\(example.path): \(name) got \(got), not \(text)")
            case .waits(let duration):
                relay.pass(duration)
            case .saves(let source):
                try Data(source.utf8).write(to: folder.appending(path: example.path))
                outcome = try Self.save(folder, relay, log)
            case .outcome(let text):
                #expect(outcome.hasPrefix(text), "\(example.path): \(outcome)")
            case .goesBack(let text):
                try #require(relay.events.count == rollbacks + 1, "\(example.path)")
                guard case .rolledBack(let rollback) = relay.events[rollbacks] else { throw CancellationError() }
                #expect(rollback.failure?.text.hasPrefix(text) == true, "\(rollback)")
                rollbacks += 1
            }
        }
        #expect(relay.events.count == rollbacks)
        // The same one is told once.
        let failures = log.entries.filter { $0.level >= .warning }
        let shown = example.source.matches(of: /rules_failed/).count
        #expect(failures.count <= shown && failures.isEmpty == (shown == 0), "\(failures)")
    }

    /// Has a relay go on under what a folder says now, as one does that follows it.
    /// - Returns: What came of it.
    private static func save(_ folder: URL, _ relay: SimulatedRelay, _ log: LogRecorder) throws -> String {
        do {
            let tried = try #require(relay.rehearse(try Self.settings(folder, LogRecorder())))
            if let refusal = tried.refusals.first { return "refused: \(refusal.text)" }
            let adopted = try #require(relay.adopt(try Self.settings(folder, log)))
            return adopted.refused == 0 && adopted.changed == tried.changed ? "in force" : "\(adopted)"
        } catch let error as ScriptError {
            return "refused: \(error)"
        }
    }

    @Test("its first steps are those of the example: the mistake it describes is told as it says")
    func mistake() throws {
        let dice = try #require(Self.examples.first)
        let error = try #require(loadError(dice.source.replacing("rules.commands.roll(", with: "rules.commands.rol(")))
        let said = try #require(
            Self.text.firstMatch(of: /`scripts\/dice.lua:(\d+): (commands.rol has no schema[^`]*)`/)
        )
        #expect(error.line == Int(said.1))
        #expect(error.text.hasPrefix(said.2.replacing("dice.lua", with: "ttt.lua")))
    }

    @Test("every hook, function, field and option stands in an example")
    func isComplete() throws {
        let stub = Stub(EditorTypes.stub())
        let code = Self.examples.map { $0.source }.joined(separator: "\n")
        for (members, place) in [("Room", "room[.:]"), ("Client", #"client\."#), ("Gavel", #"gavel\."#)] {
            for name in stub.members(members) {
                #expect(code.contains(try Regex("\(place)\(name)(?![a-z_])")), "\(members): \(name)")
            }
        }
        for name in stub.members("GavelJSON") { #expect(code.contains("gavel.json.\(name)"), "gavel.json.\(name)") }
        for name in stub.members("Rules") { #expect(code.contains("rules.\(name)"), "rules.\(name)") }
        for name in stub.members("Options") { #expect(code.contains("\(name) = "), "options: \(name)") }
    }

    @Test("each game of the folder stands in its list")
    func listsGames() throws {
        let games = try FileManager.default.contentsOfDirectory(atPath: scriptsFolder).filter { $0.hasSuffix(".lua") }
        #expect(games.count > 5)
        for game in games { #expect(Self.text.contains("[`\(game)`](\(game))"), "\(game)") }
    }

    /// Rooms by the file of their rules: those of dice.lua have names that begin with dice-.
    private static func settings(_ folder: URL, _ log: LogRecorder) throws -> RelaySettings {
        var policies: [String: RoomPolicy] = [:]
        for example in Self.playable {
            let rules = try ScriptRules.load(
                path: folder.appending(path: example.path).path,
                folder: folder.path,
                configuration: .patient,
                logger: log.logger,
                seed: { (1, 2, 3, 4) }
            )
            policies[example.path] = RoomPolicy(rules: rules)
        }
        return RelaySettings { [policies] key in policies["\(key)".prefix { $0 != "-" } + ".lua"] }
    }

    /// All files of the guide, in a folder of their own.
    private static func write() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "gavel-guide-\(UInt64.random(in: 0...UInt64.max))")
        for example in Self.examples {
            let file = folder.appending(path: example.path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(example.source.utf8).write(to: file)
        }
        return folder
    }
}

extension GuideExample: CustomTestStringConvertible {
    package var testDescription: String { self.path }
}

private func object(_ text: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary, "\(text)")
}

/// Whether a message has all members that are named.
private func contains(_ message: NSDictionary, _ members: NSDictionary) -> Bool {
    members.allSatisfy { key, value in (message[key] as? NSObject)?.isEqual(value) == true }
}
