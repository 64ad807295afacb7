import GavelCore
import GavelScript
import Testing

/// What rules keep in `room.state` and `client.data`.
@Suite("the state of a room")
struct StateTests {
    /// What a command answers, run in one room after those before it.
    private func answers(_ bodies: String...) throws -> [String] {
        let commands = bodies.enumerated().map { index, body in
            """
            rules.messages.c\(index) = {}
            function rules.commands.c\(index)(room, client, msg) \(body) end
            """
        }
        let room = try ScriptedRoom(
            (["local rules = gavel.rules()"] + commands + ["return rules"]).joined(separator: "\n")
        )
        room.create()
        room.join(1)
        return bodies.indices.map { index in
            let answer = room.send(1, #"{"type":"c\#(index)"}"#)
            return answer.verdict == .failed ? "failed: \(room.log.lastError)" : answer.payload
        }
    }

    @Test("keeps copies: what a script does to its own table later changes nothing")
    func copies() throws {
        let answers = try self.answers(
            """
            local t = { list = { 1, 2 }, name = "a" }
            room.state.t = t
            t.name = "b"
            t.list[3] = 3
            room.state.again = room.state.t
            room.state.again.name = "c"
            return { name = room.state.t.name, n = #room.state.t.list, again = room.state.again.name }
            """,
            "return { name = room.state.t.name, same = room.state.t == room.state.t, kind = type(room.state.t) }"
        )
        #expect(answers[0] == #""again":"c","n":2,"name":"a""#)
        #expect(answers[1] == #""kind":"table","name":"a","same":true"#)
    }

    @Test("takes parts of a message, and keeps what they were")
    func messageParts() throws {
        let room = try commandRoom(
            "room.state.last = msg room.state.list = msg.list room.state.none = msg.none return room.state"
        )
        let answer = room.send(1, #"{"type":"run","list":[1,{"a":null}],"none":{},"empty":[]}"#)
        #expect(
            answer.payload
                == #""last":{"empty":[],"list":[1,{"a":null}],"none":{},"type":"run"},"list":[1,{"a":null}],"none":{}"#
        )
    }

    @Test("is read by everything that reads a table")
    func reading() throws {
        let answer = try run(
            """
            room.state = { z = 1, a = 2, [10] = "ten", list = { 5, 6, 7 }, deep = { er = { x = 1 } } }
            local keys, values, s = {}, {}, room.state
            for k in pairs(s) do keys[#keys + 1] = tostring(k) end
            for i, v in ipairs(s.list) do values[i] = v end
            return { keys = keys, values = values, n = #s.list, text = table.concat(s.list, "-"),
              unpacked = { table.unpack(s.list) }, next = next(s.list), raw = rawget(s, "a"), len = rawlen(s.list),
              x = s.deep.er.x, none = s.nothing == nil, json = gavel.json.encode(s.deep) }
            """
        )
        #expect(
            answer.payload
                == #""json":"{\"er\":{\"x\":1}}","keys":["10","a","deep","list","z"],"len":3,"n":3,"next":1,"#
                + #""none":true,"raw":2,"text":"5-6-7","unpacked":[5,6,7],"values":[5,6,7],"x":1"#
        )
    }

    @Test("is written by the functions for lists as a table is")
    func lists() throws {
        let answer = try run(
            """
            room.state.l = { 3, 1, 2 }
            local l = room.state.l
            table.insert(l, 9)
            table.insert(l, 1, 8)
            local gone = table.remove(l, 2)
            table.sort(l)
            local sorted = table.concat(l, ",")
            table.sort(l, function(a, b) return a > b end)
            table.move(l, 1, 2, 4)
            rawset(l, 7, 7)
            room.state.people = { { age = 5 }, { age = 3 } }
            table.sort(room.state.people, function(a, b) return a.age < b.age end)
            local first = table.remove(room.state.people, 1)
            return { gone = gone, sorted = sorted, l = table.concat(l, ",", 1, 5), age = first.age,
              left = #room.state.people, seventh = l[7] }
            """
        )
        #expect(answer.payload == #""age":3,"gone":3,"l":"9,8,2,9,8","left":1,"seventh":7,"sorted":"1,2,8,9""#)
    }

