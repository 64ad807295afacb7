import GavelCore
import GavelScript
import Testing

@Suite("rates and options of a message")
struct RateTests {
    private func room(_ rate: String) throws -> ScriptedRoom {
        let room = try schemaRoom(
            "gavel.integer",
            "rules.messages.free = {} rules.options.m = { rate = \"\(rate)\" }"
        )
        room.join(2)
        return room
    }

    private let message = #"{"type":"m","x":1}"#

    @Test("as many as the rate says pass at once, then one whenever its part of the time is over")
    func burst() throws {
        let room = try self.room("3/1s")
        for _ in 1...3 { #expect(room.send(1, self.message).verdict == .relay) }
        #expect(room.send(1, self.message) == .init(verdict: .limited, retryAfter: 334))
        room.now += 333
        #expect(room.send(1, self.message) == .init(verdict: .limited, retryAfter: 1))
        room.now += 1
        #expect(room.send(1, self.message).verdict == .relay)
        #expect(room.send(1, self.message).verdict == .limited)
        room.now += 10_000
        for _ in 1...3 { #expect(room.send(1, self.message).verdict == .relay) }
        #expect(room.send(1, self.message).verdict == .limited)
    }

    @Test(
        "over a long time as many pass as the rate says, not one more",
        arguments: [("7/1s", 700), ("30/1.5s", 2000), ("1/50ms", 2000), ("600/1m", 1000), ("10000/10ms", 3000)]
    )
    func steady(rate: String, expected: Int) throws {
        let room = try self.room(rate)
        let burst = Int(rate.prefix { $0 != "/" })!
        for _ in 0..<burst { #expect(room.send(1, self.message).verdict == .relay) }
        var passed = 0
        for _ in 0..<(rate == "10000/10ms" ? 3000 : 20_000) {
            room.now += 5
            if room.send(1, self.message).verdict == .relay { passed += 1 }
        }
        #expect(passed == expected, "of 100 s")
    }

    @Test("each client has its own, types without a rate none, and what the schema refuses counts too")
    func separate() throws {
        let room = try self.room("1/1s")
        #expect(room.send(1, #"{"type":"m","x":"a"}"#).verdict == .invalid)
        #expect(room.send(1, #"{"type":"m","x":"a"}"#).verdict == .limited)
        #expect(room.send(2, self.message).verdict == .relay)
        for _ in 1...20 { #expect(room.send(1, #"{"type":"free"}"#).verdict == .relay) }
        room.leave(1)
        room.join(3)
        #expect(room.send(3, self.message).verdict == .relay)
        #expect(room.send(2, self.message).verdict == .limited)
        #expect(room.send(3, self.message).verdict == .limited)
    }

    @Test(
        "an option that cannot be is told when the file is loaded",
        arguments: [
            ("m = { rate = 5 }", ".m.rate is 5. Write how many in what time: \"5/10s\"."),
            ("m = { rate = \"5\" }", ".m.rate is \"5\". Write how many in what time: \"5/10s\"."),
            ("m = { rate = \"0/1s\" }", ".m.rate is \"0/1s\". Write how many in what time: \"5/10s\"."),
            ("m = { rate = \"5/1h\" }", ".m.rate is \"5/1h\". Write how many in what time: \"5/10s\"."),
            ("m = { rate = \"5/0s\" }", ".m.rate is \"5/0s\". Write how many in what time: \"5/10s\"."),
            ("m = { rate = \"5/1.2345s\" }", ".m.rate is \"5/1.2345s\". Write how many in what time: \"5/10s\"."),
            ("m = { rate = {} }", ".m.rate is a table. Write how many in what time: \"5/10s\"."),
            ("m = { rat = 5 }", ".m.rat: no such option. Did you mean rate? (rate, strict, class, key, echo)"),
            ("m = { zzzzzz = 5 }", ".m.zzzzzz: no such option. (rate, strict, class, key, echo)"),
            ("m = { strict = 1 }", ".m.strict is 1. Write true or false."),
            ("mm = {}", ".mm: no such message. Did you mean m?"),
            ("zzzzzz = {}", ".zzzzzz: no such message. Add rules.messages.zzzzzz = { … }."),
            ("join = { rate = \"1/1s\" }", ".join.rate: the config limits joins, for all rooms at once."),
        ]
    )
    func mistakes(options: String, text: String) {
        let error = loadError(
            """
            local rules = gavel.rules()
            rules.messages.m, rules.messages.join = {}, {}
            rules.options = { \(options) }
            return rules
            """
        )
        #expect(error?.description == "ttt.lua:3: options" + text)
    }

    @Test(
        "a schema that cannot be is told with its place and the field's path",
        arguments: [
            (
                "cell = gavel.integer { minimum = 1 }",
                ".cell: integer has no option \"minimum\". Did you mean min? (min, max)"
            ),
            (
                "cell = \"integer\"",
                ".cell is a string. Write gavel.integer { … }, or gavel.one_of { \"integer\" } for that very word."
            ),
            ("cell = gavel.integer { min = 9, max = 1 }", ".cell can never be met: min 9 is above max 1."),
            ("cell = gavel.string { max = -1 }", ".cell can never be met: max -1 is below 0."),
            ("cell = gavel.integer { min = 1.5 }", ".cell: min is a whole number."),
            ("cell = gavel.number { min = 0/0 }", ".cell: min is a number."),
            (
                "a = gavel.list(gavel.map(gavel.object { b = gavel.string { mxa = 1 } }))",
                ".a[][*].b: string has no option \"mxa\". Did you mean max? (min, max)"
            ),
            ("ref = gavel.any", ".ref: that field belongs to the relay. Choose another name."),
            (
                "a = gavel.list(gavel.optional(gavel.any))",
                ".a[]: an element of a list cannot be left out. gavel.optional is for fields."
            ),
        ]
    )
    func schemas(fields: String, text: String) {
        let source = "local rules = gavel.rules()\n\nrules.messages.move = { \(fields) }\nreturn rules"
        #expect(loadError(source)?.description == "ttt.lua:3: messages.move" + text)
    }

    @Test("schemas that are too deep, too large, or contain themselves do not load")
    func bounds() {
        func load(_ body: String) -> String? {
            loadError("local rules = gavel.rules()\n\(body)\nreturn rules")?.text
        }
        #expect(load("rules.messages.m = gavel.integer")?.hasPrefix("messages.m is a gavel.integer. Write the") == true)
        #expect(load("rules.messages.m = gavel.any") == nil)
        #expect(load("local t = {} t.x = gavel.object(t) rules.messages.m = t")?.contains("at most 32 deep") == true)
        let wide =
            "local s = gavel.any for i = 1, 14 do s = gavel.object { a = s, b = s } end rules.messages.m = { x = s }"
        #expect(load(wide)?.contains("have at most 4096 parts") == true)
        let fields = "local t = {} for i = 1, 257 do t['f' .. i] = gavel.any end rules.messages.m = t"
        #expect(load(fields)?.contains("at most 256 fields") == true)
        let words = "local t = {} for i = 1, 5000 do t[i] = i end rules.messages.m = { x = gavel.one_of(t) }"
        #expect(load(words)?.contains("at most 4096 values") == true)
        #expect(
            load("local t = { x = gavel.any } rules.messages.m = t t.x = 5")?.contains("messages.m.x is a number")
                == true
        )
    }
}
