import GavelCore
import GavelScript
import Testing

@Suite("rules.options with class latest")
struct LatestRulesTests {
    private func room(_ options: String, filter: String = "") throws -> ScriptedRoom {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.say = { text = gavel.string }
            rules.messages.cursor = { piece = gavel.any, x = gavel.optional(gavel.number) }
            rules.messages.drag = {
              piece = gavel.one_of { "a", "b\\"", 1, 2.5, true }, n = gavel.integer, s = gavel.string,
              x = gavel.optional(gavel.number),
            }
            \(options)
            \(filter)
            return rules
            """
        )
        room.join(1)
        return room
    }

    private func value(_ room: ScriptedRoom, _ text: String) -> [UInt8]? {
        let answer = room.send(1, text)
        #expect(answer.latest != nil, "\(answer)")
        return answer.latest?.value
    }

    @Test("say that a type is the newest of its sender, and others are as they were")
    func bySender() throws {
        let room = try self.room(#"rules.options.cursor = { class = "latest" }"#)
        #expect(room.send(1, #"{"type":"say","text":"hi"}"#).latest == nil)
        let answer = room.send(1, #"{"type":"cursor","piece":[1]}"#)
        #expect(answer.verdict == .relay)
        #expect(answer.latest?.value == nil && answer.latest?.echoes == true)
    }

    @Test("are found by the number of the type in every version of the rules, with the field that decides")
    func versions() throws {
        let cursor = #"rules.options.cursor = { class = "latest" } "#
        let old = try self.room(cursor + #"rules.options.drag = { class = "latest", key = "piece" }"#)
        let new = try self.room(#"rules.options.drag = { class = "latest", key = "n" }"#)
        let texts = [#"{"type":"cursor","piece":1}"#, #"{"type":"drag","piece":1,"n":1,"s":""}"#]
        let types = try texts.map { try #require(old.send(1, $0).latest?.type) }
        #expect(types.map { old.rules.latestField(of: $0) } == ["", "piece"])
        #expect(types.map { new.rules.latestField(of: $0) } == [nil, "n"])
    }

    @Test("say that the sender gets no echo")
    func withoutEcho() throws {
        let room = try self.room(#"rules.options.cursor = { class = "latest", echo = false }"#)
        #expect(room.send(1, #"{"type":"cursor","piece":1}"#).latest?.echoes == false)
    }

    @Test("say which field decides, and equal values are one key however they are written")
    func byField() throws {
        let byPiece = try self.room(#"rules.options.drag = { class = "latest", key = "piece" }"#)
        func drag(_ piece: String) -> [UInt8]? {
            self.value(byPiece, #"{"type":"drag","piece":\#(piece),"n":1,"s":""}"#)
        }
        #expect(drag(#""a""#) == drag(#""\u0061""#))
        #expect(drag("1") == drag("1.0"))
        #expect(drag("1") == drag("10e-1"))
        let all = [#""a""#, #""b\"""#, "1", "2.5", "true"].map(drag)
        #expect(Set(all).count == all.count)
        let byNumber = try self.room(#"rules.options.drag = { class = "latest", key = "n" }"#)
        let numbers = ["1", "-1", "9007199254740993", "9007199254740992"].map {
            self.value(byNumber, #"{"type":"drag","piece":1,"n":\#($0),"s":""}"#)
        }
        #expect(Set(numbers).count == 4)
    }

    @Test("count the field as the filter left it")
    func changed() throws {
        let options = #"rules.options.drag = { class = "latest", key = "s" }"#
        let room = try self.room(
            options,
            filter: #"function rules.filters.drag(_, _, msg) if msg.n == 1 then msg.s = msg.s .. "!" end end"#
        )
        let plain = self.value(room, #"{"type":"drag","piece":1,"n":0,"s":"x!"}"#)
        let answer = room.send(1, #"{"type":"drag","piece":1,"n":1,"s":"x"}"#)
        #expect(answer.verdict == .changed)
        #expect(answer.payload == #"{"type":"drag","piece":1,"n":1,"s":"x!"}"#)
        #expect(answer.latest?.value == plain)
    }

    @Test("count nothing where the filter drops or rejects")
    func dropped() throws {
        let room = try self.room(
            #"rules.options.cursor = { class = "latest" }"#,
            filter: "function rules.filters.cursor() return gavel.drop end"
        )
        let answer = room.send(1, #"{"type":"cursor","piece":1}"#)
        #expect(answer.verdict == .dropped && answer.latest == nil)
    }

    @Test(
        "that cannot be are told when the file is loaded",
        arguments: [
            (
                #"say = { class = "newest" }"#,
                #".say.class is "newest". Write "latest", or leave it out: all else is numbered."#
            ),
            (
                "say = { echo = false }",
                #".say.echo: an ordered message goes to everyone, so that all count alike. Add class = "latest", or let "#
                    + "the sender skip its own client_id."
            ),
            ("say = { echo = 0 }", ".say.echo is 0. Write true or false."),
            (#"say = { key = "text" }"#, #".say.key: only messages of class latest have one. Add class = "latest"."#),
            (#"say = { class = "latest", key = 1 }"#, #".say.key is 1. Write the name of a field: key = "piece"."#),
            (#"say = { class = "latest", key = "txt" }"#, #".say.key: messages.say has no field "txt"."#),
            (
                #"cursor = { class = "latest", key = "piece" }"#,
                #".cursor.key: "piece" must be an integer, a string, a boolean or a one_of, and always there."#
            ),
            (
                #"cursor = { class = "latest", key = "x" }"#,
                #".cursor.key: "x" must be an integer, a string, a boolean or a one_of, and always there."#
            ),
            (#"roll = { class = "latest" }"#, ".roll.class: a command is never relayed. Leave it out."),
            (#"join = { class = "latest" }"#, ".join.class: a join is never relayed. Leave it out."),
        ]
    )
    func mistakes(options: String, text: String) {
        let error = loadError(
            """
            local rules = gavel.rules()
            rules.messages.say, rules.messages.join, rules.messages.roll = { text = gavel.string }, {}, {}
            rules.messages.cursor = { piece = gavel.any, x = gavel.optional(gavel.integer) }
            function rules.commands.roll() end
            rules.options = { \(options) }
            return rules
            """
        )
        #expect(error?.description == "ttt.lua:5: options" + text)
    }
}