    @Test("is put back by an error and by a reject, to the last field, and kept by a drop")
    func undo() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            local function change(room, client)
              local s = room.state
              s.n = s.n + 1
              s.gone = nil
              s.new = { 1, 2 }
              s.list[2] = "two"
              table.insert(s.list, 1, { fresh = true })
              table.remove(s.list)
              table.sort(s.numbers)
              s.deep.er.x = s.deep
              s.deep = { replaced = true }
              s.deep.replaced = "again"
              client.data.score = (client.data.score or 0) + 1
              room:send(client, { type = "private" })
              room:broadcast { type = "all" }
              if s.n > 5 then room.state = { all = "new" } room.state.all = "newer" end
            end
            rules.messages.fail, rules.messages.refuse, rules.messages.keep, rules.messages.show = {}, {}, {}, {}
            rules.messages.replace = {}
            function rules.on_create(room)
              room.state = { n = 1, gone = "here", list = { 1, 2, 3 }, deep = { er = { x = 1 } }, numbers = { 3, 1, 2 } }
            end
            function rules.commands.fail(room, client) change(room, client) error("broken") end
            function rules.commands.refuse(room, client) change(room, client) gavel.reject("no") end
            function rules.filters.keep(room, client) change(room, client) return gavel.drop end
            function rules.commands.replace(room, client) room.state.n = 10 change(room, client) error("broken") end
            function rules.commands.show(room, client) return { s = room.state, d = client.data, r = math.random(1000) } end
            return rules
            """
        )
        room.create()
        room.join(1)
        let before = #""d":[],"r":R,"s":{"deep":{"er":{"x":1}},"gone":"here","list":[1,2,3],"n":1,"numbers":[3,1,2]}"#
        func show() -> String {
            room.send(1, #"{"type":"show"}"#).payload.replacing(/"r":\d+/, with: #""r":R"#)
        }
        #expect(show() == before)
        for type in ["fail", "refuse", "fail", "replace"] {
            let answer = room.send(1, #"{"type":"\#(type)"}"#)
            #expect(answer.verdict == (type == "refuse" ? .rejected : .failed))
            #expect(answer.effects == [])
            #expect(show() == before)
        }
        #expect(room.send(1, #"{"type":"keep"}"#).verdict == .dropped)
        #expect(
            show() == #""d":{"score":1},"r":R,"s":{"deep":{"replaced":"again"},"list":[{"fresh":true},1,"two"],"n":2,"#
                + #""new":[1,2],"numbers":[1,2,3]}"#
        )
    }

    @Test("is put back when a join, a leave or the whole hook's budget fails")
    func undoOfOtherHooks() throws {
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 20_000
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.loop, rules.messages.show = {}, {}
            function rules.on_create(room) room.state = { seats = {}, n = 0 } end
            function rules.commands.join(room, client)
              room.state.seats[#room.state.seats + 1] = client.id
              client.data.seat = #room.state.seats
              if client.name == "bad" then error("no") end
              if client.name == "refused" then gavel.reject("full") end
            end
            function rules.on_leave(room, client)
              table.remove(room.state.seats)
              if client.name == "sticky" then error("no") end
            end
            function rules.commands.loop(room) while true do room.state.n = room.state.n + 1 end end
            function rules.commands.show(room, client) return { seats = room.state.seats, n = room.state.n } end
            return rules
            """,
            configuration: configuration
        )
        room.create()
        room.join(1)
        #expect(room.join(2, name: "bad").verdict == .failed)
        #expect(room.join(2, name: "refused").verdict == .rejected)
        room.join(2, name: "sticky")
        room.leave(2)
        #expect(room.send(1, #"{"type":"loop"}"#).verdict == .failed)
        #expect(room.send(1, #"{"type":"show"}"#).payload == #""n":0,"seats":[1,2]"#)
    }

    @Test("is put back even where the hook used up the room's memory")
    func undoWithoutMemory() throws {
        var configuration = ScriptConfiguration.patient
        configuration.memoryBytes = 400 << 10
        let room = try commandRoom(
            """
            local s = room.state
            for i = 1, 50 do s["key" .. i] = nil end
            for i = 1, 1e6 do s[i] = { i } end
            """,
            configuration: configuration
        )
        room.send(1, #"{"type":"ping"}"#)
        #expect(room.send(1, #"{"type":"run"}"#).verdict == .failed)
        #expect(room.send(1, #"{"type":"ping"}"#).payload == #""n":2"#)
    }

    @Test(
        "holds plain data only, and says where it was not",
        arguments: [
            (
                "room.state.host = client",
                "room.state.host cannot hold a client. Keep client.id and use room:client(id)."
            ),
            ("room.state.f = print", "room.state.f cannot hold a function."),
            ("room.state.a = { b = { print } }", "room.state.a.b[1] cannot hold a function."),
            ("room.state.t = setmetatable({}, {})", "room.state.t cannot hold a table with a metatable."),
            ("client.data.room = room", "client.data.room cannot hold a room"),
            ("room.state[1.5] = 1", "a key of room.state is a number with a fraction."),
            ("room.state[true] = 1", "a key of room.state is a boolean."),
            ("room.state.x = { [{}] = 1 }", "a key of room.state.x is a table."),
            ("room.state.a = { b = {} } room.state.a.b.c = client", "room.state.a.b.c cannot hold a client."),
            ("local t = {} t.t = t room.state.t = t", "is nested deeper than 32 levels, or contains itself."),
            ("room.state = 5", "room.state is a table"),
            ("client.data = nil", "client.data is a table"),
            ("room.params.x = 1", "room.params cannot be changed: they stand in config.toml."),
            ("setmetatable(room.state, {})", "what the state holds is plain data: it has no metatable."),
        ]
    )
    func plainData(body: String, message: String) throws {
        let room = try commandRoom(body)
        #expect(room.send(1, #"{"type":"run"}"#).verdict == .failed)
        #expect(room.log.lastError.contains(message), "\(room.log.lastError)")
        #expect(room.send(1, #"{"type":"ping"}"#).payload == #""n":1"#)
    }

    @Test("keeps keys as they were: integers, also whole ones written as 1.0, and texts apart from them")
    func keys() throws {
        let answer = try run(
            """
            room.state = { [1] = "integer", ["1"] = "text" }
            room.state[2.0] = "whole"
            return { a = room.state[1], b = room.state["1"], c = room.state[2], n = #room.state }
            """
        )
        #expect(answer.payload == #""a":"integer","b":"text","c":"whole","n":2"#)
    }

    @Test("goes with the client, data of each apart")
    func clientData() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            function rules.commands.join(room, client, request) client.data.n = request.n end
            function rules.on_leave(room, client)
              room:broadcast { type = "gone", n = client.data.n, left = #room.clients }
            end
            return rules
            """
        )
        for client in 1...3 { room.join(ClientID(client), #"{"type":"join","room":"r","n":\#(client * 10)}"#) }
        #expect(room.leave(2).effects == [.broadcast(#"{"type":"gone","left":2,"n":20}"#)])
        room.join(4)
        #expect(room.leave(4).effects == [.broadcast(#"{"type":"gone","left":2}"#)])
    }

    @Test("of random changes by random hooks those of the failing half leave no trace")
    func randomChanges() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Random(state: seed)
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.run = { steps = gavel.list(gavel.any), fails = gavel.boolean }
            rules.messages.show = {}
            function rules.commands.run(room, client, msg)
              for _, step in ipairs(msg.steps) do
                local t = room.state
                for i = 1, #step.path do t = type(t[step.path[i]]) == "table" and t[step.path[i]] or t end
                if step.op == "set" then t[step.key] = step.value
                elseif step.op == "clear" then t[step.key] = nil
                elseif step.op == "nest" then t[step.key] = { a = step.value, b = { step.value } }
                elseif step.op == "copy" then t[step.key] = type(t[step.value]) == "table" and t[step.value] or nil
                elseif step.op == "all" then room.state = { b = step.value }
                end
              end
              if msg.fails then error("fails") end
            end
            function rules.commands.show(room) return { s = gavel.json.object({ room.state }) } end
            return rules
            """
        )
        room.join(1)
        func shown() -> String { room.send(1, #"{"type":"show"}"#).payload }
        let keys = [#""a""#, #""b""#, #""c""#]
        for _ in 0..<500 {
            let before = shown()
            let steps = (0..<random.below(12)).map { _ in
                let path = (0..<random.below(4)).map { _ in keys[random.below(3)] }.joined(separator: ",")
                let op = ["set", "clear", "nest", "copy", "all"][random.below(100) < 3 ? 4 : random.below(4)]
                let value = op == "copy" ? keys[random.below(3)] : "\(random.below(100))"
                return #"{"op":"\#(op)","path":[\#(path)],"key":\#(keys[random.below(3)]),"value":\#(value)}"#
            }
            let fails = random.below(2) == 0
            let message = #"{"type":"run","steps":[\#(steps.joined(separator: ","))],"fails":\#(fails)}"#
            let answer = room.send(1, message)
            #expect(fails || answer.verdict == .handled, "seed \(seed): \(message) \(room.log.lastError)")
            if answer.verdict == .failed { #expect(shown() == before, "seed \(seed): \(message)") }
        }
    }
}

private struct Random {
    var state: UInt64

    /// splitmix64 (Vigna).
    mutating func below(_ bound: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
