import GavelCore
import GavelScript
import Testing

@Suite("mistakes of designers")
struct ScriptErrorTests {
    @Test(
        "a mistake in a file is told when it is loaded, with its line and what to do",
        arguments: [
            ("function rules.on_message.move() end", 2, "there is no rules.on_message. Write rules.filters.move"),
            ("function rules.on_joined() end", 2, "unknown hook \"on_joined\". A join is a command"),
            ("function rules.on_laeve() end", 2, "unknown hook \"on_laeve\". Did you mean rules.on_leave?"),
            ("rules.comands = {}", 2, "Did you mean rules.commands?"),
            ("rules.messages.choose = {}\nfunction rules.commands.chose() end", 3, "Did you mean choose (ttt.lua:2)?"),
            ("function rules.filters.zzz() end", 2, "filters.zzz has no schema. Add rules.messages.zzz"),
            (
                "rules.messages.move = {}\nfunction rules.filters.move() end\nfunction rules.commands.move() end", 4,
                "\"move\" has a filter (ttt.lua:3) and a command."
            ),
            ("function rules.filters.join() end", 2, "a join is never relayed. Write rules.commands.join."),
            ("function rules.commands.leave() end", 2, "Write rules.on_leave"),
            (
                "function rules.on_leave() end\nfunction rules.on_leave() end", 3,
                "second time; the first is at ttt.lua:2"
            ),
            (
                "rules.messages.a = {}\nfunction rules.filters.a() end\nfunction rules.filters.a() end", 4,
                "filters.a is set a second time; the first is at ttt.lua:3"
            ),
            ("rules.messages.a = { cell = 'integer' }", 2, "messages.a.cell is a string. Write gavel.integer { … }"),
            ("rules.messages.a = { cell = { gavel.integer } }", 2, "messages.a.cell is a table. Write a schema"),
            (
                "local s = gavel.integer { minimum = 1 }", 2,
                "no option \"minimum\". Did you mean min? (min, max, default)"
            ),
            ("local s = gavel.integer { min = 9, max = 1 }", 2, "can never be met: min 9 is above max 1"),
            ("rules.messages.error = {}", 2, "that type belongs to the relay"),
            ("rules.messages['gavel.x'] = {}", 2, "that type belongs to the relay"),
            ("rules.commands.a = 5", 2, "commands.a is a number"), ("score = 1", 2, "global \"score\" is not declared"),
            ("local x = gavel.integr", 2, "Did you mean gavel.integer?"), ("local t = os.time()", 2, "gavel.now()"),
            ("local t = coroutine.create", 2, "a hook cannot pause"), ("require 'a'", 2, "no module \"a\" in scripts/"),
            ("local function f( end", 2, "<name> or '...' expected"), ("error('own')", 2, "own"),
            ("gavel.reject('x')", 2, "by a hook only"), ("do return {} end", 4, "returned a plain table"),
            ("do return end", 4, "returned nothing. End it with: return rules"),
            ("do return 5 end", 4, "returned no rules"), ("local again = gavel.rules()", 2, "called once"),
            ("while true do end", 2, "spent its budget"),
            ("local t = {} for i = 1, 1e7 do t[i] = {} end", 2, "spent"),
        ] as [(String, Int, String)]
    )
    func load(body: String, line: Int, text: String) {
        let error = loadError("local rules = gavel.rules()\n\(body)\n\nreturn rules\n")
        #expect(error?.text.contains(text) == true, "\(String(describing: error))")
        #expect(error?.file == "ttt.lua")
        #expect(error?.line == line)
    }

    @Test("everything that schemas are made of can be written")
    func schemas() {
        let error = loadError(
            """
            local rules = gavel.rules()
            rules.messages.a = {
              i = gavel.integer, j = gavel.integer { min = 1, max = 2.0 }, n = gavel.number { min = -1.5 },
              s = gavel.string { min = 1, max = 20 }, b = gavel.boolean, o = gavel.one_of { "x", 1, true },
              l = gavel.list(gavel.integer), m = gavel.map(gavel.list(gavel.any)), p = gavel.optional(gavel.string),
              q = gavel.object { x = gavel.number, y = gavel.number },
            }
            rules.messages.join = { team = gavel.string }
            rules.options.a = { rate = "30/1s" }
            rules.params = { turn = gavel.integer { min = 5, default = 30 } }
            function rules.commands.join() end
            function rules.filters.a() end
            rules.filters["*"] = function() end
            function rules.on_close() end
            return rules
            """
        )
        #expect(error == nil)
    }

