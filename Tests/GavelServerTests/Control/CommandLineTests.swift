import Foundation
import GavelTesting
import NIOCore
import Testing

@Suite("The program gavel, run by an operator", .timeLimit(.minutes(10)))
struct CommandLineTests {
    private let folder = TestFolder()
    private let log = LogRecorder()

    private func gavel(_ words: String...) async throws -> GavelProgram.Result {
        let file = self.folder.url.appending(path: "config.toml").path(percentEncoded: false)
        return try await GavelProgram.run(words + ["--config", file])
    }

    /// Runs a relay with Ada in the room `lobby`.
    private func withRelay(_ body: (SocketClient) async throws -> Void) async throws {
        try self.folder.write(
            "config.toml",
            "[reload]\nwatch = \"off\"\n[[rooms]]\nmatch = \"*\"\nrules = \"game.lua\"\n"
        )
        try self.folder.write("scripts/game.lua", RulesCommandTests.rules("first"))
        try await RunningRelay.run(self.folder, log: self.log, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"lobby","name":"Ada"}"#)
            _ = await player.next("joined")
            try await body(player)
        }
    }

    @Test("shows the relay, its rooms and one of them, to people and to programs")
    func looks() async throws {
        try await self.withRelay { _ in
            let status = try await self.gavel("status")
            #expect(status.code == 0 && status.output.hasPrefix("gavel 0."))
            #expect(status.complaint.isEmpty)
            let statusJSON = try await self.gavel("status", "--format", "json").json
            #expect((statusJSON?["now"] as? [String: Any])?["rooms"] as? Int == 1)
            let rooms = try await self.gavel("rooms", "--sort", "clients", "--limit", "5")
            #expect(rooms.code == 0 && rooms.output.hasPrefix("ROOM ") && rooms.output.contains("\nlobby "))
            #expect(try await self.gavel("rooms", "nowhere").output == "None of the 1 rooms is like that.\n")
            #expect(try await self.gavel("rooms", "--format", "json").json?["total"] as? Int == 1)
            let room = try await self.gavel("room", "lobby")
            #expect(room.code == 0 && room.output.contains("Ada") && room.output.contains(#"{"state":{},"#))
            let roomJSON = try await self.gavel("room", "lobby", "--format", "json").json
            #expect((roomJSON?["clients"] as? [[String: Any]])?.first?["name"] as? String == "Ada")
            #expect(try await self.gavel("log-level").output == "Logged from info on.\n")
        }
    }

    @Test("acts on rooms")
    func acts() async throws {
        try await self.withRelay { player in
            #expect(try await self.gavel("notice", "Soon", "--room", "lobby").output == "Told in 1 room.\n")
            #expect(await player.next("notice")?["text"] == "Soon")
            let kick = try await self.gavel("kick", "lobby", "1", "--reason", "rude")
            #expect(kick.code == 0 && kick.output == "Client 1 is out of lobby.\n")
            #expect(await player.next("left")?["reason"] == "kicked")
            let close = try await self.gavel("close", "lobby", "--format", "json")
            #expect(close.code == 0 && close.json?["done"] as? String == "The room lobby is closed.")
            let level = try await self.gavel("log-level", "debug", "--format", "json")
            #expect(level.json?["level"] as? String == "debug" && level.json?["former"] as? String == "info")
        }
    }

    @Test("exits with 1 where the relay would not")
    func refusals() async throws {
        try await self.withRelay { _ in
            let room = try await self.gavel("room", "nowhere")
            #expect(room.code == 1 && room.output.isEmpty)
            #expect(room.complaint == "There is no room \"nowhere\" at the moment.\n")
            let kick = try await self.gavel("kick", "lobby", "7", "--format", "json")
            #expect(kick.code == 1 && (kick.json?["error"] as? [String: Any])?["code"] as? String == "not_found")
            #expect(try await self.gavel("close", "nowhere").code == 1)
            #expect(try await self.gavel("notice", "x", "--room", "nowhere").code == 1)
            #expect(try await self.gavel("rollback", "other.lua").code == 1)
        }
    }

    @Test("exits with 2 where a command is written wrong")
    func usage() async throws {
        try await self.withRelay { _ in
            #expect(try await self.gavel("kick", "lobby").code == 2)
            #expect(try await self.gavel("rooms", "--sort", "size").code == 2)
            #expect(try await self.gavel("watch", "lobby", "--rate", "0").code == 2)
            let level = try await self.gavel("log-level", "loud")
            #expect(level.code == 2 && level.complaint.hasPrefix("level cannot be \"loud\"."))
        }
        #expect(try await GavelProgram.run(["status", "--config", "/nonexistent/config.toml"]).code == 2)
        #expect(try await GavelProgram.run(["statu"]).code == 2)
    }

    @Test("has rules read again, lists them and goes back, and exits with 1 where they are refused")
    func rules() async throws {
        try await self.withRelay { _ in
            try self.folder.write("scripts/game.lua", RulesCommandTests.rules("second"))
            let reload = try await self.gavel("reload")
            #expect(reload.code == 0 && reload.output.contains("game.lua: ") && reload.output.contains(", 1 room, "))
            let versions = try await self.gavel("versions")
            #expect(versions.code == 0 && versions.output.hasPrefix("game.lua\n  "))
            let files = try await self.gavel("versions", "--format", "json").json?["files"] as? [[String: Any]]
            #expect((files?.first?["versions"] as? [Any])?.count == 2)
            #expect(try await self.gavel("rollback", "game.lua").code == 0)
            try self.folder.write("scripts/game.lua", "local rules = ")
            let refused = try await self.gavel("reload")
            #expect(
                refused.code == 1
                    && refused.output.contains("game.lua: refused; everything is as it was\n  game.lua:1: ")
            )
            let refusedJSON = try await self.gavel("reload", "--format", "json")
            #expect(refusedJSON.code == 1 && refusedJSON.json?["files"] != nil)
        }
    }

    @Test("shows what happens in a room, line by line", arguments: ["text", "json"])
    func watch(_ format: String) async throws {
        try await self.withRelay { player in
            let file = self.folder.url.appending(path: "config.toml").path(percentEncoded: false)
            try await GavelProgram.listen(["watch", "lobby", "--config", file, "--format", format]) { lines in
                for await line in lines {
                    if line.contains("observed") { player.send(#"{"type":"say"}"#) }
                    guard line.contains("say") else { continue }
                    if format == "json" {
                        #expect(line.contains(#""hook":"filters.say""#) && line.contains(#""msg_id":1"#))
                    } else {
                        #expect(line.contains("1 say ") && line.contains("changed") && line.contains("#1 to 1"))
                    }
                    return
                }
                Issue.record("it ended")
            }
        }
    }

    @Test("reads what is recorded from the database where no relay runs, and else tells what is in the way")
    func record() async throws {
        let configuration = "[storage]\nkind = \"sqlite\"\n[[rooms]]\nmatch = \"*\"\n"
        try self.folder.write("config.toml", configuration)
        let socket = self.folder.url.appending(path: "gavel.sock").path(percentEncoded: false)
        try await RunningRelay.run(self.folder, log: self.log, isControlled: true) { _ in
            let list = try await self.gavel("record", "list")
            #expect(list.code == 0 && list.output == "Nothing is recorded.\n")
            // Somebody listens there, and cannot be reached.
            try FileManager.default.moveItem(atPath: socket, toPath: socket + ".other")
            try FileManager.default.createSymbolicLink(atPath: socket, withDestinationPath: "gavel.sock")
            let unreached = try await self.gavel("record", "list")
            #expect(unreached.code == 3 && unreached.complaint.hasPrefix("gavel: no relay can be reached over "))
            try FileManager.default.removeItem(atPath: socket)
        }
        let list = try await self.gavel("record", "list")
        #expect(list.code == 0 && list.output == "Nothing is recorded.\n")
        let none = try await self.gavel("record", "export", "a", "--format", "json")
        #expect(none.code == 1 && (none.json?["error"] as? [String: Any])?["code"] as? String == "not_found")

        try self.folder.write("config.toml", configuration + "[limits]\nrooms = \"many\"\n")
        let wrong = try await self.gavel("record", "list")
        #expect(wrong.code == 2 && wrong.complaint.contains("limits.rooms: "))
        let file = self.folder.url.appending(path: "config.toml").path(percentEncoded: false)
        let replay = try await self.gavel("replay", file, "--rules", "a.lua", "--format", "json")
        let text = (replay.json?["error"] as? [String: Any])?["text"] as? String
        #expect(replay.code == 2 && text?.contains("limits.rooms: ") == true)
        let path = self.folder.url.appending(path: "none.toml").path(percentEncoded: false)
        #expect(try await GavelProgram.run(["record", "list", "--config", path]).code == 2)
    }

    @Test("ends the relay, and exits with 3 where there is none, or it takes no commands")
    func drain() async throws {
        try await self.withRelay { player in
            let drain = try await self.gavel("drain")
            #expect(drain.code == 0)
            #expect(await player.next("closing") != nil)
        }
        for command in [["status"], ["rooms"], ["reload"], ["versions"], ["watch", "lobby"], ["drain"]] {
            let file = self.folder.url.appending(path: "config.toml").path(percentEncoded: false)
            let result = try await GavelProgram.run(command + ["--config", file])
            #expect(result.code == 3 && result.complaint.hasPrefix("gavel: no relay is running"))
        }
        try self.folder.write("config.toml", "[control]\nsocket = \"off\"\n")
        #expect(try await self.gavel("status").code == 3)
    }
}
