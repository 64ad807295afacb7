import GavelCore
import GavelScript
import Testing

@Suite("timers of rules")
struct TimerTests {
    private static let source = """
        local rules = gavel.rules()
        for _, t in ipairs { "set", "every", "stop", "remaining" } do
          rules.messages[t] = {}
          rules.options[t] = { strict = false }
        end
        function rules.timers.ring(room, data) room:broadcast { type = "rang", data = data, at = gavel.now() } end
        function rules.timers.tick(room, data)
          data.n = data.n + 1
          room:broadcast { type = "tick", n = data.n }
          if data.n == 3 then room:cancel("tick") end
        end
        function rules.timers.broken(room) room.state.n = 1 room:broadcast { type = "never" } error("oh") end
        function rules.filters.set(room, client, msg)
          room:after(msg.delay, msg.name or "ring", msg.data, msg.key)
          if msg.fails == "error" then error("oh") elseif msg.fails then gavel.reject("no") end
        end
        function rules.commands.every(room, client, msg) room:every(msg.delay, "tick", { n = 0 }) end
        function rules.commands.stop(room, client, msg) room:cancel("ring", msg.key) end
        function rules.commands.remaining(room, client, msg) return { ms = room:time_left("ring", msg.key) } end
        return rules
        """

    private func room() throws -> ScriptedRoom {
        let room = try ScriptedRoom(Self.source)
        room.create()
        room.join(1)
        return room
    }

    /// Lets time pass, timer by timer; what they broadcast.
    private func pass(_ room: ScriptedRoom, _ milliseconds: Int64) throws -> [String] {
        let end = room.now + milliseconds
        var said: [String] = []
        var runs = 0
        while let next = room.rules.nextTimer, next <= end {
            runs += 1
            try #require(runs <= 10_000, "timers do not end")
            room.now = max(room.now, next)
            said += room.timer().effects.map(\.message)
        }
        room.now = end
        return said
    }

