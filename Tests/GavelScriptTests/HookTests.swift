import GavelCore
import GavelScript
import Logging
import Testing

@Suite("hooks")
struct HookTests {
    @Test("rules without hooks relay everything, admit everyone and fail at nothing")
    func empty() throws {
        let room = try ScriptedRoom("return gavel.rules()")
        #expect(room.create().verdict == .handled)
        #expect(room.join(1).verdict == .relay)
        #expect(room.send(1, #"{"type":"anything"}"#).verdict == .relay)
        #expect(room.leave(1).verdict == .handled)
        #expect(room.close().verdict == .handled)
    }

    @Test("of declared types, others are unknown, those without a hook are relayed or go to the filter for all")
    func types() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.a, rules.messages.b, rules.messages["é"] = {}, {}, {}
            function rules.filters.a() return gavel.drop end
            return rules
            """
        )
        room.join(1)
        #expect(room.send(1, #"{"type":"a"}"#).verdict == .dropped)
        #expect(room.send(1, #"{"type":"\u0061"}"#).verdict == .dropped)
        #expect(room.send(1, #"{"type":"b"}"#).verdict == .relay)
        #expect(room.send(1, #"{"type":"\u00e9"}"#).verdict == .relay)
        #expect(room.send(1, #"{"type":"c"}"#).verdict == .unknownType)
        #expect(room.send(1, #"{"type":"A"}"#).verdict == .unknownType)
        #expect(room.send(1, #"{"type":"\#(String(repeating: "a", count: 5000))"}"#).verdict == .unknownType)

        let all = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.a, rules.messages.b = {}, {}
            function rules.commands.a() return {} end
            rules.filters["*"] = function() return gavel.drop end
            return rules
            """
        )
        all.join(1)
        #expect(all.send(1, #"{"type":"a"}"#) == .init(verdict: .handled, hasReply: true))
        #expect(all.send(1, #"{"type":"b"}"#).verdict == .dropped)
        #expect(all.send(1, #"{"type":"c"}"#).verdict == .unknownType)
    }

    @Test("hooks run in the order of a room's life, with what they are told")
    func life() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            local function note(room, text) room.state.notes[#room.state.notes + 1] = text end
            local function ids(room)
              local list = {}
              for i, c in ipairs(room.clients) do list[i] = c.id end
              return table.concat(list, ",")
            end
            rules.messages.look = {}
            function rules.on_create(room) room.state = { notes = { "create " .. room.key } } end
            function rules.commands.join(room, client, request)
              note(room, "join " .. client.id .. client.name .. " " .. tostring(request.team) .. " of " .. ids(room))
              if request.team == "red" then gavel.reject("full") end
              if request.team == "green" then error("oh") end
            end
            function rules.commands.look(room, client)
              return { notes = room.state.notes, at = room.msg_id, now = gavel.now(), here = client.connected }
            end
            function rules.on_leave(room, client, reason)
              note(room, "leave " .. client.id .. " " .. reason .. " of " .. ids(room) .. " " .. tostring(client.connected))
            end
            return rules
            """
        )
        room.create()
        room.join(1, name: "Ada", #"{"type":"join","room":"x","team":"blue","token":"secret"}"#)
        #expect(room.join(2, #"{"type":"join","room":"x","team":"red"}"#).payload == #""reason":"full""#)
        #expect(room.join(3, #"{"type":"join","room":"x","team":"green"}"#) == .init(verdict: .failed))
        room.join(4)
        for (client, reason) in zip([1, 2] as [ClientID], LeaveReason.allCases) { room.leave(client, reason) }
        room.lastID = 41
        let look = room.send(4, #"{"type":"look"}"#)
        #expect(
            look.payload == """
                "at":41,"here":true,"notes":["create table-1","join 1Ada blue of 1","join 4 nil of 1,4",\
                "leave 1 left of 4 false"],"now":1000000
                """
        )
    }

    @Test("a refused join is forgotten, and an event's failure undoes its effects and nothing else")
    func failures() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.who = {}
            function rules.on_create(room) error("no") end
            function rules.on_leave(room, client) room:broadcast { type = "went" } error("no") end
            function rules.commands.who(room) return { n = #room.clients } end
            return rules
            """
        )
        #expect(room.create().verdict == .failed)
        room.join(1)
        room.join(2)
        #expect(room.leave(1) == .init(verdict: .failed))
        #expect(room.send(2, #"{"type":"who"}"#).payload == #""n":1"#)
    }

    @Test("a join adds no field to joined that the relay sets", arguments: ["rules", "session", "clients"])
    func joinedReply(field: String) throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            function rules.commands.join() return { \(field) = 1 } end
            return rules
            """
        )
        #expect(room.join(1) == .init(verdict: .failed))
        let error = try #require(room.log.entries.last).text("error")
        #expect(error.contains("the joined reply: \(field) is set by the relay."), "\(error)")
    }

    @Test("effects come in the order of the calls, with their tables as they were then")
    func effects() throws {
        let room = try commandRoom(
            """
            local t = { type = "a", n = 1 }
            room:broadcast(t)
            t.n = 2
            room:send({ client, 2, 99 }, t)
            room:send(99, t)
            room:kick(2, "bye")
            room:kick(room:client(1))
            room:send(room:others(client), { type = "b" })
            return { ok = true }
            """
        )
        room.join(2)
        #expect(
            room.send(1, #"{"type":"run"}"#)
                == .init(
                    verdict: .handled,
                    payload: #""ok":true"#,
                    hasReply: true,
                    effects: [
                        .broadcast(#"{"type":"a","n":1}"#), .send(#"{"type":"a","n":2}"#, to: 1, 2), .kick("bye", 2),
                        .kick("", 1), .send(#"{"type":"b"}"#, to: 2),
                    ]
                )
        )
    }

    @Test("messages that fail behind a pcall leave nothing, and those before and after them go out whole")
    func failedMessages() throws {
        let failing = "{ type = 'big', text = text, wrong = print }"
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 100_000_000
        let room = try commandRoom(
            """
            local text = ("x"):rep(60000)
            for i = 1, 1000 do assert(not pcall(room.broadcast, room, \(failing))) end
            """,
            configuration: configuration
        )
        #expect(room.send(1, #"{"type":"run"}"#) == .init(verdict: .handled), "\(room.log.entries)")
        let sends = try run(
            """
            local text, others = ("x"):rep(20000), {}
            for i = 1, 100 do others[i] = client end
            local function try()
              room:send(client, { type = "kept", n = 1 })
              room:send(others, \(failing))
            end
            assert(not pcall(try))
            for i = 1, 40 do assert(not xpcall(room.send, print, room, others, \(failing))) end
            room:send(client, { type = "kept", n = 2 })
            return { n = 3 }
            """
        )
        #expect(
            sends
                == .init(
                    verdict: .handled,
                    payload: #""n":3"#,
                    hasReply: true,
                    effects: [.send(#"{"type":"kept","n":1}"#, to: 1), .send(#"{"type":"kept","n":2}"#, to: 1)]
                )
        )
    }

    @Test("a reject ends the hook, undoes its effects, and no pcall catches it")
    func reject() throws {
        let answer = try run(
            """
            room:broadcast { type = "a" }
            pcall(function() gavel.reject("no", "Nö", { cell = 3, empty = gavel.null }) end)
            xpcall(error, function() return 1 end)
            room.state.reached = true
            """
        )
        #expect(
            answer
                == .init(verdict: .rejected, payload: #""reason":"no","message":"Nö","cell":3,"empty":null"#)
        )
        #expect(try run("gavel.reject('no', nil, {})").payload == #""reason":"no""#)
    }

    @Test("random numbers come from the seed, and are undone with the hook that drew them")
    func random() throws {
        let body = "local n = math.random(1000000) if msg.fail then error('x') end return { n = n }"
        let room = try commandRoom(body), again = try commandRoom(body)
        let first = room.send(1, #"{"type":"run"}"#)
        #expect(again.send(1, #"{"type":"run","fail":true}"#).verdict == .failed)
        #expect(again.send(1, #"{"type":"run"}"#) == first)
        #expect(again.send(1, #"{"type":"run"}"#) != first)
        let answer = try run(
            """
            for i = 1, 1000 do
              local a, b, c = math.random(), math.random(6), math.random(-3, 3)
              assert(a >= 0 and a < 1 and b >= 1 and b <= 6 and c >= -3 and c <= 3)
              assert(math.type(math.random(math.mininteger, math.maxinteger)) == "integer")
            end
            assert(not pcall(math.random, 2, 1))
            return {}
            """
        )
        #expect(answer.verdict == .handled)
    }

    @Test("a failed hook is logged with hook, place, traceback, client and the message, cut")
    func log() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.move = { pad = gavel.string, a = gavel.optional(gavel.any) }
            local function inner(msg)
              local x = msg.a.b
            end
            function rules.filters.move(room, client, msg)
              gavel.log("moving", { n = 1 })
              print("p", nil, 2)
              inner(msg)
              return 1
            end
            return rules
            """
        )
        room.join(1)
        let pad = String(repeating: "é", count: 200)
        #expect(room.send(1, #"{"type":"move","pad":"\#(pad)"}"#) == .init(verdict: .failed))
        #expect(room.log.entries.map(\.level) == [.info, .info, .error])
        #expect(room.log.entries[0].message == "moving")
        #expect(room.log.entries[0].text("fields") == #"{"n":1}"#)
        #expect(room.log.entries[1].message == "p\tnil\t2")
        let error = room.log.entries[2]
        #expect(error.text("error") == "test.lua:4: attempt to index a nil value (field 'a')")
        #expect(error.text("hook") == "filters.move")
        #expect(error.text("client_id") == "1")
        #expect(error.text("room") == "table-1")
        #expect(error.text("message").utf8.count <= 203)
        #expect(error.text("message").hasPrefix(#"{"type":"move","pad":"éé"#))
        #expect(error.text("traceback").contains("test.lua:9 in filters.move"))
        #expect(!error.text("traceback").contains("[C]"))
    }

    @Test("params come from the config")
    func params() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.params = {
              turn = gavel.integer { default = 30 }, word = gavel.string { default = "a" }, list = gavel.any,
            }
            function rules.commands.join(room) return { p = room.params } end
            return rules
            """,
            params: #"{"turn":5,"list":[1,{"a":[]}]}"#
        )
        #expect(room.join(1).payload == #""p":{"list":[1,{"a":[]}],"turn":5,"word":"a"}"#)
    }

    @Test("client.data and room.state last from hook to hook; a message kept does not")
    func kept() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            local kept = {}
            rules.messages.run = { keep = gavel.optional(gavel.boolean) }
            function rules.commands.run(room, client, msg)
              if msg.keep then kept.msg = msg client.data.n = 7 return end
              local ok, text = pcall(function() return kept.msg.keep end)
              return { ok = ok, text = text, n = client.data.n }
            end
            return rules
            """
        )
        room.join(1)
        room.send(1, #"{"type":"run","keep":true}"#)
        let answer = room.send(1, #"{"type":"run"}"#)
        #expect(answer.payload.hasPrefix(#""n":7,"ok":false,"text":"test.lua:6: this message belongs to a hook"#))
    }

    @Test("a list that names a client again and again sends to it once; what one hook sends together is bounded")
    func recipients() throws {
        let room = try commandRoom(
            """
            local to = {}
            for i = 1, 5000 do to[i] = client.id end
            room:send(to, { type = "x" })
            room:kick({ client, client })
            """
        )
        let answer = room.send(1, #"{"type":"run"}"#)
        #expect(answer.effects == [.send(#"{"type":"x"}"#, to: 1), .kick("", 1)])
        let loud = try commandRoom(
            "for i = 1, 100 do room:broadcast { type = 'x', pad = string.rep('x', 10000) } end"
        )
        #expect(loud.send(1, #"{"type":"run"}"#) == .init(verdict: .failed))
        #expect(loud.log.lastError.contains("the hook sends more than 512 KiB together"))
    }
}
