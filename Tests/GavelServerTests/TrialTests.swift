import Foundation
import GavelAdmin
import GavelTesting
import NIOCore
import Testing

/// Consoles and shadows of a running relay, over its control socket.
@Suite("Rules that are tried on a running room", .timeLimit(.minutes(10)))
final class TrialTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "gavel-trial-\(UUID().uuidString)", directoryHint: .isDirectory)
    private var socket: String { self.folder.appending(path: "gavel.sock").path(percentEncoded: false) }

    private static let configuration = """
        [scripts]
        folder = "rules"
        [dev]
        script_errors = true
        [[rooms]]
        match = "count-*"
        rules = "count.lua"
        """

    /// Counts what is added, at most up to `most`.
    private static func rules(most: Int, version: Int = 1) -> String {
        """
        local rules = gavel.rules()
        rules.messages.add = { n = gavel.integer }
        function rules.on_create(room)
          room.state.sum = 0
        end
        function rules.on_reload(room)
          room.state.version = \(version)
        end
        function rules.commands.add(room, client, message)
          if message.n > \(most) then gavel.reject("too_much") end
          room.state.sum = room.state.sum + message.n
          room:broadcast({ type = "sum", sum = room.state.sum })
          return { sum = room.state.sum }
        end
        return rules
        """
    }

    init() throws {
        let rules = self.folder.appending(path: "rules", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: rules, withIntermediateDirectories: true)
        try self.write("rules/count.lua", Self.rules(most: 100))
    }

    deinit {
        try? FileManager.default.removeItem(at: self.folder)
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: self.folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    private func path(_ name: String) -> String {
        self.folder.appending(path: name).path(percentEncoded: false)
    }

    private func withRoom(
        _ configuration: String = TrialTests.configuration,
        _ body: (_ player: SocketClient, _ client: ControlClient) async throws -> Void
    ) async throws {
        try await RunningRelay.run(configuration, folder: self.folder, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"count-1"}"#)
            _ = await player.next("joined")
            try await ControlClient.with(self.socket) { try await body(player, $0) }
        }
    }

    @Test("a console shows what a line would do, and does it for real when told to")
    func console() async throws {
        try await self.withRoom { player, client in
            func type(_ text: String, as sender: Int? = nil, commit: Bool? = nil) async throws -> ConsoleOutcome {
                let arguments = ConsoleArguments(room: "count-1", text: text, client: sender, commit: commit)
                return try await client.call(Commands.console, arguments)
            }
            #expect(try await type("room.state.sum").result == "0")
            let trial = try await type(#"{"type":"add","n":5}"#, as: 0)
            #expect(trial.client == 1 && !trial.isCommitted && !trial.isFailure)
            #expect(trial.effects == [#"broadcast {"type":"sum","sum":5}"#])
            #expect(trial.changes == [ChangeView("state.sum", before: "0", now: "5")])
            #expect(try await type("room.state.sum").result == "0")
            let mistake = try await type("room.state.sum = nothing.at.all")
            #expect(mistake.isFailure && mistake.result.contains("nothing"))
            let logged = try await type(#"gavel.log("here"); room.state.sum = 7"#)
            #expect(logged.logs == ["here"])

            let real = try await type(#"{"type":"add","n":3}"#, as: 1, commit: true)
            #expect(real.isCommitted && real.changes == [ChangeView("state.sum", before: "0", now: "3")])
            #expect(await player.next("sum")?.description.contains(#""sum":3"#) == true)
            #expect(try await type("room.state.sum = 40", commit: true).isCommitted)
            #expect(try await type("room.state.sum").result == "40")
            for (room, sender) in [("none", Int?.none), ("count-1", 9)] {
                let arguments = ConsoleArguments(room: room, text: #"{"type":"add","n":3}"#, client: sender)
                await #expect(throws: CommandError.self) { try await client.call(Commands.console, arguments) }
            }
        }
    }

    /// Listens to a shadow until it is over.
    private static func shadow(
        _ file: String,
        over socket: String,
        _ body: (ShadowLine) async throws -> Void
    ) async throws {
        try await ControlClient.with(socket) { client in
            try await client.listen(Commands.shadow, ShadowArguments(room: "count-1", file: file), body)
        }
    }

    @Test("a shadow tells where it differs, and its room can go on under it")
    func promotes() async throws {
        try self.write("new.lua", Self.rules(most: 4, version: 2))
        try await self.withRoom { player, client in
            var all: [ShadowLine] = []
            var isPromoted = false
            let (socket, file) = (self.socket, self.path("new.lua"))
            try await Self.shadow(file, over: socket) { line in
                all.append(line)
                if line.began != nil {
                    player.send(#"{"type":"add","n":3}"#)
                    player.send(#"{"type":"add","n":5}"#)
                }
                if line.figures?.messages == 2, !isPromoted {
                    isPromoted = true
                    let second = await #expect(throws: CommandError.self) {
                        try await Self.shadow(file, over: socket) { _ in }
                    }
                    #expect(second?.text.contains("already") == true)
                    try await ControlClient.with(socket) { other in
                        let room = RoomArguments(room: "count-1")
                        let promotion = try await other.call(Commands.shadowPromote, room)
                        #expect(promotion.refusals == [] && !promotion.isForAll)
                    }
                }
            }
            #expect(all.first?.began?.changes == [ChangeView("state.version", before: nil, now: "2")])
            let found = all.compactMap(\.difference)
            #expect(found.count == 1)
            #expect(found.first?.differences.map(\.kind) == ["refused", "effects"])
            #expect(found.first?.changes == [ChangeView("state.sum", before: "8", now: "3")])
            #expect(all.last?.ended == "The room runs this version now.")
            let view = try await client.call(Commands.room, RoomArguments(room: "count-1"))
            #expect(view.overview.rules == "new.lua" && view.overview.isOnProbation)
            let arguments = ConsoleArguments(room: "count-1", text: "room.state.sum .. room.state.version")
            #expect(try await client.call(Commands.console, arguments).result.contains("82"))
        }
    }

    @Test("promoting the file of the room's rules is a reload of all rooms with these rules")
    func promotesOwnFile() async throws {
        try await self.withRoom(Self.configuration + "\n[reload]\nwatch = \"off\"") { _, client in
            try self.write("rules/count.lua", Self.rules(most: 4, version: 3))
            let (socket, file) = (self.socket, self.path("rules/count.lua"))
            var ended: String?
            try await Self.shadow(file, over: socket) { line in
                ended = line.ended
                guard line.began != nil else { return }
                try await ControlClient.with(socket) { other in
                    let room = RoomArguments(room: "count-1")
                    let promotion = try await other.call(Commands.shadowPromote, room)
                    #expect(promotion.refusals == [] && promotion.isForAll)
                }
            }
            #expect(ended == "The room runs this version now.")
            let arguments = ConsoleArguments(room: "count-1", text: "room.state.version")
            #expect(try await client.call(Commands.console, arguments).result == "3")
        }
    }

    @Test("a promotion that another file of the same module forbids is told as refused, and the shadow goes on")
    func promotesSharedModule() async throws {
        func module(_ text: String) -> String { "local lib = {}\n\(text)\nreturn lib" }
        let user = "local lib = require('lib')\nlocal rules = gavel.rules()\n"
        try self.write("rules/lib.lua", module("lib.most = 1"))
        try self.write("rules/count.lua", user + "return rules")
        try self.write("rules/other.lua", user + "local most = lib.most + 1\nreturn rules")
        let configuration =
            Self.configuration + """

                [[rooms]]
                match = "other-*"
                rules = "other.lua"
                [reload]
                watch = "off"
                """
        try await self.withRoom(configuration) { _, client in
            try self.write("rules/lib.lua", module("lib.more = 2"))
            let (socket, file) = (self.socket, self.path("rules/count.lua"))
            let room = RoomArguments(room: "count-1")
            try await Self.shadow(file, over: socket) { line in
                guard line.began != nil else { return }
                try await ControlClient.with(socket) { other in
                    let promotion = try await other.call(Commands.shadowPromote, room)
                    #expect(promotion.refusals.count == 1)
                    #expect(promotion.refusals.first?.hasPrefix("other.lua:3: ") == true)
                    _ = try await other.call(Commands.shadowDrop, room)
                }
            }
        }
    }

    @Test("promoting a file that was saved again since is refused")
    func promotesOtherText() async throws {
        try await self.withRoom(Self.configuration + "\n[reload]\nwatch = \"off\"") { _, client in
            try self.write("rules/count.lua", Self.rules(most: 4, version: 3))
            let (socket, file) = (self.socket, self.path("rules/count.lua"))
            let room = RoomArguments(room: "count-1")
            try await Self.shadow(file, over: socket) { line in
                guard line.began?.isAgain == false else { return }
                try self.write("rules/count.lua", Self.rules(most: 4, version: 4))
                try await ControlClient.with(socket) { other in
                    let promotion = try await other.call(Commands.shadowPromote, room)
                    #expect(promotion.refusals == ["count.lua is another now than what was tried."])
                    _ = try await other.call(Commands.shadowDrop, room)
                }
            }
        }
    }

    @Test("a shadow is dropped when somebody says so, and when its room is over")
    func ends() async throws {
        try self.write("new.lua", Self.rules(most: 4, version: 2))
        try await self.withRoom { _, client in
            for end in ["drop", "close"] {
                var ended: String?
                let socket = self.socket
                try await Self.shadow(self.path("new.lua"), over: socket) { line in
                    if let text = line.ended { ended = text }
                    guard line.began != nil else { return }
                    try await ControlClient.with(socket) { other in
                        if end == "drop" {
                            _ = try await other.call(Commands.shadowDrop, RoomArguments(room: "count-1"))
                        } else {
                            _ = try await other.call(Commands.close, CloseArguments(room: "count-1"))
                        }
                    }
                }
                let text = end == "drop" ? "The shadow is dropped." : "The room is over."
                #expect(ended == text)
            }
            await #expect(throws: CommandError.self) {
                try await client.call(Commands.shadowDrop, RoomArguments(room: "count-1"))
            }
        }
    }

    @Test("what does not load, or cannot go on from where the room is, is told with file and line")
    func refuses() async throws {
        try self.write("broken.lua", "local rules = gavel.rules()\nreturn rules +")
        let failing = Self.rules(most: 4).replacing("room.state.version = 1", with: "error(\"no\")")
        try self.write("failing.lua", failing)
        try await self.withRoom { _, _ in
            for (file, place) in [("broken.lua", "broken.lua:2:"), ("failing.lua", "failing.lua:7:")] {
                let (socket, path) = (self.socket, self.path(file))
                let error = await #expect(throws: CommandError.self) {
                    try await Self.shadow(path, over: socket) { _ in }
                }
                #expect(error?.text.contains(place) == true, "\(error?.text ?? "")")
            }
        }
    }
}
