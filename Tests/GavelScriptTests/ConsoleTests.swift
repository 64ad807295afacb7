import GavelCore
import GavelScript
import Testing

@Suite("what somebody types while a room runs")
struct ConsoleTests {
    private func room() throws -> ScriptedRoom {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.look = {}
            function rules.on_create(room) room.state = { n = 1, list = { 1, 2 }, ["a key"] = { x = true } } end
            function rules.commands.look(room) return { n = room.state.n } end
            function rules.timers.bell() end
            return rules
            """
        )
        room.create()
        room.join(1, name: "Ann")
        return room
    }

    @Test(
        "is answered with its value, as Lua has it",
        arguments: [
            ("1 + 1", "2"), ("room.state.n, 'x'", #"1, "x""#), ("2 / 2", "1.0"), ("nil", "nil"), ("", "nothing"),
            ("local x = 3 return x * 2", "6"), ("room.state", #"{ ["a key"] = { x = true }, list = { 1, 2 }, n = 1 }"#),
            ("{}", "{}"), ("{ [2] = 'two', a = {} }", #"{ [2] = "two", a = {} }"#), ("client(1)", "client 1"),
            ("client(9)", ""), ("client(1).name", #""Ann""#), ("gavel.null", "null"), ("print", "function"),
            (#""a\n\0\255\"é""#, #""a\n\x00\xFF\"é""#), ("0/0 ~= 0/0", "true"), ("room", "room table-1"),
            ("#room.clients, room.clients[1].id", "1, 1"), ("{ ['end'] = 1 }", #"{ ["end"] = 1 }"#),
            ("room.key", #""table-1""#), ("gavel.now()", "1000000"), ("-- nothing", "nothing"),
        ]
    )
    func values(source: String, value: String) throws {
        let answer = try self.room().evaluate(source)
        #expect(answer.verdict == .handled)
        #expect(answer.payload == (value.isEmpty ? "nothing" : value))
    }

    @Test("does what a hook can do: effects, the state, timers, the log")
    func effects() throws {
        let room = try self.room()
        let answer = room.evaluate(
            """
            room.state.n = 7
            client(1).data.rich = true
            room:broadcast { type = "hi" }
            room:after("5s", "bell")
            print("typed")
            return room.state.n
            """
        )
        #expect(answer.payload == "7")
        #expect(answer.effects == [.broadcast(#"{"type":"hi"}"#)])
        #expect(room.rules.nextTimer == room.context.uptimeMilliseconds + 5_000)
        #expect(room.send(1, #"{"type":"look"}"#).payload == #""n":7"#)
        #expect(room.log.entries.map(\.message) == ["typed"])
    }

    @Test(
        "is undone where it fails, says why, and counts as no failure of the rules",
        arguments: [
            (#"error("oh")"#, "console:1: oh"), ("1 +", "console:1: "), ("x = 1", #"global "x" is not declared"#),
            ("return nothing", #"global "nothing" is not declared"#), ("while true do end", "spent its budget"),
            (#"gavel.reject("no")"#, "console cannot reject"),
            ("\nlocal t = nil\nreturn t.x", "console:3: attempt to index"),
            ("io.write('x')", "there is no io here"), (#"room:sync()"#, "there is no rules.snapshot"),
            (#"require("x")"#, "belongs at the top"), (#"client("x")"#, "client takes a client's id"),
            ("string.x = 1", "cannot be changed"), ("\u{1B}Lua", "compiled Lua"),
        ]
    )
    func failures(source: String, text: String) throws {
        let room = try self.room()
        let before = room.state
        let prefix = source.hasPrefix("\u{1B}") || source == "1 +" ? "" : "room.state.n = 9 "
        let answer = room.evaluate(prefix + source)
        #expect(answer.verdict == .failed)
        #expect(answer.payload.contains(text), "\(answer.payload)")
        #expect(answer.effects == [])
        #expect(room.state == before)
        #expect(room.rules.failureCount == 0)
        #expect(room.log.entries.isEmpty)
        #expect(room.send(1, #"{"type":"look"}"#).payload == #""n":1"#)
    }

    @Test("shows much only as far as a person reads, and a table inside of itself to a depth")
    func bounds() throws {
        let room = try self.room()
        let long = room.evaluate("local t = {} for i = 1, 20000 do t[i] = i end return t").payload
        #expect(long.utf8.count < 17_000)
        #expect(long.hasSuffix("… }"))
        #expect(room.evaluate(#"("x"):rep(500000)"#).payload.utf8.count < 17_000)
        let nested = room.evaluate("local t = {} t.t = t return t").payload
        #expect(nested.hasPrefix("{ t = { t = { t = "))
        #expect(nested.contains("{ … }"))
        #expect(room.evaluate(String(repeating: " ", count: 17_000)).payload.contains("16 KiB are the most"))
    }
}

@Suite("the state of a room, described")
struct StateDescriptionTests {
    @Test("is JSON with its keys in order, whatever the rules keep")
    func shape() throws {
        let room = try commandRoom(
            """
            room.state = { b = 1, a = { 1, 2.5, "x", false }, [7] = "seven", [-1] = {}, n = gavel.null, f = 1/0,
              o = gavel.json.object {}, t = "\\"\\n\\1\\255é", whole = 3.0, gaps = { [1] = 1, [3] = 3 } }
            client.data.hp = 10
            """
        )
        room.send(1, #"{"type":"run"}"#)
        #expect(
            room.state == #"{"state":{"-1":[],"7":"seven","a":[1,2.5,"x",false],"b":1,"f":"inf","gaps":{"1":1,"3":3},"#
                + #""n":null,"o":{},"t":"\"\n\u0001�é","whole":3.0},"clients":{"1":{"hp":10}}}"#
        )
    }

    @Test("is bounded, and says where something is left out")
    func bounded() throws {
        let room = try commandRoom(
            """
            room.state = { list = {}, text = ("y"):rep(5000) }
            for i = 1, 2000 do room.state.list[i] = { n = i } end
            """
        )
        room.send(1, #"{"type":"run"}"#)
        for bytes in [0, 10, 500, 4_000] {
            let text = String(decoding: room.rules.describeState(atMost: bytes), as: UTF8.self)
            #expect(text.utf8.count < bytes + 200)
            #expect(text.contains("…"))
            #expect(text.hasPrefix(#"{"state":{"#) && text.hasSuffix("}}"))
        }
    }
}
