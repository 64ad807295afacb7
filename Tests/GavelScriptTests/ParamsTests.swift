import GavelCore
import GavelScript
import Testing

@Suite("params of a room")
struct ParamsTests {
    private func load(_ declared: String, _ params: String) -> (params: String?, error: String?) {
        do {
            let room = try ScriptedRoom(
                """
                local rules = gavel.rules()
                rules.params = { \(declared) }
                function rules.commands.join(room) return { p = room.params } end
                return rules
                """,
                params: params
            )
            return (String(room.join(1).payload.dropFirst(4)), nil)
        } catch {
            return (nil, "\(error)")
        }
    }

    @Test(
        "they are what the config says, and where it says nothing their defaults",
        arguments: [
            ("turn = gavel.integer { min = 5, default = 30 }", "", #"{"turn":30}"#),
            ("turn = gavel.integer { min = 5, default = 30 }", #"{"turn":5}"#, #"{"turn":5}"#),
            ("turn = gavel.integer", #"{"turn":6.0}"#, #"{"turn":6}"#),
            (
                "a = gavel.optional(gavel.integer), b = gavel.any { default = { 1, { x = true } } }", "",
                #"{"b":[1,{"x":true}]}"#
            ),
            ("a = gavel.optional(gavel.integer { default = 3 })", #"{"a":null}"#, "{}"),
            ("w = gavel.list(gavel.string)", #"{"w":["a","é"]}"#, #"{"w":["a","é"]}"#),
            (
                "m = gavel.one_of { 'a', 'b', default = 'b' }, l = gavel.list(gavel.any, { default = {} })", "",
                #"{"l":[],"m":"b"}"#
            ),
            ("", "{}", "{}"),
        ]
    )
    func values(declared: String, params: String, expected: String) {
        let loaded = self.load(declared, params)
        #expect(loaded.error == nil)
        #expect(loaded.params == expected)
    }

    @Test(
        "what is not declared, not as declared or missing is told when the rules are loaded",
        arguments: [
            (
                "turn = gavel.integer { min = 5 }", #"{"turn":"a"}"#,
                #"params.turn: expected an integer of at least 5, got "a""#
            ),
            (
                "turn = gavel.integer { min = 5, default = 9 }", #"{"turn":4}"#,
                "params.turn: expected an integer of at least 5, got 4"
            ),
            ("turn = gavel.integer", #"{"turn":null}"#, "params.turn: expected an integer, got null"),
            ("turn = gavel.integer { default = 1 }", #"{"trun":4}"#, "params.trun: no such param. Did you mean turn?"),
            ("turn = gavel.integer { default = 1 }", #"{"zzz":4}"#, "params.zzz: no such param."),
            (
                "turn = gavel.integer { min = 5 }", "",
                "params.turn: expected an integer of at least 5, got nothing. Set it in the room's params, or give it a default."
            ),
            (
                "turn = gavel.integer { min = 5, default = 3 }", #"{"turn":7}"#,
                "params.turn: the default: expected an integer of at least 5, got 3"
            ),
            ("w = gavel.list(gavel.string)", #"{"w":["a",1]}"#, "params.w[1]: expected a string, got 1"),
            ("o = gavel.object { a = gavel.any }", #"{"o":{"a":1,"b":1}}"#, "params.o.b: not expected"),
            ("m = gavel.one_of { 'a', default = 'c' }", "", #"params.m: the default: expected "a", got "c""#),
            (
                "m = gavel.one_of { 'a', defualt = 'c' }", "",
                #"params.m: one_of has no option "defualt". Did you mean default? (default)"#
            ),
            (
                "turn = gavel.integer { defualt = 3 }", "",
                #"params.turn: integer has no option "defualt". Did you mean default? (min, max)"#
            ),
            ("turn = 5", "", "params.turn is a number. Write a schema, such as gavel.integer or gavel.object { … }."),
        ]
    )
    func mistakes(declared: String, params: String, text: String) {
        #expect(self.load(declared, params).error == "test.lua:2: " + text)
    }

    @Test("rules that declare none take any")
    func undeclared() throws {
        let room = try ScriptedRoom(
            "local rules = gavel.rules() function rules.commands.join(room) return room.params end return rules",
            params: #"{"a":[1]}"#
        )
        #expect(room.join(1).payload == #""a":[1]"#)
    }

    @Test(
        "cannot be changed by a hook, table's functions included",
        arguments: [
            "room.params.list[1] = 4", "table.insert(room.params.list, 4)", "table.remove(room.params.list)",
            "table.sort(room.params.list, function(a, b) return a > b end)", "table.move(room.params.list, 1, 2, 2)",
        ]
    )
    func fixed(change: String) throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            function rules.commands.join(room) \(change) end
            return rules
            """,
            params: #"{"list":[1,2,3]}"#
        )
        #expect(room.join(1).verdict == .failed)
        let entry = try #require(room.log.entries.last)
        #expect("\(entry)".contains("room.params cannot be changed"))
    }
}