    @Test(
        "a mistake in a hook is told with its line and what to do",
        arguments: [
            (
                "winner = 1",
                "global \"winner\" is not declared. Write local winner, or room.state.winner if it must last."
            ),
            ("local x = winer", "global \"winer\" is not declared."), ("local x = tabel.x", "Did you mean table?"),
            ("return gavel.drop", "commands.run returned gavel.drop. A command is never relayed"),
            ("return false", "commands.run returned false."), ("return 'x'", "commands.run returned a string."),
            ("return { 1 }", "the reply is a list"), ("return { to = 1 }", "the reply: to is set by the relay"),
            ("return { ref = 1 }", "ref is set by the relay"),
            ("room.broadcast { type = 'a' }", "broadcast needs the room in front. Write room:broadcast with a colon."),
            ("room:broadcast { a = 1 }", "the message has no type."),
            ("room:broadcast('a')", "needs a message, a table"),
            (
                "room:broadcast { type = 'a', client_id = 1 }",
                "client_id is set by the relay (0 for a message of the rules)"
            ),
            ("room:broadcast { type = 'joined' }", "belongs to the relay"),
            ("room:broadcast { type = 'gavel.x' }", "belongs to the relay"),
            ("room:broadcast { type = 'a', board = { 1, nil, nil, nil, 5 } }", "board has gaps (keys 1, 5)"),
            ("room:broadcast { type = 'a', board = { 1, x = 2 } }", "board has numbers and texts as keys (1, x)"),
            ("room:broadcast { type = 'a', n = 0/0 }", "n is not a number"),
            ("room:broadcast { type = 'a', n = math.huge }", "n is infinite"),
            ("room:broadcast { type = 'a', s = ('é'):sub(1, 1) }", "s is not UTF-8"),
            ("room:broadcast { type = 'a', c = client }", "c is a client, which cannot be sent. Send client.id."),
            ("room:broadcast { type = 'a', f = print }", "f is a function"),
            ("room:send(nil, { type = 'a' })", "goes to a client, an id, or a list"),
            ("gavel.reject()", "needs a code"),
            ("gavel.reject('a', 'b', { message = 1 })", "message is set by the relay"),
            ("local x = room.stat", "Did you mean room.state?"), ("room.turn = 1", "Keep it in room.state.turn."),
            ("client.score = 1", "Keep it in client.data.score."),
            ("local x = client.nmae", "Did you mean client.name?"),
            ("room.state = 1", "room.state is a table"), ("msg.client_id = 1", "not for the rules to set"),
            ("function gavel.x() end", "gavel cannot be changed"), ("error({})", "the error is a table"),
            (
                "local t = { } t.t = t room:broadcast { type = 'a', t = t }",
                "nested deeper than 32 levels, or contains itself"
            ),
        ]
    )
    func hook(body: String, text: String) throws {
        let room = try commandRoom("room:broadcast { type = 'before' }\n\(body)")
        #expect(room.send(1, #"{"type":"run"}"#) == .init(verdict: .failed))
        let error = try #require(room.log.entries.last)
        #expect(error.text("error").contains(text), "\(error)")
        #expect(error.text("error").hasPrefix("test.lua:"))
        #expect(room.send(1, #"{"type":"ping"}"#).payload == #""n":1"#)
    }

    @Test(
        "a filter that answers what it cannot is told so",
        arguments: [
            ("return false", "Return nothing to relay, a table to relay instead, gavel.drop to stop it"),
            ("return { type = 5 }", "whose type is no text"), ("return { type = 'error' }", "belongs to the relay"),
            ("return { ref = 5 }", "a ref of its own"), ("return { msg_id = 5 }", "msg_id is set by the relay"),
            ("msg.type = 'left'", "belongs to the relay"),
        ]
    )
    func filters(body: String, text: String) throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.say = {}
            function rules.filters.say(room, client, msg) \(body) end
            return rules
            """
        )
        room.join(1)
        #expect(room.send(1, #"{"type":"say"}"#) == .init(verdict: .failed))
        let error = try #require(room.log.entries.last)
        #expect(error.text("error").hasPrefix("test.lua:3: "), "\(error)")
        #expect(error.text("error").contains(text), "\(error)")
    }

    @Test("a file that is not there, or too large, is an error with its name")
    func files() {
        #expect(throws: ScriptError.self) {
            try ScriptRules.load(path: scriptsFolder + "none.lua", logger: LogRecorder().logger)
        }
        #expect(throws: ScriptError.self) {
            try ScriptRules.load(path: scriptsFolder, logger: LogRecorder().logger)
        }
        let error = loadError("return gavel.rules() --" + String(repeating: "x", count: 100 << 10))
        #expect(error?.text.contains("at most 102400 can be loaded") == true)
    }

    @Test("what a client or a script wrote stands on one line of the log, control characters as escapes")
    func oneLine() throws {
        let room = try commandRoom(#"print("a\nb\27[31m") error("x\ny")"#)
        room.send(1, "{\"type\":\"run\",\n\"\u{9b}31m\":1}")
        let all = room.log.entries.map(\.description).joined()
        #expect(!all.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(all.contains(#"a\nb\u{1B}[31m"#), "\(all)")
    }
}
