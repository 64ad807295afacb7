import GavelScript
import GavelTesting
import Testing

/// What the text of rules shows to be wrong, without a hook that runs.
@Suite("checks of rules")
struct ScriptCheckTests {
    /// - Parameter body: Begins on line 2; the first message that is declared is on line 3.
    private func problems(_ body: String, modules: [String: String] = [:]) -> [String] {
        let source = "local rules = gavel.rules()\n\(body)\nreturn rules"
        var texts = modules.mapValues { Array($0.utf8) }
        texts["ttt.lua"] = Array(source.utf8)
        var check = ScriptCheck(texts: texts)
        return check.rules("ttt.lua", logger: LogRecorder().logger).problems.map { problem in
            let place = [problem.line, problem.column].compactMap { $0 }.map(String.init)
            let severity = problem.severity == .error ? "" : "warning: "
            return "\(([problem.file] + place).joined(separator: ":")): \(severity)\(problem.message)"
        }
    }

    private static let move = "rules.messages.move = { cell = gavel.integer }\n"

    @Test(
        "globals that nobody declared are told wherever they stand, with the name that was meant",
        arguments: [
            (
                "local function f() return gavle.now() end",
                "ttt.lua:2:27: global \"gavle\" is not declared. Did you mean gavel?"
            ),
            (
                "local function f() tabel.sort({}) end",
                "ttt.lua:2:20: global \"tabel\" is not declared. Did you mean table?"
            ),
            (
                "local function f() winner = 1 end",
                """
                ttt.lua:2:20: global "winner" is not declared. Write local winner, or room.state.winner if it must last.
                """
            ),
            (
                "local players = {}\nlocal function f() return #plyers end",
                "ttt.lua:3:28: global \"plyers\" is not declared. Did you mean players?"
            ),
            (
                "local function f() return os.time() end",
                "ttt.lua:2:27: there is no os here. For the time: gavel.now() (milliseconds)."
            ),
            (
                "local function f() if true then wait(3) end end",
                """
                ttt.lua:2:33: there is no wait: a hook cannot pause. Write room:after("3s", "NAME", data) and function \
                rules.timers.NAME(room, data).
                """
            ),
            (
                "local function f() print = 1 end",
                "ttt.lua:2:20: global \"print\" cannot be set. Write local print, or choose another name."
            ),
        ]
    )
    func globals(body: String, text: String) {
        #expect(self.problems(body) == [text])
    }

    @Test(
        "what hooks do with a room is told",
        arguments: [
            ("room:after(30, \"turn\")", "ttt.lua:3:14: the delay 30 has no unit. Write \"30s\" or \"30ms\"."),
            ("room:every(\"3\", \"turn\")", "ttt.lua:3:14: the delay \"3\" has no unit. Write \"3s\" or \"3ms\"."),
            (
                "room:after(\"3 min\", \"turn\")",
                "ttt.lua:3:14: \"3 min\" is no delay. Write \"30s\", \"1.5s\", \"500ms\", \"10m\" or \"2h\"."
            ),
            ("room:after(\"30s\", \"trun\")", "ttt.lua:3:21: no rules.timers.trun. Did you mean turn?"),
            (
                "room:cancel(\"other\")",
                "ttt.lua:3:15: no rules.timers.other. Write function rules.timers.other(room, data) … end."
            ),
            (
                "room.broadcast { type = \"a\" }",
                "ttt.lua:3:3: broadcast needs the room in front. Write room:broadcast with a colon."
            ),
            (
                "room:broadcast { winner = 1 }",
                "ttt.lua:3:18: the message has no type. Write room:broadcast { type = \"won\", … }."
            ),
            (
                "room:send(client, { winner = 1 })",
                "ttt.lua:3:21: the message has no type. Write room:send(client, { type = \"won\", … })."
            ),
            (
                "room:broadcast { type = \"won\", client_id = 3 }",
                """
                ttt.lua:3:34: client_id is set by the relay (0 for a message of the rules). Use another field, such as player.
                """
            ),
            (
                "room:broadcast { type = \"error\" }",
                "ttt.lua:3:27: the type \"error\" belongs to the relay. Choose another name."
            ),
            (
                "room.state.host = client",
                "ttt.lua:3:3: room.state.host cannot hold a client. Keep client.id and use room:client(id)."
            ),
            ("room:brodcast { type = \"a\" }", "ttt.lua:3:3: there is no room.brodcast. Did you mean room.broadcast?"),
            (
                "local n = client.points",
                """
                ttt.lua:3:13: there is no client.points. What the rules keep of a client stands in client.data.points.
                """
            ),
            ("return gavel.nwo()", "ttt.lua:3:10: there is no gavel.nwo. Did you mean gavel.now?"),
        ]
    )
    func rooms(statement: String, text: String) {
        let timer = "\nfunction rules.timers.turn(room) room:after(\"1s\", \"turn\") end"
        #expect(self.problems("function rules.on_leave(room, client)\n  \(statement)\nend" + timer) == [text])
    }

    @Test(
        "what a filter or a command returns is told",
        arguments: [
            (
                "filters.move", "return false",
                """
                ttt.lua:4:10: filters.move returned false. Return nothing to relay, a table to relay instead, gavel.drop \
                to stop it, or call gavel.reject("code").
                """
            ),
            (
                "commands.move", "return gavel.drop",
                """
                ttt.lua:4:10: commands.move returned gavel.drop. A command is never relayed: return nothing, or a table \
                as the reply.
                """
            ),
            (
                "commands.join", "return \"no\"",
                """
                ttt.lua:4:10: commands.join returned a string. Return nothing, or a table of fields for the joined reply; \
                gavel.reject refuses.
                """
            ),
            (
                "filters.move", "if msg.cel then return end",
                "ttt.lua:4:6: messages.move has no field \"cel\". Did you mean cell?"
            ),
        ]
    )
    func messages(hook: String, statement: String, text: String) {
        #expect(self.problems(Self.move + "function rules.\(hook)(room, client, msg)\n  \(statement)\nend") == [text])
    }

