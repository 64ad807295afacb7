import GavelAdmin
import Testing

@Suite("What commands print")
struct ReplyTextTests {
    @Test("a status stands in columns")
    func status() async throws {
        let lines = try await RelayDouble().status().text.split(separator: "\n")
        #expect(lines[0] == "gavel 0.1.0, process 7, up for 2h 14m")
        #expect(lines[1] == "listening on         127.0.0.1:8765")
        #expect(lines[3] == "connections                      48  3 slow")
        #expect(lines.contains("waiting for clients         1.2 MiB"))
    }

    @Test("a refused file is told with its mistakes, and makes the whole a refusal")
    func refusal() {
        var refused = FileOutcome("quiz.lua", .refused)
        refused.mistakes = ["quiz.lua:7: unexpected symbol near '}'"]
        var applied = FileOutcome("chat.lua", .applied)
        (applied.from, applied.to, applied.rooms, applied.milliseconds) = ("5d41402abc", "7d793037a0", 3, 12)
        let outcomes = ReloadOutcomes([applied, refused, FileOutcome("config.toml", .unchanged)])
        #expect(
            outcomes.text == """
                chat.lua: 5d41402abc → 7d793037a0, 3 rooms, 12 ms
                quiz.lua: refused; everything is as it was
                  quiz.lua:7: unexpected symbol near '}'
                config.toml: unchanged
                """
        )
        #expect(outcomes.isRefusal)
        #expect(!ReloadOutcomes([applied]).isRefusal)
    }

    @Test("versions are told with their times, the one in force first")
    func versions() {
        let history = RulesHistory(
            "quiz.lua",
            versions: [
                .init("7d793037a0", since: 1_767_268_800, files: ["quiz.lua", "lib/words.lua"]),
                .init("5d41402abc", since: 1_767_265_200, files: ["quiz.lua"]),
            ],
            refused: ["quiz.lua:7: no"]
        )
        #expect(
            RulesHistories([history]).text == """
                quiz.lua
                  7d793037a0  2026-01-01T12:00:00Z  in force  with lib/words.lua
                  5d41402abc  2026-01-01T11:00:00Z
                  refused, and waits to be mended:
                    quiz.lua:7: no
                """
        )
    }

    @Test("a room is told with who is in it")
    func room() {
        var overview = RoomOverview("lobby")
        (overview.lastMessage, overview.epoch, overview.rules, overview.version) = (12, "abc", "chat.lua", "5d41")
        var room = RoomView(overview)
        #expect(room.text.hasSuffix("\n\nNobody is in it."))
        room.clients = [
            ClientView(1, name: "Ada", isSlow: true, queuedBytes: 300_000),
            ClientView(12, name: "", isConnected: false, queuedBytes: nil),
        ]
        room.lastFailure = .init(hook: "filters.say", text: "chat.lua:3: no")
        #expect(
            room.text == """
                room          lobby
                rules         chat.lua 5d41
                last message  12 of epoch abc
                history       0 B
                the last      filters.say: chat.lua:3: no

                CLIENT  NAME    WAITING
                     1  Ada   293.0 KiB  slow
                    12                   away
                """
        )
    }

    @Test("what players and rules wrote cannot steer a terminal, wherever it is told")
    func printable() {
        let odd = "a\u{1B}]0;x\u{7}\rb\u{202E}"
        let shown = "a·]0;x··b·"
        let console = ConsoleOutcome(
            isCommitted: false,
            client: 1,
            result: odd,
            effects: [odd],
            logs: [odd],
            changes: [ChangeView("state.name", before: odd, now: odd)]
        )
        var finding = ShadowFinding("message", client: 1, sent: odd, message: 1, lastMessage: 0)
        finding.differences = [.init("effects", room: odd + "\n" + odd, shadow: odd)]
        finding.failure = odd
        var start = ShadowStart(
            rules: odd,
            version: odd,
            shadow: odd,
            shadowVersion: odd,
            lastMessage: 0,
            isAgain: false
        )
        start.effects = [odd]
        var file = FileOutcome("a.lua", .refused)
        file.mistakes = [odd]
        let promotion = ShadowPromotion(room: "a", file: "a.lua", version: "1", isForAll: true, refusals: [odd])
        var watched = WatchLine(.message, time: 0)
        (watched.verdict, watched.code, watched.reason, watched.hook, watched.place) = (.refused, "x", odd, odd, odd)
        let texts: [String] = [
            console.text, ShadowLine(difference: finding).text, ShadowLine(began: start).text,
            ShadowLine(log: odd).text, promotion.text, RecordingList(rooms: [odd]).text, ReloadOutcomes([file]).text,
            RulesHistories([RulesHistory("a.lua", versions: [], refused: [odd])]).text, watched.text,
        ]
        for text in texts {
            #expect(text.contains(shown) && !text.contains(odd), "\(text.debugDescription)")
            #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }, "\(text.debugDescription)")
        }
    }
}
