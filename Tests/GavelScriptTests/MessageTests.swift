import GavelCore
import Testing

@Suite("messages of clients")
struct MessageTests {
    @Test(
        "a message that the rules only read, or set to what it was, is relayed as it came",
        arguments: [
            "", "return nil", "return msg", "local x = msg.a", "msg.a = msg.a", "local t = msg.o.l[1]",
            "msg.o = msg.o", "msg.o.l[1], msg.o.l[2] = msg.o.l[1], msg.o.l[2]", "for k, v in pairs(msg) do end",
            "msg.none = nil", "msg.o = { l = { 1, 2.5, { 1 } }, e = gavel.json.object {}, n = gavel.null, f = {} }",
            "msg.a = 1.0", "local d = msg.d.x",
        ]
    )
    func untouched(body: String) throws {
        let message =
            #"{ "type":"say", "a" : 1.0, "o":{"l":[1,2.50,[1]],"e":{},"n":null,"f":[]},"client_id":9,"é":"\u00e9","d":{"x":1,"x":2}}"#
        #expect(try filter(body, message) == .init(verdict: .relay))
    }

    @Test(
        "a changed message keeps its other bytes and their order",
        arguments: [
            ("msg.a = 2", #"{"type":"say","a":2,"b": 1.50}"#), ("msg.a = nil", #"{"type":"say","b": 1.50}"#),
            ("msg.z, msg.c = 1, 'x\"'", #"{"type":"say","a":1,"b": 1.50,"c":"x\"","z":1}"#),
            ("msg.type = 'said'", #"{"type":"said","a":1,"b": 1.50}"#),
            ("msg.a, msg.b = nil, nil", #"{"type":"say"}"#),
            ("msg.a = { {}, gavel.json.object {}, { x = {} } }", #"{"type":"say","a":[[],{},{"x":[]}],"b": 1.50}"#),
        ]
    )
    func changed(body: String, expected: String) throws {
        let message = #"{"client_id":1,"type":"say","msg\u005fid":2,"a":1,"b": 1.50}"#
        #expect(try filter(body, message) == .init(verdict: .changed, payload: expected))
    }

    @Test(
        "a table returned stands for the message, with its type and its ref",
        arguments: [
            ("return { x = 1 }", #"{"type":"say","ref":"r","x":1}"#), ("return {}", #"{"type":"say","ref":"r"}"#),
            ("return { type = 'said', ref = msg.ref, b = 2 }", #"{"type":"said","b":2,"ref":"r"}"#),
            ("local t = {} for k, v in pairs(msg) do t[k] = v end return t", #"{"type":"say","l":[],"ref":"r"}"#),
        ]
    )
    func replaced(body: String, expected: String) throws {
        #expect(
            try filter(body, #"{"type":"say","l":[],"ref":"r","client_id":4}"#)
                == .init(verdict: .changed, payload: expected)
        )
    }

    @Test(
        "a changed part of a table is noticed",
        arguments: [
            "msg.o.x = 2", "msg.o.x = nil", "msg.o.y = 1", "msg.l[3] = 1", "msg.l[2] = nil", "msg.l[1] = '1'",
            "msg.o.e.a = 1", "msg.o.e = {}", "msg.l = gavel.json.object {}", "table.insert(msg.o.f, 1)",
            "msg.o.f = gavel.json.object {}",
        ]
    )
    func deep(body: String) throws {
        let answer = try filter(body, #"{"type":"say","o":{"x":1,"e":{},"f":[]},"l":[1,2]}"#)
        #expect(answer.verdict == .changed)
        #expect(answer.payload != #"{"type":"say","o":{"x":1,"e":{},"f":[]},"l":[1,2]}"#)
    }

    @Test("what the client put into the stamp's fields is not there, and of a repeated field the last counts")
    func hidden() throws {
        let answer = try filter(
            """
            assert(msg.client_id == nil and msg.msg_id == nil and msg.a == 2 and msg.none == nil and msg[1] == nil)
            local names = {}
            for k in pairs(msg) do names[#names + 1] = k end
            return { names = names }
            """,
            #"{"b":1,"a":1,"type":"say","client_id":5,"msg_id":6,"client\u005fid":7,"\u0061":2}"#
        )
        #expect(answer.payload == #"{"type":"say","names":["a","b","type"]}"#)
    }

    @Test(
        "numbers keep their kind",
        arguments: [
            ("1", "integer", "1"), ("-0", "integer", "0"), ("1.0", "integer", "1"), ("1e3", "integer", "1000"),
            ("9007199254740993", "integer", "9007199254740993"), ("0.1", "float", "0.1"), ("-44.25", "float", "-44.25"),
            ("9223372036854775807", "integer", "9223372036854775807"),
            ("9223372036854775808", "float", "9.223372036854776e+18"), ("1e300", "float", "1e+300"),
            ("3.141592653589793", "float", "3.141592653589793"), ("1e-7", "float", "1e-07"),
            ("0.30000000000000004", "float", "0.30000000000000004"),
            ("-9223372036854775808", "integer", "-9223372036854775808"),
        ]
    )
    func numbers(text: String, kind: String, written: String) throws {
        let answer = try filter("return { kind = math.type(msg.n), n = msg.n }", #"{"type":"say","n":\#(text)}"#)
        #expect(answer.payload == #"{"type":"say","kind":"\#(kind)","n":\#(written)}"#)
    }

    @Test("random doubles read back as what they were")
    func doubles() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.say = { n = gavel.number }
            function rules.commands.say(room, client, msg) return { n = msg.n } end
            return rules
            """
        )
        room.join(1)
        for _ in 0..<2000 {
            let bits = next()
            let value = bits % 3 == 0 ? Double(Int64(bits >> 40)) / 1000 : Double(bitPattern: bits)
            guard value.isFinite else { continue }
            let answer = room.send(1, #"{"type":"say","n":\#(value)}"#)
            #expect(Double(answer.payload.dropFirst(4)) == value, "seed \(seed): \(value) became \(answer.payload)")
        }
    }

    @Test("texts with escapes, zeros and every plane go in and out unharmed")
    func texts() throws {
        let answer = try filter(
            "assert(#msg.t == 14) return { t = msg.t .. '\\u{7f}' }",
            #"{"type":"say","t":"\u0000\n\"\\é\u20ac\ud83d\ude00/"}"#
        )
        #expect(answer.payload == "{\"type\":\"say\",\"t\":\"\\u0000\\n\\\"\\\\é€😀/\u{7f}\"}")
    }

    @Test("a message may be sent on as a part of another, or alone")
    func forwarded() throws {
        let message = #"{"type":"run","client_id":3,"a":[1, 2]}"#
        #expect(
            try run(
                "msg.b = 1 room:broadcast { type = 'x', was = msg } msg.type = 'y' room:broadcast(msg)",
                message: message
            )
            .effects == [
                .broadcast(#"{"type":"x","was":{"type":"run","a":[1, 2],"b":1}}"#),
                .broadcast(#"{"type":"y","a":[1, 2],"b":1}"#),
            ]
        )
    }

    @Test("a message in a table counts with all that is in it towards how deep what is sent may be")
    func nested() throws {
        func message(_ depth: Int) -> String {
            #"{"type":"run","d":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
                + "}"
        }
        let body = "room:broadcast { type = 'x', m = msg }"
        #expect(try run(body, message: message(31)).effects.count == 1)
        #expect(try run(body, message: message(32)).verdict == .failed)
    }
}
