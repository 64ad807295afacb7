import Foundation
import GavelAdmin
import GavelTesting
import NIOCore
import Testing

@Suite("Commands for a relay's rules", .timeLimit(.minutes(10)))
struct RulesCommandTests {
    private let folder = TestFolder()
    private let log = LogRecorder()
    private var socket: String { self.folder.url.appending(path: "gavel.sock").path(percentEncoded: false) }

    /// Rules that sign what is said.
    static func rules(_ sign: String) -> String {
        """
        local rules = gavel.rules()
        rules.messages.say = {}
        function rules.filters.say(room, client, msg) return { sign = "\(sign)" } end
        return rules
        """
    }

    private func withRelay(_ body: (ControlClient, SocketClient) async throws -> Void) async throws {
        try self.folder.write(
            "config.toml",
            """
            [reload]
            watch = "off"
            [[rooms]]
            match = "*"
            rules = "game.lua"
            """
        )
        try self.folder.write("scripts/game.lua", Self.rules("first"))
        try await RunningRelay.run(self.folder, log: self.log, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"a"}"#)
            _ = await player.next("joined")
            try await ControlClient.with(self.socket) { try await body($0, player) }
        }
    }

    private func sign(_ player: SocketClient) async -> String? {
        player.send(#"{"type":"say"}"#)
        return await player.next("say")?["sign"]
    }

    @Test("have it take up what was saved, and go back")
    func reload() async throws {
        try await self.withRelay { client, player in
            #expect(try await client.call(Commands.reload, NoArguments()).files.allSatisfy { $0.result == .unchanged })
            try self.folder.write("scripts/game.lua", Self.rules("second"))
            #expect(await self.sign(player) == "first")
            let outcomes = try await client.call(Commands.reload, NoArguments())
            let outcome = try #require(outcomes.files.first { $0.file == "game.lua" })
            #expect(outcome.result == .applied && outcome.rooms == 1 && outcome.from != outcome.to)
            #expect(!outcomes.isRefusal)
            #expect(await self.sign(player) == "second")

            let history = try #require(try await client.call(Commands.versions, NoArguments()).files.first)
            #expect(history.file == "game.lua" && history.versions.map(\.version) == [outcome.to, outcome.from])
            #expect(history.versions[0].files == ["game.lua"] && history.refused == [])

            let back = try await client.call(Commands.rollback, RollbackArguments(file: "game.lua"))
            #expect(back.files.map(\.to) == [outcome.from] && back.files[0].rooms == 1)
            #expect(await self.sign(player) == "first")
        }
    }

    @Test("tell why they were not done")
    func refused() async throws {
        try await self.withRelay { client, player in
            try self.folder.write(
                "scripts/game.lua",
                "local rules = gavel.rules()\nrules.filters.say = 1\nreturn rules"
            )
            let outcomes = try await client.call(Commands.reload, NoArguments())
            #expect(outcomes.isRefusal)
            #expect(outcomes.files.first { $0.file == "game.lua" }?.mistakes.first?.hasPrefix("game.lua:2: ") == true)
            #expect(await self.sign(player) == "first")
            let refused = try await client.call(Commands.versions, NoArguments()).files.first?.refused
            #expect(refused?.first?.hasPrefix("game.lua:2: ") == true)
            for (file, version) in [("game.lua", nil), ("game.lua", "nonsense"), ("other.lua", nil)] {
                let back = try await client.call(Commands.rollback, RollbackArguments(file: file, version: version))
                #expect(back.isRefusal && back.files.map(\.file) == [file])
            }
        }
    }
}
