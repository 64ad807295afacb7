import Foundation
import GavelConfig
import GavelCore
import GavelTransport
import Logging
import Testing

@Suite("A configuration that is read again")
struct ConfigurationChangesTests {
    private func changes(_ old: String, _ new: String) throws -> ConfigurationChanges {
        let folder = URL(filePath: "/nowhere", directoryHint: .isDirectory)
        let environment = ["GAVEL_KEEPALIVE_PING": "7s"]
        func read(_ text: String) throws -> GavelConfiguration {
            try ConfigurationReader.read(text: text, folder: folder, environment: environment).get()
        }
        return ConfigurationChanges(from: try read(old), to: try read(new))
    }

    @Test("tells apart what is live and what waits for a restart, and keeps the latter as it is")
    func sorts() throws {
        let changes = try self.changes(
            "[server]\nport = 1\nthreads = 2",
            "[server]\nport = 2\ndrain = \"3s\"\n[limits]\nrooms = 4\n[keepalive]\nping = \"9s\""
        )
        #expect(changes.atRestart.map(\.description) == ["server.port: 1 → 2", "server.threads: 2 → \"auto\""])
        #expect(
            changes.live.map(\.description) == ["server.drain: \"10s\" → \"3s\"", "limits.rooms: \"off\" → 4"]
        )
        #expect(changes.configuration.transport.port == 1)
        #expect(changes.configuration.threads == 2)
        #expect(changes.configuration.limits.rooms == 4)
        // The environment goes before the file, as it did at the start.
        #expect(changes.configuration.transport.pingInterval == .seconds(7))
        #expect(!changes.isEmpty)
        #expect(!changes.areRoomsOther)
    }

    @Test("sees every change of the rooms, and none in comments, spaces or what waits")
    func rooms() throws {
        let rooms = "[[rooms]]\nmatch = \"a\"\n"
        #expect(try self.changes(rooms, "# A comment\n" + rooms + "presence = false").isEmpty)
        #expect(try self.changes(rooms, rooms + "linger = \"1m\"").areRoomsOther)
        #expect(try self.changes(rooms, rooms + "[rooms.history]\nmessages = 5").areRoomsOther)
        #expect(try self.changes(rooms, rooms + "[[rooms]]\nmatch = \"b\"").areRoomsOther)
        #expect(try self.changes(rooms, "").areRoomsOther)
        #expect(try self.changes("", "[storage]\nkind = \"sqlite\"").isEmpty)
    }

    @Test("every key is live or waits, and those that wait are the few that a relay is built on")
    func effects() {
        let waiting = Settings.all.filter { $0.effect == .atRestart }.map(\.path.description)
        #expect(
            waiting == [
                "server.host", "server.port", "server.threads", "storage.kind", "storage.path", "storage.durability",
                "storage.keep_messages", "storage.keep", "log.format", "control.socket", "http.host",
                "http.port", "http.token", "http.names", "http.relay", "scripts.folder",
            ]
        )
    }

    @Test("the level of all loggers follows, but for one that was set by itself")
    func logLevel() {
        let level = LogLevel(.info)
        for format in LogConfiguration.Format.allCases {
            level.set(.info)
            var configuration = LogConfiguration()
            configuration.format = format
            let logger = Logger(label: "test") { label in
                configuration.makeHandler(label: label, metadataProvider: nil, level: level)
            }
            var other = logger
            other.logLevel = .error
            #expect(logger.logLevel == .info)
            level.set(.debug)
            #expect(logger.logLevel == .debug)
            #expect(other.logLevel == .error)
        }
    }
}
