import GavelAdmin
import Testing

@Suite("A line typed into a console")
struct ConsoleLineTests {
    private func send(_ text: String, client: Int? = nil, isCommitted: Bool = false) -> ConsoleLine {
        .send(ConsoleLine.Input(text: text, client: client, isCommitted: isCommitted))
    }

    @Test("is Lua, unless it begins as a message")
    func kinds() {
        #expect(ConsoleLine(" room.state.turn ", client: 0) == self.send("room.state.turn"))
        #expect(ConsoleLine("> { 1, 2 }", client: 0) == self.send("{ 1, 2 }"))
        #expect(ConsoleLine(#"{"type":"roll"}"#, client: 0) == self.send(#"{"type":"roll"}"#, client: 0))
        #expect(ConsoleLine(#"{"type":"roll"}"#, client: 4) == self.send(#"{"type":"roll"}"#, client: 4))
        #expect(ConsoleLine(#"as 3 {"type":"roll"}"#, client: 4) == self.send(#"{"type":"roll"}"#, client: 3))
        #expect(ConsoleLine("as 3", client: 0) == .client(3))
        #expect(ConsoleLine("as 3x = 1", client: 0) == self.send("as 3x = 1"))
        #expect(ConsoleLine("asset = 1", client: 0) == self.send("asset = 1"))
    }

    @Test("counts where it says so")
    func commits() {
        #expect(ConsoleLine("commit", client: 0) == .commit)
        #expect(ConsoleLine("commit x = 1", client: 0) == self.send("x = 1", isCommitted: true))
        #expect(ConsoleLine(#"commit as 2 {"a":1}"#, client: 0) == self.send(#"{"a":1}"#, client: 2, isCommitted: true))
        #expect(ConsoleLine("commitment", client: 0) == self.send("commitment"))
    }

    @Test("may ask for help, or the end", arguments: [("", ConsoleLine.empty), ("help", .help), ("quit", .quit)])
    func words(line: String, meaning: ConsoleLine) {
        #expect(ConsoleLine(line, client: 0) == meaning)
    }
}

@Suite("What consoles and shadows print")
struct TrialTextTests {
    @Test("a console shows the result first, then what happens and what changes")
    func console() {
        var outcome = ConsoleOutcome(isCommitted: false, client: 1, result: "relayed as it was sent", message: 7)
        outcome.effects = [#"broadcast {"type":"turn"}"#]
        outcome.logs = ["hello"]
        outcome.changes = [
            ChangeView("state.turn", before: "1", now: "2"), ChangeView("state.over", before: nil, now: "true"),
            ChangeView("clients[2]", before: "{}", now: nil),
        ]
        #expect(
            outcome.text == """
                log: hello
                #7 relayed as it was sent
                  broadcast {"type":"turn"}
                  state.turn: 1 → 2
                  state.over: new, true
                  clients[2]: gone, was {}
                """
        )
        #expect(!outcome.isRefusal)
        let failed = ConsoleOutcome(isCommitted: true, client: nil, result: "console:1: no", isFailure: true)
        #expect(failed.text == "console:1: no\nNothing has changed.")
        #expect(failed.isRefusal)
    }

    @Test("a shadow tells what the room did and what it would have done")
    func shadow() {
        var finding = ShadowFinding("message", client: 2, sent: #"{"type":"roll"}"#, message: nil, lastMessage: 9)
        finding.differences = [.init("refused", room: "relayed", shadow: "rejected\nno")]
        finding.changes = [ChangeView("state.turn", before: "1", now: "2")]
        finding.departures = [2]
        finding.failure = "new.lua:3: no (on_x)"
        #expect(
            ShadowLine(difference: finding).text == """
                after #9 client 2 {"type":"roll"}
                  refused
                    room    relayed
                    shadow  rejected
                            no
                  failed: new.lua:3: no (on_x)
                  gone from the shadow: 2
                  state.turn: 1 → 2
                """
        )
        var figures = ShadowFigures(calls: 4, messages: 3, different: 0, kinds: [:], failures: 0, statePlaces: 0)
        #expect(ShadowLine(figures: figures).text == "3 messages, 4 calls: no difference")
        figures.different = 2
        figures.kinds = ["refused": 1, "state": 2]
        figures.statePlaces = 1
        #expect(figures.text == "3 messages, 4 calls: 2 different (refused 1, state 2), state differs at 1 place")
        var start = ShadowStart(
            rules: "xo.lua",
            version: "a1",
            shadow: "new.lua",
            shadowVersion: "b2",
            lastMessage: 4,
            isAgain: false
        )
        start.changes = [ChangeView("state.v", before: nil, now: "2")]
        #expect(
            ShadowLine(began: start).text == """
                The room runs xo.lua a1; new.lua b2 follows it from #4 on.
                Its on_reload made of what the room keeps:
                  state.v: new, 2
                """
        )
        #expect(ShadowLine(omitted: 2).text == "… and 2 differences more")
    }

    @Test("a line of a shadow goes through JSON as it is")
    func json() throws {
        let line = ShadowLine(log: "x")
        #expect(String(decoding: try AdminJSON.encode(line), as: UTF8.self) == #"{"log":"x"}"#)
        let figures = ShadowLine(
            figures: ShadowFigures(
                calls: 1,
                messages: 1,
                different: 1,
                kinds: ["ownTimer": 1],
                failures: 0,
                statePlaces: 0
            )
        )
        #expect(try AdminJSON.decode(ShadowLine.self, from: try AdminJSON.encode(figures)) == figures)
    }
}
