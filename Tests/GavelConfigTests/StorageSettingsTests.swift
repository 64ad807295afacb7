import Foundation
import GavelConfig
import GavelCore
import GavelStorage
import Testing

@Suite("[storage]")
struct StorageSettingsTests {
    private func read(_ text: String, folder: String = "/srv/gavel/") -> ConfigurationReport {
        ConfigurationReader.read(
            text: text,
            fileName: "config.toml",
            folder: URL(filePath: folder, directoryHint: .isDirectory),
            environment: [:],
            flags: []
        )
    }

    @Test("without it rooms are kept in memory alone")
    func defaults() throws {
        #expect(try self.read("").get().storageFile == nil)
    }

    @Test("a path is seen from the folder of the configuration file")
    func path() throws {
        #expect(try self.read("[storage]\nkind = \"sqlite\"").get().storageFile == "/srv/gavel/gavel.db")
        let other = try self.read("[storage]\nkind = \"sqlite\"\npath = \"../data/a b.db\"").get()
        #expect(other.storageFile == "/srv/data/a b.db")
        let absolute = try self.read("[storage]\nkind = \"sqlite\"\npath = \"/var/lib/gavel.db\"").get()
        #expect(absolute.storageFile == "/var/lib/gavel.db")
    }

    @Test("its values are read")
    func values() throws {
        let storage = try self.read(
            """
            [storage]
            kind = "sqlite"
            durability = "strict"
            keep_messages = 5
            keep = "24h"
            """
        ).get().storage
        #expect(storage.durability == .strict)
        #expect(storage.keepMessages == 5)
        #expect(storage.keepAge == .seconds(86_400))
    }

    @Test(
        "what cannot be is told",
        arguments: [
            ("path = \"\"", "the path is empty"), ("path = \":memory:\"", "\":memory:\" is not a file name"),
            ("path = \"data/\"", "\"data/\" is a folder"), ("kind = \"redis\"", "\"redis\" is not known here"),
            ("keep = \"7d\"", "\"7d\" has an unknown unit"),
        ]
    )
    func mistakes(_ line: String, _ text: String) {
        let problems = self.read("[storage]\n\(line)").problems
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains(text) == true, "\(problems)")
    }

    @Test("a kind of rooms can be left out of the log")
    func unlogged() throws {
        let configuration = try self.read("[[rooms]]\nmatch = \"a\"\nlog = false\n[[rooms]]\nmatch = \"b\"").get()
        #expect(configuration.rooms.map { $0.policy(rules: nil).isLogged } == [false, true])
    }
}
