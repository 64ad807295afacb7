import Foundation
import GavelConfig
import GavelTesting
import Logging
import NIOCore
import Testing

@testable import GavelServer

@Suite("A configuration that is saved while people play", .timeLimit(.minutes(10)))
struct ConfigurationReloadTests {
    private let folder = TestFolder()
    private let log = LogRecorder()

    private func save(_ text: String) throws {
        try self.folder.write("config.toml", text)
    }

    private func join(_ address: SocketAddress, _ room: String) async throws -> (SocketClient, ReceivedMessage?) {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"\#(room)"}"#)
        return (client, await client.next())
    }

    @Test("takes effect in rooms and connections that are there, and in those to come")
    func live() async throws {
        try self.save("")
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let (ann, joined) = try await self.join(address, "lobby")
            #expect(joined?.type == "joined")
            try self.save(
                """
                [server]
                unlisted_rooms = "refuse"
                [limits]
                message_bytes = "200B"
                [[rooms]]
                match = "lobby"
                presence = true
                max_clients = 2
                message_bytes = "150B"
                """
            )
            let outcome = await self.log.wait("in force")
            #expect(outcome["file"].hasSuffix("config.toml"))
            #expect(outcome["changes"].contains("limits.message_bytes: \\\"64KiB\\\" → \\\"200B\\\""), "\(outcome)")
            #expect(outcome["changes"].contains("[[rooms]]"))

            let (bob, _) = try await self.join(address, "lobby")
            #expect(await ann.next("client_joined")?[number: "client_id"] == 2)
            let (eve, refusal) = try await self.join(address, "lobby")
            #expect(refusal?["code"] == "room_full")
            eve.send(#"{"type":"join","room":"elsewhere"}"#)
            #expect(await eve.next("error")?["code"] == "forbidden")
            ann.send(#"{"type":"say","text":"\#(String(repeating: "x", count: 140))"}"#)
            #expect(await ann.next("error")?["code"] == "too_large")
            ann.send(#"{"type":"say","text":"\#(String(repeating: "x", count: 300))"}"#)
            #expect(await ann.next() == nil)
            #expect(ann.closeCode == 1009)
            await bob.disconnect()
            await eve.disconnect()
        }
    }

    @Test("names what waits for a restart, with both values, and takes the rest")
    func waiting() async throws {
        try self.save("")
        try await RunningRelay.run(self.folder, log: self.log) { _ in
            try self.save("[server]\nthreads = 3\n[storage]\nkeep_messages = 7\n[limits]\nrooms = 5")
            let warning = await self.log.wait("settings that wait for a restart")
            #expect(warning.level == .warning)
            #expect(warning["keys"].contains("server.threads: \\\"auto\\\" → 3"), "\(warning)")
            #expect(warning["keys"].contains("storage.keep_messages: 10000 → 7"))
            #expect(await self.log.wait("in force")["changes"].contains("limits.rooms: \\\"off\\\" → 5"))
        }
    }

    @Test("leaves the level at which an operator has the log until it says another itself")
    func level() async throws {
        try self.save("")
        let level = LogLevel(.info)
        try await RunningRelay.run(self.folder, log: self.log, level: level) { _ in
            level.set(.debug)
            try self.save("[limits]\nrooms = 5")
            await self.log.wait("in force")
            #expect(level.level == .debug)
            let count = self.log.entries.count
            try self.save("[log]\nlevel = \"warning\"")
            await self.log.wait("in force", after: count)
            #expect(level.level == .warning)
        }
    }

    @Test("changes nothing where it is wrong, and tells every mistake once, as a check does")
    func wrong() async throws {
        try self.save("[limits]\nrooms = 5")
        try await RunningRelay.run(self.folder, log: self.log) { address in
            try self.save("[limits]\nrooms = \"many\"\n[[rooms]]\nmatch = \"a\"\npresense = true\n")
            let refusal = await self.log.wait("refused, everything stays as it was")
            #expect(refusal["mistakes"].contains("config.toml:2: limits.rooms: "), "\(refusal)")
            #expect(refusal["mistakes"].contains("config.toml:5: rooms[0].presense: "))
            try self.save("[limits]\nrooms = 6")
            #expect(await self.log.wait("in force")["changes"] == #"["limits.rooms: 5 → 6"]"#)
        }
        #expect(self.log.entries("refused, everything stays as it was").count == 1)
    }

    @Test("changes nothing where it is empty, as a save leaves it for which there is no room, and a comment is not")
    func empty() async throws {
        try self.save("[limits]\nrooms = 5")
        try await RunningRelay.run(self.folder, log: self.log) { address in
            try self.save("")
            let refusal = await self.log.wait("refused, everything stays as it was")
            #expect(refusal["mistakes"].contains("config.toml: the file is empty. "), "\(refusal)")
            try self.save("# all defaults")
            #expect(await self.log.wait("in force")["changes"] == #"["limits.rooms: 5 → \"off\""]"#)
        }
    }

    @Test("may name rules for the first time, and rules with mistakes refuse it")
    func rules() async throws {
        let rooms = "[[rooms]]\nmatch = \"game\"\nrules = \"game.lua\"\n"
        let rules = """
            local rules = gavel.rules()
            rules.params = { sides = gavel.integer }
            function rules.commands.join(room) return { sides = room.params.sides } end
            return rules
            """
        try self.save("")
        try self.folder.write("scripts/game.lua", rules)
        try await RunningRelay.run(self.folder, log: self.log) { address in
            try self.save(rooms)
            let refusal = await self.log.wait("refused, everything stays as it was")
            #expect(refusal["mistakes"].contains("sides"), "\(refusal)")
            try self.save(rooms + "[rooms.params]\nsides = 6")
            await self.log.wait("in force")
            let (client, joined) = try await self.join(address, "game")
            #expect(joined?[number: "sides"] == 6)
            let count = self.log.entries.count
            try self.save(rooms + "[rooms.params]\nsides = 20")
            #expect(await self.log.wait("in force", after: count)["rooms"] == "1")
            let (other, later) = try await self.join(address, "game")
            #expect(later?[number: "sides"] == 20)
            await client.disconnect()
            await other.disconnect()
        }
    }
}