    @Test("run once, at their time and not before, with the data they were given")
    func once() throws {
        let room = try self.room()
        #expect(room.rules.nextTimer == nil)
        room.send(1, #"{"type":"set","delay":"1.5s","data":{"a":[1,2]}}"#)
        #expect(room.rules.nextTimer == 1_001_500)
        #expect(room.timer().effects == [])
        #expect(try self.pass(room, 1_499) == [])
        #expect(room.send(1, #"{"type":"remaining"}"#).payload == #""ms":1"#)
        #expect(try self.pass(room, 5_000) == [#"{"type":"rang","at":1001500,"data":{"a":[1,2]}}"#])
        #expect(room.send(1, #"{"type":"remaining"}"#).payload == "")
        #expect(room.rules.nextTimer == nil)
    }

    @Test("are one per name and key: a second replaces the first, and other keys stand apart")
    func keys() throws {
        let room = try self.room()
        room.send(1, #"{"type":"set","delay":"10s","data":"first"}"#)
        room.send(1, #"{"type":"set","delay":"20s","data":"second"}"#)
        room.send(1, #"{"type":"set","delay":"1s","data":"one","key":1}"#)
        room.send(1, #"{"type":"set","delay":"1s","data":"text","key":"1"}"#)
        room.send(1, #"{"type":"set","delay":"2s","data":"gone","key":"x"}"#)
        room.send(1, #"{"type":"stop","key":"x"}"#)
        let said = try self.pass(room, 60_000)
        #expect(said.map { $0.contains("one") } == [true, false, false])
        #expect(said[1].contains("text") && said[2].contains("second") && said[2].contains("1020000"))
    }

    @Test("repeat until they are cancelled, also from inside, and do not make up for time that was missed")
    func every() throws {
        let room = try self.room()
        room.send(1, #"{"type":"every","delay":"100ms"}"#)
        #expect(try self.pass(room, 150) == [#"{"type":"tick","n":1}"#])
        room.now += 1_000
        #expect(room.timer().effects.count == 1)
        #expect(room.rules.nextTimer == 1_001_200)
        #expect(try self.pass(room, 1_000) == [#"{"type":"tick","n":3}"#])
        #expect(room.rules.nextTimer == nil)
    }

    @Test("set or cancelled by a hook that fails or rejects are as they were", arguments: ["error", "reject"])
    func undone(how: String) throws {
        let room = try self.room()
        room.send(1, #"{"type":"set","delay":"5s","data":"kept"}"#)
        room.send(1, #"{"type":"set","delay":"1s","fails":"\#(how)"}"#)
        room.send(1, #"{"type":"set","delay":"1s","key":7,"fails":"\#(how)"}"#)
        #expect(room.rules.nextTimer == 1_005_000)
        #expect(try self.pass(room, 60_000).count == 1)
    }

    @Test("that fail are told in the log, do nothing, and are not run again")
    func failing() throws {
        let room = try self.room()
        room.send(1, #"{"type":"set","delay":"1s","name":"broken"}"#)
        room.send(1, #"{"type":"set","delay":"2s","data":"still here"}"#)
        room.now += 1_000
        #expect(room.timer() == .init(verdict: .failed))
        #expect(room.log.entries.last?.text("hook") == "timers.broken")
        #expect(room.rules.nextTimer == 1_002_000)
        #expect(try self.pass(room, 60_000).count == 1)
        #expect(room.rules.nextTimer == nil)
    }

    @Test(
        "are set with a unit, a name that has a function, and plain data",
        arguments: [
            (#"room:after(30, "turn")"#, #"the delay 30 has no unit. Write "30s" or "30ms"."#),
            (#"room:after("30", "turn")"#, #"the delay "30" has no unit. Write "30s" or "30ms"."#),
            (#"room:after("soon", "turn")"#, #""soon" is no delay."#),
            (#"room:after("1.s", "turn_over")"#, #""1.s" is no delay."#),
            (#"room:after("-1s", "turn_over")"#, #""-1s" is no delay."#),
            (#"room:after("9000h", "turn_over")"#, "is longer than a year."),
            (#"room:after("3s", "turn")"#, "no rules.timers.turn. Did you mean turn_over?"),
            (#"room:after("3s", "else")"#, "no rules.timers.else. Write function rules.timers.else(room, data) … end."),
            (#"room:after("3s", "turn_over", client)"#, "cannot hold a client. Keep client.id"),
            (#"room:after("3s", "turn_over", 1, client)"#, "the key of a timer is a text or an integer"),
            (#"room:every("1ms", "turn_over")"#, "room:every takes 10 ms and more"),
            (#"room.after("3s", "turn_over")"#, "after needs the room in front. Write room:after with a colon."),
            (#"for i = 1, 1001 do room:after("3s", "turn_over", nil, i) end"#, "a room has at most 1000 timers."),
            ("wait(3)", #"there is no wait: a hook cannot pause. Write room:after("3s", "NAME", data)"#),
        ]
    )
    func mistakes(body: String, message: String) throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.run = {}
            function rules.timers.turn_over() end
            function rules.commands.run(room, client) \(body) end
            return rules
            """
        )
        room.join(1)
        #expect(room.send(1, #"{"type":"run"}"#).verdict == .failed)
        #expect(room.log.lastError.contains(message), "\(room.log.lastError)")
        #expect(room.rules.nextTimer == nil)
    }
}

@Suite("snapshots")
struct SnapshotTests {
    private func room(_ snapshot: String) throws -> ScriptedRoom {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.go, rules.messages.some = {}, {}
            function rules.on_create(room) room.state = { n = 0, hands = {} } end
            function rules.commands.join(room, client)
              room.state.hands[client.id] = "hand " .. client.id
              room:broadcast { type = "welcome", who = client.id }
            end
            function rules.filters.go(room, client, msg)
              room.state.n = 1
              room:broadcast { type = "first" }
              room:sync()
              room:broadcast { type = "second" }
              room.state.n = 2
            end
            function rules.commands.some(room, client, msg) room:sync(room:others(client)) end
            function rules.snapshot(room, client) \(snapshot) end
            return rules
            """
        )
        room.create()
        return room
    }

    @Test("go to a newcomer before anything else, and at a sync to each his own, at its place among the effects")
    func order() throws {
        let room = try self.room("return { n = room.state.n, hand = room.state.hands[client.id] }")
        #expect(
            room.join(1).effects == [
                .init(kind: .snapshot, message: #""hand":"hand 1","n":0"#, recipients: [1]),
                .broadcast(#"{"type":"welcome","who":1}"#),
            ]
        )
        room.join(2)
        #expect(
            room.send(1, #"{"type":"go"}"#).effects == [
                .broadcast(#"{"type":"first"}"#),
                .init(kind: .snapshot, message: #""hand":"hand 1","n":2"#, recipients: [1]),
                .init(kind: .snapshot, message: #""hand":"hand 2","n":2"#, recipients: [2]),
                .broadcast(#"{"type":"second"}"#),
            ]
        )
        #expect(room.send(1, #"{"type":"some"}"#).effects.map(\.recipients) == [[2]])
    }

    @Test(
        "that change something, send, break or return no table are left out; the hook stands, and the log says why",
        arguments: [
            ("room.state.n = 5 return {}", "a snapshot changes nothing"),
            ("table.insert(room.state.hands, 1) return {}", "a snapshot changes nothing"),
            (#"room:send(client, { type = "x" }) return {}"#, "a snapshot changes nothing"),
            (#"room:broadcast { type = "x" } return {}"#, "a snapshot changes nothing"),
            ("room:sync() return {}", "a snapshot changes nothing"),
            ("error('oh')", "oh"),
            ("gavel.reject('no')", "snapshot cannot reject"),
            ("return 5", "snapshot returned a number. Return a table of what this client may see."),
            ("return { as_of = 5 }", "as_of is set by the relay"),
            ("while true do end", "snapshot spent its budget"),
        ]
    )
    func failures(body: String, message: String) throws {
        let room = try self.room("if room.state.n > 0 then \(body) end return {}")
        room.join(1)
        let answer = room.send(1, #"{"type":"go"}"#)
        #expect(answer.verdict == .relay)
        #expect(answer.effects == [.broadcast(#"{"type":"first"}"#), .broadcast(#"{"type":"second"}"#)])
        #expect(room.log.lastError.contains(message), "\(room.log.lastError)")
        #expect(room.log.entries.last?.text("hook") == "snapshot")
    }

    @Test("that are more than a hook may send end the syncs; what fits goes out, and the rules are not struck")
    func output() throws {
        let room = try self.room("return { text = room.state.n > 0 and ('x'):rep(100000) or '' }")
        for client in ClientID(1)...8 { room.join(client) }
        for _ in 1...12 {
            let kinds = room.send(1, #"{"type":"go"}"#).effects.map(\.kind)
            #expect(kinds == [.broadcast] + Array(repeating: .snapshot, count: 5) + [.broadcast])
        }
        #expect(
            room.log.lastError.hasSuffix("the hook sends and shows more than 512 KiB together. Show less at a time.")
        )
        #expect(room.log.entries.last?.text("hook") == "snapshot")
    }

    @Test("that are too many are left out, and the rules are not struck")
    func tooMany() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.go = {}
            function rules.commands.go(room) for i = 1, 200 do room:sync() end room:broadcast { type = "done" } end
            function rules.snapshot() return {} end
            return rules
            """
        )
        for client in ClientID(1)...21 { room.join(client) }
        for _ in 1...12 { #expect(room.send(1, #"{"type":"go"}"#).effects == [.broadcast(#"{"type":"done"}"#)]) }
        #expect(
            room.log.lastError
                == "test.lua: room:sync: the hook asks for 4200 snapshots, and 4096 are the most. Sync once, at its end."
        )
    }

    @Test("draw no random numbers that the room would miss")
    func random() throws {
        func draws(_ snapshot: String) throws -> [String] {
            let room = try ScriptedRoom(
                """
                local rules = gavel.rules()
                rules.messages.draw = {}
                function rules.commands.draw(room) return { n = math.random(1000000) } end
                function rules.snapshot(room, client) \(snapshot) end
                return rules
                """
            )
            room.join(1)
            return (0..<3).map { _ in room.send(1, #"{"type":"draw"}"#).payload }
        }
        #expect(try draws("return { r = math.random() }") == draws("return {}"))
    }
}
