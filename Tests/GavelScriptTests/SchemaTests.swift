import GavelCore
import Testing

/// A room whose only message `m` has a field `x` of the schema, with other declarations behind it.
func schemaRoom(_ schema: String, _ more: String = "") throws -> ScriptedRoom {
    let room = try ScriptedRoom(
        """
        local rules = gavel.rules()
        rules.messages.m = { x = \(schema) }
        \(more)
        return rules
        """
    )
    room.create()
    room.join(1)
    return room
}

/// What the sender is told; `nil`: the message passed.
func complaint(_ answer: ScriptedRoom.Answer) -> String? {
    if answer.verdict == .relay { return nil }
    let prefix = #""message":""#
    guard answer.verdict == .invalid, answer.payload.hasPrefix(prefix) else { return "\(answer)" }
    return String(answer.payload.dropFirst(prefix.utf8.count).dropLast())
}

@Suite("schemas of messages")
struct SchemaTests {
    @Test(
        "a field that is as its schema says passes",
        arguments: [
            ("gavel.integer", ["3", "3.0", "-0", "1e3", "9223372036854775807", "-9223372036854775808", "2.50e1"]),
            ("gavel.integer { min = 1, max = 9 }", ["1", "9", "9.0", "1E0"]),
            ("gavel.integer { min = -2.0 }", ["-2", "5"]),
            ("gavel.number", ["0", "-0.5", "1e300", "123456789012345678901234567890", "0.30000000000000004"]),
            ("gavel.number { min = -1.5, max = 0.1 }", ["-1.5", "0.1", "1e-1", "-1.50000000000000000000"]),
            ("gavel.string", [#""""#, #""é""#, #""\u0000""#]),
            ("gavel.string { min = 2, max = 3 }", [#""ab""#, #""é€😀""#, #""\u00e9\ud83d\ude00\n""#, #""\\\"""#]),
            ("gavel.boolean", ["true", "false"]),
            (
                #"gavel.one_of { "red", "é", 7, 0.5, true }"#,
                [#""red""#, #""r\u0065d""#, #""\u00e9""#, "7", "7.0", "0.5", "5e-1", "true"]
            ),
            ("gavel.list(gavel.integer)", ["[]", "[1,2.0]"]),
            ("gavel.list(gavel.integer, { min = 1, max = 2 })", ["[1]", "[1,2]"]),
            ("gavel.map(gavel.boolean)", ["{}", #"{"a":true,"":false}"#]),
            ("gavel.map(gavel.optional(gavel.boolean), { max = 1 })", ["{}", #"{"a":null}"#]),
            (
                "gavel.object { a = gavel.integer, b = gavel.optional(gavel.object {}) }",
                [#"{"a":1}"#, #"{"b":null,"\u0061":1}"#, #"{"b":{},"a":1}"#]
            ),
            ("gavel.any", ["null", "1", #"{"a":[{"a":null}]}"#, "[[]]"]),
            ("gavel.optional(gavel.any)", ["null", "1"]),
        ]
    )
    func met(schema: String, values: [String]) throws {
        let room = try schemaRoom(schema)
        for value in values {
            #expect(complaint(room.send(1, #"{"type":"m","x":\#(value)}"#)) == nil, "\(value)")
            #expect(
                complaint(room.send(1, #"{ "x" : \#(value) , "ref":[], "type":"m","client_id":1,"msg_id":2}"#)) == nil
            )
        }
    }

    @Test(
        "a field that is not is refused, with what was expected",
        arguments: [
            ("gavel.integer", "3.5", "expected an integer, got 3.5"),
            ("gavel.integer", "9223372036854775808", "expected an integer, got 9223372036854775808"),
            ("gavel.integer", "1e400", "expected an integer, got 1e400"),
            ("gavel.integer", "null", "expected an integer, got null"),
            ("gavel.integer { min = 1, max = 9 }", #""a""#, #"expected an integer from 1 to 9, got \"a\""#),
            ("gavel.integer { min = 1, max = 9 }", "0", "expected an integer from 1 to 9, got 0"),
            ("gavel.integer { min = 1 }", "0.0", "expected an integer of at least 1, got 0.0"),
            ("gavel.integer { max = -1 }", "1", "expected an integer of at most -1, got 1"),
            ("gavel.number", "true", "expected a number, got true"),
            ("gavel.number", "1e309", "expected a number, got 1e309"),
            ("gavel.number { min = -1.5, max = 0.1 }", "0.10001", "expected a number from -1.5 to 0.1, got 0.10001"),
            ("gavel.string", "1", "expected a string, got 1"),
            ("gavel.string { max = 1 }", #""é\u00e9""#, #"expected a string of at most 1 character, got \"éé\""#),
            (
                "gavel.string { min = 3 }", #""\ud83d\ude00\n""#,
                #"expected a string of at least 3 characters, got \"😀\n\""#
            ),
            ("gavel.string { min = 1, max = 2 }", #""""#, #"expected a string of 1 to 2 characters, got \"\""#),
            ("gavel.boolean", "0", "expected true or false, got 0"),
            (#"gavel.one_of { "red", "blue" }"#, "7", #"expected \"red\" or \"blue\", got 7"#),
            (#"gavel.one_of { 1, 2.5, false }"#, "true", "expected 1, 2.5 or false, got true"),
            (#"gavel.one_of { "1" }"#, "1", #"expected \"1\", got 1"#),
            ("gavel.list(gavel.any)", "{}", "expected a list, got an object"),
            ("gavel.list(gavel.any, { min = 2 })", "[1]", "expected a list of at least 2 elements, got 1"),
            ("gavel.list(gavel.any, { min = 1, max = 2 })", "[1,2,3]", "expected a list of 1 to 2 elements, got 3"),
            ("gavel.map(gavel.any)", "[]", "expected an object, got a list"),
            ("gavel.map(gavel.any, { max = 1 })", #"{"a":1,"b":2}"#, "expected an object of at most 1 field, got 2"),
            ("gavel.object {}", "null", "expected an object, got null"),
            (
                "gavel.integer", #""\#(String(repeating: "a", count: 39))éb""#,
                #"expected an integer, got \"\#(String(repeating: "a", count: 39))…\""#
            ),
            (
                "gavel.integer", #""\#(String(repeating: #"\ud83d\ude00"#, count: 200))""#,
                #"expected an integer, got \"\#(String(repeating: "😀", count: 10))…\""#
            ),
        ]
    )
    func unmet(schema: String, value: String, text: String) throws {
        #expect(complaint(try schemaRoom(schema).send(1, #"{"type":"m","x":\#(value)}"#)) == "x: " + text)
    }

    @Test(
        "the path says where, through lists, maps, objects and names of any kind",
        arguments: [
            ("gavel.list(gavel.object { x = gavel.integer })", #"[{"x":1},{"x":1},{"x":1},{}]"#, "x[3].x: missing"),
            (
                "gavel.map(gavel.list(gavel.boolean))", #"{"a":[],"b c":[true,0]}"#,
                #"x[\"b c\"][1]: expected true or false, got 0"#
            ),
            ("gavel.object { a = gavel.object {} }", #"{"a":{"b":1}}"#, "x.a.b: not expected"),
            ("gavel.object {}", #"{"\u0062":1}"#, "x.b: not expected"),
            ("gavel.object { ['a b'] = gavel.any }", "{}", #"x[\"a b\"]: missing"#),
            (
                "gavel.map(gavel.integer)", #"{"\#(String(repeating: "é", count: 50))":null}"#,
                #"x[\"\#(String(repeating: "é", count: 20))…\"]: expected an integer, got null"#
            ),
        ]
    )
    func paths(schema: String, value: String, text: String) throws {
        #expect(complaint(try schemaRoom(schema).send(1, #"{"type":"m","x":\#(value)}"#)) == text)
    }

    @Test(
        "a key that stands twice is refused at any depth, however it is spelt",
        arguments: [
            ("gavel.any", #""x":1,"x":1"#, "x: given twice"), ("gavel.any", #""x":1,"\u0078":1"#, "x: given twice"),
            ("gavel.any", #""x":[{"a":{"b":1,"\u0062":2}}]"#, "x[0].a.b: given twice"),
            ("gavel.any", #""x":{"\ud83d\ude00":1,"😀":2}"#, #"x[\"😀\"]: given twice"#),
            ("gavel.map(gavel.any)", #""x":{"a":1,"b":1,"a":1}"#, "x.a: given twice"),
            ("gavel.object { a = gavel.any }", #""x":{"a":1,"a":1}"#, "x.a: given twice"),
        ]
    )
    func twice(schema: String, members: String, text: String) throws {
        let room = try schemaRoom(schema)
        #expect(complaint(room.send(1, #"{"type":"m",\#(members)}"#)) == text)
        let loose = try schemaRoom(schema, "rules.options.m = { strict = false }")
        #expect(complaint(loose.send(1, #"{"type":"m",\#(members)}"#)) == text)
    }

    @Test("without strict, further fields pass at any depth, and each key still stands there once")
    func loose() throws {
        let room = try schemaRoom("gavel.object { a = gavel.integer }", "rules.options.m = { strict = false }")
        #expect(complaint(room.send(1, #"{"type":"m","y":1,"x":{"a":1,"b":{"c":2}}}"#)) == nil)
        #expect(complaint(room.send(1, #"{"type":"m","client_id":1,"y":1,"z":2,"client_id":1,"x":{"a":1}}"#)) == nil)
        #expect(complaint(room.send(1, #"{"type":"m","y":1,"x":{"a":1},"\u0079":1}"#)) == "y: given twice")
        #expect(complaint(room.send(1, #"{"type":"m","y":{"b":[],"b":[]},"x":{"a":1}}"#)) == "y.b: given twice")
        #expect(complaint(room.send(1, #"{"type":"m","x":{"a":1,"b":1,"c":1,"b":1}}"#)) == "x.b: given twice")
        let members = (0..<200).map { #""k\#($0)":0"# }.joined(separator: ",")
        #expect(complaint(room.send(1, #"{"type":"m",\#(members),"x":{"a":1}}"#)) == nil)
        #expect(complaint(room.send(1, #"{"type":"m",\#(members),"\u006b77":1,"x":{"a":1}}"#)) == "k77: given twice")
    }

    @Test("a strict message has its own fields and the envelope's, and no others")
    func strict() throws {
        let room = try schemaRoom("gavel.any")
        #expect(complaint(room.send(1, #"{"type":"m","x":1,"speed":2}"#)) == "speed: not expected")
        #expect(complaint(room.send(1, #"{"type":"m","x":1,"room":2}"#)) == "room: not expected")
        #expect(complaint(room.send(1, #"{"type":"m"}"#)) == "x: missing")
        #expect(complaint(room.send(1, #"{"ref":1,"type":"m","client\u005fid":1,"x":1}"#)) == nil)
        #expect(room.send(1, #"{"type":"n"}"#).verdict == .unknownType)
    }

    @Test("a join's own fields are checked, and who is refused was never there")
    func join() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.join = { team = gavel.one_of { "red" }, n = gavel.optional(gavel.integer) }
            function rules.commands.join(room, client, request)
              assert(request.token == nil and request.moved == nil and request.n == nil)
              return { n = #room.clients, team = request.team, name = request.name, room = nil }
            end
            return rules
            """
        )
        let join = #"{"type":"join","room":"r","name":"A","ref":1,"token":"t","history":5,"resume":{"a":1},"n":null,"#
        #expect(complaint(room.join(1, join + #""team":1}"#)) == #"team: expected \"red\", got 1"#)
        #expect(complaint(room.join(1, join + #""team":"red","x":1}"#)) == "x: not expected")
        #expect(complaint(room.join(1, join + #""team":"red","name":"B"}"#)) == "name: given twice")
        #expect(room.join(1, join + #""team":"red"}"#).payload == #""n":1,"name":"A","team":"red""#)
        // A schema of the join alone declares no types.
        #expect(room.send(1, #"{"type":"anything","x":1}"#).verdict == .relay)
    }

    @Test("a field that may be null is nil where it is, at any depth; under any it stays gavel.null")
    func null() throws {
        let room = try schemaRoom(
            """
            gavel.object {
              a = gavel.optional(gavel.integer), any = gavel.any, m = gavel.map(gavel.optional(gavel.string)),
              l = gavel.list(gavel.object { o = gavel.optional(gavel.list(gavel.integer)) }) },
              y = gavel.optional(gavel.integer), z = gavel.any, go = gavel.optional(gavel.boolean)
            """,
            """
            function rules.filters.m(room, client, msg)
              assert(msg.y == nil and msg.z == gavel.null)
              assert(msg.x.a == nil and msg.x.any == gavel.null and next(msg.x.m) == "k" and msg.x.l[2].o == nil)
              assert(msg.x.l[1].o[1] == 1)
              for k, v in pairs(msg) do assert(k ~= "y") end
              if msg.go then msg.x.l[1].o[1] = 2 end
              msg.y = msg.y
            end
            """
        )
        let fields = #""y":null,"z":null,"x":{"a":null,"any":null,"m":{"b":null,"k":"v"},"l":[{"o":[1]},{"o":null}]}}"#
        #expect(room.send(1, #"{"type":"m","# + fields) == .init(verdict: .relay), "\(room.log.entries)")
        #expect(
            room.send(1, #"{"type":"m","go":true,"# + fields).payload
                == #"{"type":"m","go":true,"y":null,"z":null,"x":{"any":null,"l":[{"o":[2]},{}],"m":{"k":"v"}}}"#
        )
    }

    @Test(
        "a field of msg that the schema does not have is an error of the hook",
        arguments: [
            ("local a = msg.cel", #"messages.m has no field "cel". Did you mean cell?"#),
            ("msg.cel = 1", #"messages.m has no field "cel". Did you mean cell?"#),
            ("local a = msg.zzzz", #"messages.m has no field "zzzz"."#),
        ]
    )
    func misspelt(body: String, text: String) throws {
        let declared = "cell = gavel.optional(gavel.any)"
        let hook = "function rules.filters.m(room, client, msg) \(body) end"
        let room = try schemaRoom("gavel.any, \(declared)", hook)
        #expect(room.send(1, #"{"type":"m","x":1}"#).verdict == .failed)
        #expect(room.log.entries.last?.text("error") == "test.lua:3: " + text)
        let loose = try schemaRoom("gavel.any, \(declared)", hook + " rules.options.m = { strict = false }")
        #expect(loose.send(1, #"{"type":"m","x":1}"#).verdict != .failed)
        let sound = try schemaRoom(
            "gavel.any, \(declared)",
            "function rules.filters.m(room, client, msg) local a = msg.ref or msg.type or msg.client_id end"
        )
        #expect(sound.send(1, #"{"type":"m","x":1}"#).verdict == .relay)
    }

    @Test("lists of ten thousand, objects of as many keys and the deepest schemas are checked in no time")
    func hostile() throws {
        let list = try schemaRoom(#"gavel.list(gavel.one_of { "a", 1 }, { max = 10000 })"#)
        let ones = Array(repeating: "1", count: 10_000)
        #expect(complaint(list.send(1, #"{"type":"m","x":[\#(ones.joined(separator: ","))]}"#)) == nil)
        let odd = (ones.dropLast() + ["2"]).joined(separator: ",")
        #expect(complaint(list.send(1, #"{"type":"m","x":[\#(odd)]}"#)) == #"x[9999]: expected \"a\" or 1, got 2"#)
        #expect(
            complaint(list.send(1, #"{"type":"m","x":[\#(odd),1]}"#))
                == "x: expected a list of at most 10000 elements, got 10001"
        )
        let any = try schemaRoom("gavel.any")
        let keys = (0..<70_000).map { #""k\#($0)":1"# }.joined(separator: ",")
        #expect(complaint(any.send(1, #"{"type":"m","x":{\#(keys)}}"#)) == nil)
        #expect(complaint(any.send(1, #"{"type":"m","x":{\#(keys),"\u006b5":1}}"#)) == "x.k5: given twice")
        let deep = String(repeating: "gavel.list(", count: 29) + "gavel.integer" + String(repeating: ")", count: 29)
        let nested = String(repeating: "[", count: 29) + "true" + String(repeating: "]", count: 29)
        #expect(
            complaint(try schemaRoom(deep).send(1, #"{"type":"m","x":\#(nested)}"#))
                == "x" + String(repeating: "[0]", count: 29) + ": expected an integer, got true"
        )
        let map = try schemaRoom(deep.replacing("list", with: "map"))
        let name = String(repeating: "n", count: 40)
        let members = String(repeating: #"{"\#(name)":"#, count: 29) + "true" + String(repeating: "}", count: 29)
        let told = complaint(map.send(1, #"{"type":"m","x":\#(members)}"#))
        #expect(told == "x" + String(repeating: ".\(name)", count: 4).prefix(159) + "…: expected an integer, got true")
    }
}
