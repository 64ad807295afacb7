import Foundation
import GavelBench
import GavelTesting
import Logging
import NIOCore
import Testing

@testable import GavelServer

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Rules that are saved while people play", .timeLimit(.minutes(10)))
struct RulesReloadTests {
    private let folder = TestFolder()
    private let log = LogRecorder()

    /// Rules that sign what is said, in a room that counts it.
    private static func rules(_ sign: String, _ more: String = "") -> String {
        """
        local rules = gavel.rules()
        rules.messages.say = { n = gavel.integer }
        function rules.on_create(room) room.state = { count = 0 } end
        function rules.filters.say(room, client, msg)
          room.state.count = room.state.count + 1
          return { n = msg.n, count = room.state.count, sign = "\(sign)" }
        end
        \(more)
        return rules
        """
    }

    private func configure(_ lines: String = "", watch: String = "events") throws {
        try self.folder.write(
            "config.toml",
            """
            [reload]
            watch = "\(watch)"
            poll = "100ms"

            [[rooms]]
            match = "game-*"
            rules = "game.lua"

            \(lines)
            """
        )
    }

    private func player(_ address: SocketAddress, _ room: String) async throws -> SocketClient {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"\#(room)"}"#)
        _ = await client.next("joined")
        return client
    }

    /// Says something, and hears it.
    private func say(_ client: SocketClient, _ n: Int) async -> ReceivedMessage? {
        client.send(#"{"type":"say","n":\#(n)}"#)
        return await client.next("say")
    }

    @Test(
        "take effect in running rooms, soon, and no message is lost",
        arguments: ["events", "poll"]
    )
    func goodSaves(_ watch: String) async throws {
        try self.configure(watch: watch)
        try self.folder.write("scripts/game.lua", Self.rules("0"))
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let client = try await self.player(address, "game-1")
            var (said, fastest) = (0, Duration.seconds(60))
            for save in 1...3 {
                let start = ContinuousClock.now
                let editor = Editor.allCases[save]
                try editor.save(Self.rules("\(save)"), to: self.folder.scripts.appending(path: "game.lua"))
                while true {
                    said += 1
                    let heard = try #require(await self.say(client, said))
                    #expect(heard[number: "n"] == Int64(said))
                    #expect(heard[number: "count"] == Int64(said))
                    #expect(heard[number: "msg_id"] == Int64(said))
                    if heard["sign"] == "\(save)" { break }
                    #expect(heard["sign"] == "\(save - 1)")
                }
                fastest = min(fastest, start.duration(to: .now))
            }
            // Half a second or less where nothing else runs; beside other tests it takes what it takes.
            #expect(fastest < .seconds(10))
            await client.disconnect()
        }
        let outcomes = self.log.entries("in force")
        #expect(outcomes.map { $0["rooms"] } == ["1", "1", "1"])
        #expect(outcomes.map { $0["to"] }.dropLast() == outcomes.map { $0["from"] }.dropFirst())
        #expect(self.log.entries.allSatisfy { $0.level <= .info })
    }

    @Test(
        "change nothing where something is wrong with them, which is told once, with its place",
        arguments: [
            ("function rules.filters.say(", "game.lua:9: "),
            ("error('no')", "game.lua:8: no"),
            ("rules.messages.other = { n = \"integer\" }", "game.lua:8: messages.other.n is a string."),
            ("function rules.on_reload(room) error('not yet') end", "game.lua:8: not yet"),
            ("function rules.on_relaod(room) end", "game.lua:8: unknown hook "),
        ]
    )
    func brokenSaves(_ mistake: String, _ text: String) async throws {
        try self.configure()
        try self.folder.write("scripts/game.lua", Self.rules("old"))
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let client = try await self.player(address, "game-1")
            try self.folder.write("scripts/game.lua", Self.rules("broken", mistake))
            let refusal = await self.log.wait("refused, everything stays as it was")
            #expect(refusal.level == .warning)
            #expect(refusal["file"] == "game.lua")
            #expect(refusal["mistakes"].contains(text), "\(refusal)")
            #expect(await self.say(client, 1)?["sign"] == "old")

            try self.folder.write("scripts/game.lua", Self.rules("mended"))
            await self.log.wait("in force", file: "game.lua")
            let heard = await self.say(client, 2)
            #expect(heard?["sign"] == "mended")
            #expect(heard?[number: "count"] == 2)
            await client.disconnect()
        }
        #expect(self.log.entries("refused, everything stays as it was").count == 1)
    }

    @Test("concern the rooms that use a module, and no others")
    func modules() async throws {
        try self.configure("[[rooms]]\nmatch = \"other-*\"\nrules = \"other.lua\"")
        let required = "local sign = require 'lib.sign'\n" + Self.rules("\" .. sign .. \"")
        try self.folder.write("scripts/game.lua", required)
        try self.folder.write("scripts/other.lua", Self.rules("other"))
        try self.folder.write("scripts/lib/sign.lua", "return 'one'")
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let game = try await self.player(address, "game-1")
            let other = try await self.player(address, "other-1")
            #expect(await self.say(game, 1)?["sign"] == "one")
            try self.folder.write("scripts/lib/sign.lua", "return 'two'")
            let outcome = await self.log.wait("in force")
            #expect(outcome["file"] == "game.lua")
            #expect(outcome["rooms"] == "1")
            #expect(await self.say(game, 2)?["sign"] == "two")
            #expect(await self.say(other, 1)?["sign"] == "other")

            try self.folder.write("scripts/lib/sign.lua", "return nothing")
            let refusal = await self.log.wait("refused, everything stays as it was")
            #expect(refusal["file"] == "lib/sign.lua")
            #expect(refusal["mistakes"].contains("lib/sign.lua:1: "))
            #expect(await self.say(game, 3)?["sign"] == "two")
            await game.disconnect()
            await other.disconnect()
        }
        #expect(self.log.entries("in force").count == 1)
    }

    @Test("are told where they say what they said, where nobody uses them, and where on_create is another")
    func told() async throws {
        try self.configure()
        try self.folder.write("scripts/game.lua", Self.rules("one"))
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let client = try await self.player(address, "game-1")
            try self.folder.write("scripts/game.lua", Self.rules("one"))
            await self.log.wait("nothing changed", file: "game.lua")
            try self.folder.write("scripts/draft.lua", "not Lua yet")
            let unused = await self.log.wait("nothing changed", file: "draft.lua")
            #expect(unused["notes"].contains("No room uses it."))
            let created = Self.rules("two").replacing("count = 0 }", with: "count = 0, more = 1 }")
            try self.folder.write("scripts/game.lua", created)
            #expect(await self.log.wait("in force")["notes"].contains("on_create is another now"))
            #expect(await self.say(client, 1)?["sign"] == "two")
            await client.disconnect()
        }
    }

    @Test("are all read again at SIGHUP")
    func hangup() async throws {
        try self.configure(watch: "off")
        try self.folder.write("scripts/game.lua", Self.rules("one"))
        try await RunningRelay.run(self.folder, log: self.log, hearsHangups: true) { address in
            let client = try await self.player(address, "game-1")
            try self.folder.write("scripts/game.lua", Self.rules("two"))
            #expect(await self.say(client, 1)?["sign"] == "one")
            kill(getpid(), SIGHUP)
            await self.log.wait("in force", file: "game.lua")
            #expect(await self.say(client, 2)?["sign"] == "two")
            // Of the configuration.
            await self.log.wait("nothing changed")
            let count = self.log.entries.count
            kill(getpid(), SIGHUP)
            #expect(await self.log.wait("nothing changed", after: count)["files"].contains("game.lua"))
            await client.disconnect()
        }
    }
}
