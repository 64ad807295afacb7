import Foundation
import GavelConfig
import GavelCore
import GavelTransport
import Testing

@Suite("The configuration that is shipped")
struct ShippedConfigurationTests {
    private let root: URL
    private let text: String

    init() throws {
        self.root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        self.text = try String(contentsOf: self.root.appending(path: "config.toml"), encoding: .utf8)
    }

    @Test("it has no mistake, and its rules are there")
    func isInOrder() throws {
        let path = self.root.appending(path: "config.toml").path(percentEncoded: false)
        let report = ConfigurationReader.read(path: path, environment: [:])
        let configuration = try report.get()
        #expect(report.warnings.isEmpty)
        let directory = configuration.directory { _ in Unused() }
        #expect(directory(RoomKey("tictactoe-1"))?.presence == true)
        #expect(directory(RoomKey("chat-lobby"))?.presence == true)
        #expect(directory(RoomKey("anything"))?.rules == nil)
        let games = try FileManager.default.contentsOfDirectory(atPath: configuration.scriptsFolder.path)
        #expect(Set(configuration.rooms.compactMap(\.rules)) == Set(games.filter { $0.hasSuffix(".lua") }))
    }

    @Test("every key stands in it with its default")
    func showsDefaults() throws {
        let configuration = ConfigurationReader.read(text: self.text, folder: self.root).configuration
        let defaults = GavelConfiguration()
        for setting in Settings.all {
            #expect(setting.text(configuration) == setting.text(defaults), "\(setting.path)")
            #expect(
                self.isWritten(setting.name, below: "[\(setting.section)]"),
                "\(setting.path) is not in config.toml"
            )
        }
        for setting in Settings.rooms {
            let header = setting.section.isEmpty ? "[[rooms]]" : "[rooms.\(setting.section)]"
            #expect(self.isWritten(setting.name, below: header), "\(header) \(setting.name) is not in config.toml")
        }
        let entry = RoomEntry(match: try Glob("*"), in: defaults)
        let shown = try #require(configuration.rooms.first)
        for setting in Settings.rooms where !setting.section.isEmpty {
            #expect(setting.text(shown) == setting.text(entry), "\(setting.path)")
        }
    }

    @Test("it marks each key whose change waits for a restart, and no other; so does the reference")
    func marksRestarts() throws {
        let reference = Settings.reference()
        for setting in Settings.all {
            let waits = setting.effect == .atRestart
            let section = try #require(self.text.split(separator: "[\(setting.section)]\n").last)
            let isWhole = section.hasPrefix("# Changes of this section take a restart.\n")
            let above = try #require(section.components(separatedBy: "\n\(setting.name) = ").first)
            let comment = above.components(separatedBy: "\n\n").last ?? ""
            #expect((isWhole || comment.lowercased().contains("at a restart")) == waits, "\(setting.path)")
            let entry = try #require(reference.components(separatedBy: "[\(setting.section)]\n").last)
            let told = try #require(entry.firstMatch(of: try Regex("(?m)^\(setting.name) = .*\n.*\n.*$"))).0
            #expect(told.hasSuffix("A change waits for a restart.") == waits, "\(setting.path)")
        }
    }

    @Test("what it recommends for production can be written")
    func recommendsWhatIsValid() throws {
        var count = 0
        let lines = self.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let comment = line.firstRange(of: "# production: ") else { return String(line) }
            count += 1
            let recommended = line[comment.upperBound...]
            #expect(recommended.prefix { $0 != " " } == line.prefix { $0 != " " })
            return String(recommended)
        }
        let report = ConfigurationReader.read(text: lines.joined(separator: "\n"), folder: self.root)
        #expect(report.problems.map(\.description) == [])
        #expect(count > 10)
        #expect(report.configuration.limits.messagesPerSecond != nil)
        #expect(!report.configuration.transport.allowedOrigins.isEmpty)
    }

    @Test("with it nothing limits how fast a client plays")
    func limitsNoSpeed() {
        let configuration = ConfigurationReader.read(text: self.text, folder: self.root).configuration
        #expect(configuration.limits.messagesPerSecond == nil)
        #expect(configuration.limits.bytesPerSecond == nil)
        #expect(configuration.limits.joinsPerMinute == nil)
        #expect(configuration.limits.rooms == nil)
        #expect(configuration.transport.connectionsPerAddress == nil)
        #expect(configuration.unlistedRooms == .relay)
    }

    @Test("the reference names every key with its variable")
    func hasReference() {
        let reference = Settings.reference()
        for setting in Settings.all {
            #expect(reference.contains("\n\(setting.name) = \(setting.text(GavelConfiguration()))\n"))
            #expect(reference.contains(setting.environmentName))
        }
    }

    private func isWritten(_ name: String, below header: String) -> Bool {
        var isBelow = false
        for line in self.text.split(separator: "\n") {
            if line.hasPrefix("[") { isBelow = line.hasPrefix(header) }
            if isBelow, line.hasPrefix("\(name) = ") { return true }
        }
        return false
    }

    private struct Unused: RulesProvider, Error {
        let name = "none", version = "", identity = ""

        func makeRules(for key: RoomKey) throws -> any RoomRules { throw self }
    }
}
