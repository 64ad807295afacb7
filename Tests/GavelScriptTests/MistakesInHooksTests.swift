import GavelCore
import GavelScript
import Testing

/// The mistakes of a designer that show when a hook runs, each with all that is said of it.
@Suite("mistakes in hooks")
struct MistakesInHooksTests {
    /// What is said of a command whose body, on line 5, is this.
    private func mistake(_ body: String, message: String = #"{"type":"run"}"#) throws -> String {
        let room = try commandRoom(body)
        room.send(1, message)
        return room.log.lastError
    }

    private func filterMistake(_ body: String) throws -> String {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.move = { cell = gavel.integer }
            function rules.timers.turn_over() end
            function rules.filters.move(room, client, msg)
            \(body)
            end
            return rules
            """
        )
        room.join(1)
        room.send(1, #"{"type":"move","cell":5}"#)
        return room.log.lastError
    }

    @Test("an undeclared global is told the two that it may be meant for")
    func global() throws {
        let text = "global \"winner\" is not declared. Write local winner, or room.state.winner if it must last."
        #expect(try self.mistake("winner = client.id") == "test.lua:5: " + text)
        #expect(try self.mistake("local x = winner") == "test.lua:5: " + text)
    }

    @Test(
        "what stock Lua has and rules have not is told what there is instead",
        arguments: [
            ("local t = os.time()", "there is no os here. For the time: gavel.now() (milliseconds)."),
            ("io.write('x')", "there is no io here: rules read and write no files."),
            ("debug.traceback()", "there is no debug here. To look at a value: gavel.log(text, fields)."),
            ("wait(3)", "there is no wait: a hook cannot pause. Write room:after(\"3s\", \"NAME\", data) and function"),
            ("task.wait(3)", "there is no task here: a hook cannot pause. Write room:after(\"3s\""),
            ("coroutine.yield()", "there is no coroutine here: a hook cannot pause."),
        ]
    )
    func missing(body: String, text: String) throws {
        #expect(try self.mistake(body).hasPrefix("test.lua:5: " + text))
    }

    @Test(
        "a filter that returns what it cannot is told what it can",
        arguments: [("false", "false"), ("true", "true"), ("'relay'", "a string"), ("0", "a number")]
    )
    func filterResult(value: String, name: String) throws {
        #expect(
            try self.filterMistake("return \(value)") == """
                test.lua:4: filters.move returned \(name). Return nothing to relay, a table to relay instead, \
                gavel.drop to stop it, or call gavel.reject("code").
                """
        )
    }

    @Test("a command that drops is told that it relays nothing")
    func commandDrops() throws {
        #expect(
            try self.mistake("return gavel.drop") == """
                test.lua:4: commands.run returned gavel.drop. A command is never relayed: return nothing, or a table \
                as the reply.
                """
        )
    }

    @Test("a dot in place of the colon is told so")
    func dot() throws {
        #expect(
            try self.mistake("room.broadcast { type = 'a' }")
                == "test.lua:5: broadcast needs the room in front. Write room:broadcast with a colon."
        )
    }

    @Test("a message without a type is told how to write one, with the method's name")
    func noType() throws {
        #expect(
            try self.mistake("room:broadcast { winner = 1 }")
                == "test.lua:5: the message has no type. Write room:broadcast { type = \"won\", … }."
        )
        #expect(
            try self.mistake("room:send(client, { winner = 1 })")
                == "test.lua:5: the message has no type. Write room:send(client, { type = \"won\", … })."
        )
    }

    @Test("client_id in a table to be sent is told whose it is, and a message passed on is not")
    func clientID() throws {
        let text = """
            the message: client_id is set by the relay (0 for a message of the rules). Use another field, such as \
            player.
            """
        #expect(try self.mistake("room:broadcast { type = 'won', client_id = 1 }") == "test.lua:5: " + text)
        #expect(try self.mistake("room:send(client, { type = 'won', client_id = 1 })") == "test.lua:5: " + text)
        #expect(try self.filterMistake("return { cell = 1, client_id = 1 }") == "test.lua:4: " + text)
        let room = try commandRoom("room:broadcast(msg)")
        #expect(
            room.send(1, #"{"type":"run","client_id":9,"a":1}"#).effects == [.broadcast(#"{"type":"run","a":1}"#)]
        )
    }

    @Test(
        "what JSON cannot say is told with the way to it",
        arguments: [
            (
                "board = { 1, nil, nil, nil, 5 }",
                """
                board has gaps (keys 1, 5): neither a list nor an object. Fill it, or send gavel.json.object(board).
                """
            ),
            (
                "game = { rows = { {}, { 1, x = 2 } } }",
                "game.rows[2] has numbers and texts as keys (1, x): neither a list nor an object. Send one of them."
            ),
            (
                "players = { { hits = 1, at = { x = 0/0 } } }",
                "players[1].at.x is not a number, which JSON cannot say."
            ),
            ("list = { 1, math.huge }", "list[2] is infinite, which JSON cannot say."),
            (
                "names = { a = ('é'):sub(1, 1) }",
                """
                names.a is not UTF-8 text: a character is cut or its bytes are none. Cut texts with utf8.offset.
                """
            ),
            ("host = { client }", "host[1] is a client, which cannot be sent. Send client.id."),
            ("t = { [true] = 1 }", "t has a key that is a boolean. Keys are texts, or 1 to n."),
            (
                "o = gavel.json.object { [1] = 'a', ['1'] = 'b' }",
                "o has the keys 1 and \"1\", which are one name in an object. Keep one of them."
            ),
        ]
    )
    func unsendable(field: String, text: String) throws {
        #expect(try self.mistake("room:broadcast { type = 'a', \(field) }") == "test.lua:5: " + text)
    }

    @Test("a table that contains itself is told by its name")
    func cycle() throws {
        #expect(
            try self.mistake("local t = {} t.up = { t } room:broadcast { type = 'a', tree = t }")
                == "test.lua:5: tree is nested deeper than 32 levels, or contains itself."
        )
    }

    @Test(
        "what the state cannot hold is told with its path, and what to keep instead",
        arguments: [
            ("client", "a client. Keep client.id and use room:client(id)."),
            ("function() end", "a function. It holds texts, numbers, booleans and tables of them."),
            ("setmetatable({}, {})", "a table with a metatable. It holds texts, numbers, booleans and tables of them."),
        ]
    )
    func state(value: String, text: String) throws {
        #expect(try self.mistake("room.state.host = \(value)") == "test.lua:5: room.state.host cannot hold " + text)
        #expect(
            try self.mistake("room.state.seats = { { who = \(value) } }")
                == "test.lua:5: room.state.seats[1].who cannot hold " + text
        )
    }

    @Test("a client that is not in the room is told, where it is used")
    func absentClient() throws {
        let text = "attempt to index nil: room:client(7) is nil, client 7 is not in the room. Test it first."
        #expect(try self.mistake("local x = room:client(7).data") == "test.lua:5: " + text)
        #expect(try self.mistake("local c = room:client(7)\nc.data.n = 1") == "test.lua:6: " + text)
        #expect(
            try self.mistake("local x = room:client(room.state.host).name")
                == "test.lua:5: attempt to index nil: room:client was given nil, and found nobody. Test it first."
        )
        // Another nil is not blamed on it.
        #expect(
            try self.mistake("local c, t = room:client(7), {} local x = t.a.b")
                == "test.lua:5: attempt to index a nil value (field 'a')"
        )
        #expect(
            try self.mistake("local function f(t) return t.a end if not room:client(7) then f() end")
                == "test.lua:5: attempt to index a nil value (local 't')"
        )
        #expect(
            try self.mistake("local c = room:client(99) if not c then local t; t.x = 1 end")
                == "test.lua:5: attempt to index a nil value (local 't')"
        )
        #expect(
            try self.mistake("local c = room:client(99)\nlocal x = next({}).name")
                == "test.lua:6: attempt to index a nil value"
        )
    }

    @Test("a misspelt field of a message is told the nearest one")
    func messageField() throws {
        #expect(
            try self.filterMistake("local c = msg.cel")
                == "test.lua:5: messages.move has no field \"cel\". Did you mean cell?"
        )
    }

    @Test("a delay without a unit, and a timer that is none, are told what to write")
    func timers() throws {
        #expect(
            try self.filterMistake("room:after(30, \"turn_over\")")
                == "test.lua:5: the delay 30 has no unit. Write \"30s\" or \"30ms\"."
        )
        #expect(
            try self.filterMistake("room:after(\"30s\", \"turn\")")
                == "test.lua:5: no rules.timers.turn. Did you mean turn_over?"
        )
    }

    @Test("a spent budget is told with its loop, what became of it and what to do")
    func budget() throws {
        #expect(
            try self.mistake("local n = 0\nfor i = 1, 3 do n = i end\nwhile true do\n  n = n + 1\nend").hasSuffix(
                """
                : commands.run spent its budget (1,000,000 steps) in the loop at line 7, and was undone. Do less at \
                a time, or raise rules.instructions.
                """
            )
        )
        #expect(
            try self.mistake(
                """
                local function step(n)
                  local t = n * 2 + 1
                  return t
                end
                for i = 1, 1e9 do
                  step(i)
                end
                """
            ).contains("in the loop at line 9, and was undone.")
        )
        #expect(
            try self.mistake("local function again(n) return again(n + 1) end again(1)")
                == """
                test.lua:5: commands.run spent its budget (1,000,000 steps), and was undone. Do less at a time, or \
                raise rules.instructions.
                """
        )
        #expect(
            try self.mistake("for i = 1, 1000 do room:broadcast { type = 'a' } end")
                == """
                test.lua:5: commands.run did more than 256 effects (sends, moves and the like), and was undone. Do less at a \
                time, or raise rules.effects.
                """
        )
    }
}
