import Foundation
import GavelAdmin
import GavelTesting
import NIOCore
import Testing

@Suite("Who watches a room", .timeLimit(.minutes(10)))
struct WatchTests {
    private let folder = TestFolder()
    private let log = LogRecorder()
    private var socket: String { self.folder.url.appending(path: "gavel.sock").path(percentEncoded: false) }

    private static let rules = """
        local rules = gavel.rules()
        rules.messages.move = { cell = gavel.integer { min = 1, max = 9 } }
        rules.messages.say = { text = gavel.string }
        rules.messages.crash = {}
        function rules.filters.move(room, client, msg)
          if msg.cell == 9 then gavel.reject("taken", "That cell is taken.") end
          room:send(client, { type = "noted", cell = msg.cell })
        end
        function rules.filters.say(room, client, msg) return { text = msg.text .. "!" } end
        function rules.commands.crash(room, client, msg) local nobody = nil; return nobody.field end
        return rules
        """

    /// Runs a relay, and tells what a watcher is told until as many lines came as are wanted, signs of life left out.
    private func lines(
        _ arguments: WatchArguments,
        count: Int,
        _ play: @escaping @Sendable (SocketAddress) async throws -> Void
    ) async throws -> [WatchLine] {
        try self.folder.write(
            "config.toml",
            "[[rooms]]\nmatch = \"game\"\nrules = \"game.lua\"\n[[rooms]]\nmatch = \"*\""
        )
        try self.folder.write("scripts/game.lua", Self.rules)
        var lines: [WatchLine] = []
        struct Enough: Error {}
        try await RunningRelay.run(self.folder, log: self.log, isControlled: true) { address in
            var playing: Task<Void, any Error>?
            do {
                try await ControlClient.with(self.socket) { client in
                    try await client.listen(Commands.watch, arguments) { line in
                        if playing == nil { playing = Task { try await play(address) } }
                        if line.kind != .idle { lines.append(line) }
                        if lines.count == count { throw Enough() }
                    }
                }
            } catch is Enough {}
            try await playing?.value
        }
        return lines
    }

    private static func join(_ address: SocketAddress, _ room: String, _ name: String) async throws -> SocketClient {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"\#(room)","name":"\#(name)"}"#)
        _ = await client.next("joined")
        return client
    }

    @Test("is told each call of its rules: who, what, how it was decided, where and to whom it went")
    func calls() async throws {
        let lines = try await self.lines(WatchArguments(room: "game"), count: 9) { address in
            let ada = try await Self.join(address, "game", "Ada")
            let bo = try await Self.join(address, "game", "Bo")
            ada.send(#"{"type":"move","cell":3}"#)
            ada.send(#"{"type":"move","cell":9}"#)
            _ = await ada.next("error")
            bo.send(#"{"type":"move","cell":10}"#)
            bo.send(#"{"type":"say","text":"hi"}"#)
            bo.send(#"{"type":"crash"}"#)
            _ = await bo.next("say")
        }
        #expect(lines.map(\.kind) == [.began, .create, .join, .join, .message, .message, .message, .message, .message])
        #expect(lines[0].code == "created" && lines[0].detail?.hasPrefix("game.lua ") == true)
        #expect(lines[2].client == 1 && lines[2].name == "Ada" && lines[2].verdict == .relayed)
        let verdicts: [WatchLine.Verdict] = [.relayed, .refused, .refused, .changed, .failed]
        #expect(lines.dropFirst(4).map(\.verdict) == verdicts)
        let (move, taken, wrong, say, crash) = (lines[4], lines[5], lines[6], lines[7], lines[8])
        #expect(move.client == 1 && move.type == "move" && move.msgId == 1 && move.recipients == 2)
        #expect(move.hook == "filters.move" && move.place == "game.lua:5")
        #expect(move.message == #"{"type":"move","cell":3}"# && move.bytes == 24)
        #expect(move.effects?.first?.hasPrefix("send 1 {") == true)
        #expect(move.microseconds ?? 0 > 0 && move.time > 1_700_000_000_000)
        #expect(taken.code == "rejected" && taken.reason == "taken" && taken.detail == "That cell is taken.")
        #expect(taken.msgId == nil && taken.recipients == nil && taken.place == "game.lua:5")
        #expect(wrong.client == 2 && wrong.code == "bad_message")
        #expect(wrong.detail == "cell: expected an integer from 1 to 9, got 10" && wrong.hook == nil)
        #expect(say.answer == #"{"type":"say","text":"hi!"}"# && say.msgId == 2)
        #expect(crash.code == "rules_failed" && crash.hook == "commands.crash")
        #expect(crash.detail?.hasPrefix("game.lua:10: ") == true)
    }

    @Test("may ask for one client, or one type, alone")
    func filters() async throws {
        let arguments = WatchArguments(room: "game", client: 2, type: "move", bytes: 8)
        let lines = try await self.lines(arguments, count: 2) { address in
            let ada = try await Self.join(address, "game", "Ada")
            let bo = try await Self.join(address, "game", "Bo")
            ada.send(#"{"type":"move","cell":1}"#)
            _ = await bo.next("move")
            bo.send(#"{"type":"say","text":"hi"}"#)
            bo.send(#"{"type":"move","cell":2}"#)
            _ = await ada.next("say")
        }
        #expect(lines.map(\.kind) == [.began, .message])
        #expect(lines[1].client == 2 && lines[1].message == #"{"type":…"#)
    }

    @Test("of a room without rules is told the same")
    func plain() async throws {
        let lines = try await self.lines(WatchArguments(room: "hall"), count: 5) { address in
            let ada = try await Self.join(address, "hall", "Ada")
            ada.send(#"{"type":"say","text":"hi"}"#)
            _ = await ada.next("say")
            ada.send(#"{"type":"leave"}"#)
            _ = await ada.next("left")
        }
        #expect(lines.map(\.kind) == [.began, .create, .join, .message, .leave])
        #expect(lines[0].detail == "no rules" && lines[3].msgId == 1 && lines[4].reason == "left")
    }
}