    @Test("functions that nothing calls are warned of")
    func unused() {
        #expect(
            self.problems("function rules.timers.turn(room) end") == [
                """
                ttt.lua:2:10: warning: timers.turn never runs: no room:after or room:every names it. Set it, or take it \
                out.
                """
            ]
        )
        #expect(
            self.problems(
                Self.move + "function rules.filters.move() end\nrules.filters[\"*\"] = function() end"
            ) == [
                """
                ttt.lua:4:1: warning: filters["*"] never runs: each declared type has a filter or a command of its own. \
                Take it out.
                """
            ]
        )
    }

    @Test(
        "what may be right is not told",
        arguments: [
            "local t = { turn = \"turn\" }\nfunction rules.timers.turn(room) room:after(\"1s\", t.turn) end",
            "local timers = rules.timers\ntimers.turn = function(room) room:after(\"1s\", \"trun\") end",
            "local function f(room) return room.players end\nf({})",
            "local function f(rooms) for _, room in ipairs(rooms) do return room.x end end",
            "function rules.on_leave(room, client) for _, client in ipairs({}) do return client.x end end",
            move + "function rules.filters.move(room, client, msg) msg = { cel = 1 } return { a = msg.cel } end",
            move
                + "rules.options.move = { strict = false }\nfunction rules.filters.move(r, c, m) return { a = m.cel } end",
            "function rules.on_create(room) local msg = {} room:broadcast(msg) end",
            "function rules.on_create(room) local key = 'type' room:broadcast { [key] = 'a' } end",
            "function rules.on_create(room) local f = function() return false end f() end",
            "local room = {}\nfunction room.broadcast(m) end\nlocal function f(room) room.broadcast { a = 1 } end",
            "function rules.on_leave(room, client) room.state.last = client.id\nroom.state.x = client and client.id end",
            "local _ENV = { x = 1 }\nx = 2",
            "function rules.on_create(room) room.broadcast(room, { type = 'a' }) end",
            "rules.messages.a, rules.messages.b = {}, { n = gavel.integer }\nfunction rules.filters.b(r, c, m) m.n = 1 end",
            "function rules.on_leave(room, client) room.state, client.data = {}, {} end",
            "function rules.snapshot(room) local s = room.state return { a = s.a == 1, b = room.state.b } end",
            "function rules.on_create(room) local f = function() gavel.reject('a') end pcall(f) end",
        ]
    )
    func rightOnes(body: String) {
        #expect(self.problems(body) == [])
    }

    @Test("all mistakes are told at once: those of modules, of syntax, of loading and of hooks")
    func together() {
        let modules = ["lib/a.lua": "local a = {}\nfunction a.f() return nothng end\nreturn a", "b.lua": "x ="]
        let body = """
            local a = require "lib.a"
            local function f() return tabel, gavle end
            function rules.commands.rol() return gavel.drop end
            """
        let found = self.problems(body, modules: modules)
        #expect(found.count == 5, "\(found)")
        let all = self.problems("local b = require('b')\n\(body)", modules: modules)
        #expect(all.contains { $0.hasPrefix("b.lua:1: unexpected symbol") }, "\(all)")
        #expect(all.contains { $0.hasPrefix("lib/a.lua:2:23: global \"nothng\"") }, "\(all)")
    }

    @Test("each declaration that is wrong is told, and not what follows from another's mistake")
    func severalDeclarations() {
        let body = """
            rules.messages.move = { cell = "integer" }
            rules.messages.chat = { text = gavel.string { maximum = 3 } }
            rules.options.move = { rate = 5 }
            function rules.commands.move(room, client, msg) return { cell = msg.cell } end
            function rules.commands.chta() end
            function rules.on_joined(room) end
            """
        let lines = self.problems(body).compactMap { $0.split(separator: ":").dropFirst().first }
        #expect(lines.contains("2") && lines.contains("3") && lines.contains("6") && lines.contains("7"))
        #expect(!lines.contains("5"))
    }

    @Test("text that does not compile is told once")
    func syntax() {
        #expect(self.problems("local = 3").count == 1)
    }
}

/// What Gavel ships and shows has nothing that is told of it.
@Suite("checks of what is right")
struct RightRulesTests {
    @Test(
        "the games of the folder have neither mistakes nor warnings",
        arguments: [
            "tictactoe", "chat", "lobby", "rps", "eights", "quiz", "escape", "draw",
        ]
    )
    func games(name: String) {
        var check = ScriptCheck(folder: String(scriptsFolder.dropLast()))
        let report = check.rules("\(name).lua", logger: LogRecorder().logger)
        #expect(report.problems == [])
        #expect(report.files.first == "\(name).lua")
    }

    @Test("nor have the examples of the guide, but for the mistake that one shows", arguments: GuideTests.playable)
    func guide(example: GuideExample) {
        let texts = GuideTests.examples.map { ($0.path, Array($0.source.utf8)) }
        var check = ScriptCheck(texts: Dictionary(texts) { first, _ in first })
        let report = check.rules(example.path, logger: LogRecorder().logger)
        #expect(report.problems == [])
    }
}
