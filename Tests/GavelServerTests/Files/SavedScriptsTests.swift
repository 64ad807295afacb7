import Foundation
import GavelConfig
import Logging
import Testing

@testable import GavelServer

@Suite("Saves, for who runs no relay", .timeLimit(.minutes(10)))
struct SavedScriptsTests {
    @Test("are those of scripts, and of the configuration file, from the call on")
    func saves() async throws {
        let folder = TestFolder()
        try folder.write("config.toml", "[scripts]\nfolder = \"scripts\"\n")
        try folder.write("scripts/tests/game_test.lua", "one")
        let source = ConfigurationSource(path: folder.url.appending(path: "config.toml").path, environment: [:])
        let all = SavedScripts.all(
            in: try source.read().get(),
            from: source,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        // Nobody waits for it yet.
        try folder.write("scripts/tests/game_test.lua", "two")
        var saves = all.makeAsyncIterator()
        let first = await saves.next()
        #expect((first?.scripts, first?.hasConfiguration) == (["tests/game_test.lua"], false))
        try folder.write("config.toml", "[scripts]\nfolder = \"./scripts\"\n")
        let second = await saves.next()
        #expect((second?.scripts, second?.hasConfiguration) == ([], true))
    }
}
