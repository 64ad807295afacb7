import GavelCore
import GavelScript
import GavelTesting
import Testing

@Suite("rules that take over a running room")
struct ReloadTests {
    /// Counts, and rings when it is told to.
    private static let old = """
        local rules = gavel.rules()
        rules.messages.add, rules.messages.ring, rules.messages.look = {}, { delay = gavel.string }, {}
        rules.messages.at = { x = gavel.integer }
        rules.options.add, rules.options.at = { rate = "4/1s" }, { class = "latest", rate = "2/1s" }
        function rules.on_create(room) room.state = { n = 0, names = {} } end
        function rules.filters.add(room, client) room.state.n = room.state.n + 1 client.data.added = true end
        function rules.commands.ring(room, client, msg) room:after(msg.delay, "bell", { by = client.id }) end
        function rules.commands.look(room)
          local there = {}
          for _, c in ipairs(room.clients) do there[#there + 1] = c.connected end
          return { n = room.state.n, there = there, left = room:time_left("bell") }
        end
        function rules.timers.bell(room, data) error("cracked") end
        return rules
        """

    /// The same with its functions for a bell, and with more behind it.
    private static func new(_ more: String = "", bell: String = #"room:broadcast { type = "rang", by = data.by }"#)
        -> String
    {
        var source = Self.old
        if bell.isEmpty {
            source = source.replacing("function rules.timers.bell(room, data) error(\"cracked\") end\n", with: "")
                .replacing(#"room:time_left("bell")"#, with: "nil")
                .replacing(#"room:after(msg.delay, "bell", { by = client.id })"#, with: "")
        }
        return source.replacing(#"error("cracked")"#, with: bell)
            .replacing("return rules", with: more + "\nreturn rules")
    }

    private func room() throws -> ScriptedRoom {
        let room = try ScriptedRoom(Self.old)
        room.create()
        room.join(1)
        room.join(2)
        room.send(1, #"{"type":"add"}"#)
        return room
    }

    private func successor(of room: ScriptedRoom, _ source: String, away: Set<ClientID> = []) throws -> ScriptedRoom {
        let new = try ScriptedRoom(source, seed: (9, 9, 9, 9))
        let clients = ([1, 2] as [ClientID]).map {
            RestoredClient(id: $0, name: Array("c\($0)".utf8), isConnected: !away.contains($0))
        }
        try new.takeOver(from: room, clients)
        return new
    }

    @Test("have the state, the clients' data and who is there, and bring them to their own shape")
    func carriesOver() throws {
        let new = try self.successor(
            of: self.room(),
            Self.new(
                """
                function rules.on_reload(room, from_version)
                  room.state.total, room.state.n = room.state.n, room.state.n + 10
                  for _, c in ipairs(room.clients) do c.data.seen = from_version end
                  room:broadcast { type = "changed", from = from_version }
                end
                """
            ),
            away: [2]
        )
        let answer = new.reload(from: "0123456789")
        #expect(answer.verdict == .handled)
        #expect(answer.effects == [.broadcast(#"{"type":"changed","from":"0123456789"}"#)])
        #expect(new.send(1, #"{"type":"look"}"#).payload == #""n":11,"there":[true,false]"#)
        #expect(
            new.state == #"{"state":{"n":11,"names":[],"total":1},"#
                + #""clients":{"1":{"added":true,"seen":"0123456789"},"2":{"seen":"0123456789"}}}"#
        )
    }

    @Test("do so in the designers' guide, whatever shape they find")
    func guide() throws {
        let example = try #require(GuideTests.examples.first { $0.path == "tally.lua" })
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.point = {}
            function rules.on_create(room) room.state = { red = 2 } end
            return rules
            """
        )
        room.create()
        room.join(1)
        let new = try ScriptedRoom(try #require(example.versions.last))
        try new.takeOver(from: room, [RestoredClient(id: 1, name: [], isConnected: true)])
        let score = #"{"type":"score","points":{"blue":0,"red":2}}"#
        #expect(new.reload(from: "a").effects == [.broadcast(score)])
        #expect(new.state == #"{"state":{"points":{"blue":0,"red":2}},"clients":{"1":{}}}"#)
        #expect(new.reload(from: "a").effects == [])
    }

    @Test("need no on_reload, and a misspelt one is named")
    func withoutHook() throws {
        let new = try self.successor(of: self.room(), Self.new())
        #expect(new.reload(from: "a").verdict == .handled)
        #expect(new.reload(from: "a").effects == [])
        #expect(
            loadError("local rules = gavel.rules()\nfunction rules.on_reloaded() end\nreturn rules")?.text
                == #"unknown hook "on_reloaded". Did you mean rules.on_reload?"#
        )
    }

    @Test("go on with timers as if nothing had been: time that passed since the last call counts")
    func timersGoOn() throws {
        let room = try self.room()
        room.send(1, #"{"type":"ring","delay":"30s"}"#)
        let due = try #require(room.rules.nextTimer)
        room.now += 10_000
        let new = try self.successor(of: room, Self.new())
        #expect(new.rules.nextTimer == due)
        #expect(new.rules.strandedTimers == [])
        new.reload(from: "a")
        #expect(new.send(1, #"{"type":"look"}"#).payload == #""left":20000,"n":1,"there":[true,true]"#)
        new.now += 20_000
        #expect(new.timer().effects == [.broadcast(#"{"type":"rang","by":1}"#)])
    }

    @Test("run timers that failed before at once, and tell the log so")
    func failedTimers() throws {
        let room = try self.room()
        room.send(1, #"{"type":"ring","delay":"1s"}"#)
        room.now += 1_000
        #expect(room.timer().verdict == .failed)
        #expect(room.rules.nextTimer == nil)
        room.now += 5_000
        let new = try self.successor(of: room, Self.new())
        #expect(new.rules.nextTimer == nil)
        new.rules.recordChanges()
        _ = new.rules.copy()
        new.reload(from: "a")
        #expect(new.rules.nextTimer == new.context.uptimeMilliseconds)
        #expect(new.rules.takeChanges()?.isEmpty == false)
        #expect(new.timer().effects == [.broadcast(#"{"type":"rang","by":1}"#)])
    }

    @Test("name the timers that were running and that they have no function for")
    func strandedTimers() throws {
        let room = try self.room()
        room.send(1, #"{"type":"ring","delay":"1s"}"#)
        let new = try self.successor(of: room, Self.new(bell: ""))
        #expect(new.rules.strandedTimers == ["bell"])
        new.reload(from: "a")
        #expect(new.rules.nextTimer == nil)
        let again = try self.successor(of: new, Self.new())
        #expect(again.rules.strandedTimers == [])
        again.reload(from: "b")
        #expect(again.rules.nextTimer == again.context.uptimeMilliseconds)
    }

    @Test(
        "that fail in on_reload change nothing, send nothing, and say which error it was",
        arguments: [
            (#"error("no way")"#, ": no way"),
            ("while true do end", "spent its budget (100,000 steps)"),
            ("while true do pcall(function() while true do end end) end", "spent its budget (100,000 steps)"),
            (#"local t = {} while true do t[#t + 1] = ("x"):rep(9000) .. #t end"#, "spent the room's memory"),
            (#"for i = 1, 300 do room:broadcast { type = "a" } end"#, "did more than 256 effects"),
            (#"gavel.reject("no")"#, "on_reload cannot reject"),
            ("room.state.me = room.clients[1]", "room.state.me cannot hold a client"),
            ("return room.state.names.x.y", "attempt to index a nil value"),
        ]
    )
    func failures(body: String, text: String) throws {
        let room = try self.room()
        room.send(1, #"{"type":"ring","delay":"1s"}"#)
        room.now += 1_000
        room.timer()
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 100_000
        configuration.memoryBytes = 512 << 10
        let new = try ScriptedRoom(
            Self.new(
                """
                function rules.on_reload(room)
                  room.state.n = 100
                  room:broadcast { type = "never" }
                  room:after("1s", "bell")
                  \(body)
                end
                """
            ),
            configuration: configuration
        )
        try new.takeOver(from: room, [RestoredClient(id: 1, name: []), RestoredClient(id: 2, name: [])])
        let answer = new.reload(from: "a")
        #expect(answer.verdict == .failed)
        #expect(answer.effects == [])
        #expect(new.rules.failureCount == 1)
        #expect(new.rules.lastFailure?.hook == "on_reload")
        #expect(new.rules.lastFailure?.text.contains(text) == true, "\(new.rules.lastFailure?.text ?? "")")
        #expect(new.rules.nextTimer == nil)
        #expect(new.state == room.state)
    }

    @Test("go on with how much of their rates clients have used")
    func rates() throws {
        let room = try self.room()
        for _ in 0..<3 { room.send(1, #"{"type":"add"}"#) }
        #expect(room.send(1, #"{"type":"add"}"#).verdict == .limited)
        room.now += 250
        let same = try self.successor(of: room, Self.new())
        #expect(same.send(1, #"{"type":"add"}"#).verdict == .relay)
        #expect(same.send(1, #"{"type":"add"}"#).retryAfter == 250)
        #expect(same.send(2, #"{"type":"add"}"#).verdict == .relay)
    }

    @Test("have as much left of a rate that was changed as was left before, and none of one that is gone")
    func changedRates() throws {
        let room = try self.room()
        room.send(1, #"{"type":"add"}"#)
        // Half of four is used; of eight in two seconds, four are.
        let wider = try self.successor(of: room, Self.new().replacing(#""4/1s""#, with: #""8/2s""#))
        for _ in 0..<4 { #expect(wider.send(1, #"{"type":"add"}"#).verdict == .relay) }
        #expect(wider.send(1, #"{"type":"add"}"#).verdict == .limited)
        let free = try self.successor(of: room, Self.new().replacing(#"{ rate = "4/1s" }"#, with: "{}"))
        for _ in 0..<20 { #expect(free.send(1, #"{"type":"add"}"#).verdict == .relay) }
    }

    @Test("pass over bytes that are no rates, whatever stands in them")
    func hostileRates() throws {
        let room = try self.room()
        let bytes = room.rules.copyRates()
        let new = try self.successor(of: room, Self.new())
        for end in 0..<bytes.count { new.rules.restoreRates(Array(bytes[..<end])) }
        for place in 0..<bytes.count {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = value
                new.rules.restoreRates(changed)
            }
        }
        new.rules.restoreRates([])
        new.now += 5_000
        #expect(new.send(1, #"{"type":"add"}"#).verdict == .relay)
    }

    @Test("keep what tells messages of class latest apart, whatever other types they have")
    func latestKeys() throws {
        let room = try self.room()
        let more = """
            for _, name in ipairs { "a", "aa", "zz" } do
              rules.messages[name], rules.options[name] = {}, { class = "latest" }
            end
            """
        let new = try self.successor(of: room, Self.new(more))
        let key = room.send(2, #"{"type":"at","x":1}"#).latest
        #expect(key != nil)
        #expect(new.send(2, #"{"type":"at","x":1}"#).latest == key)
        let others = ["a", "aa", "zz"].map { new.send(1, #"{"type":"\#($0)"}"#).latest?.type }
        #expect(Set(others + [key?.type]).count == 4)
    }

    @Test("have an identity that files, params and budgets decide on, and a version that the files do")
    func identity() throws {
        func provider(_ source: String, params: String = "", steps: Int = 1000) throws -> ScriptRulesProvider {
            var configuration = ScriptConfiguration.patient
            configuration.instructions = steps
            return try ScriptRules.load(
                source: Array(source.utf8),
                name: "test.lua",
                paramsJSON: Array(params.utf8),
                configuration: configuration,
                logger: LogRecorder().logger
            )
        }
        let source = """
            local rules = gavel.rules()
            rules.params = { n = gavel.integer { default = 1 } }
            return rules
            """
        let first = try provider(source)
        #expect(try provider(source).identity == first.identity)
        #expect(try provider(source, params: #"{"n":2}"#).identity != first.identity)
        #expect(try provider(source, steps: 2000).identity != first.identity)
        #expect(try provider(source, params: #"{"n":2}"#, steps: 2000).version == first.version)
        #expect(try provider(source + "\n").identity != first.identity)
        #expect(first.version.count == 10)
        #expect(first.name == "test.lua")
    }

    @Test("count what failed: hooks, timers and snapshots, and no refusal")
    func failureCount() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.fail, rules.messages.no, rules.messages.late, rules.messages.show = {}, {}, {}, {}
            function rules.commands.fail() error("one") end
            function rules.commands.no() gavel.reject("no") end
            function rules.commands.late(room) room:after("1s", "t") end
            function rules.timers.t() error("two") end
            function rules.commands.show(room) room:sync() end
            function rules.snapshot(room) error("three") end
            return rules
            """
        )
        #expect(room.rules.failureCount == 0)
        #expect(room.rules.lastFailure == nil)
        room.join(1)
        #expect(room.rules.failureCount == 1)
        room.send(1, #"{"type":"no"}"#)
        room.send(1, #"{"type":"late"}"#)
        #expect(room.rules.failureCount == 1)
        room.send(1, #"{"type":"fail"}"#)
        #expect(room.rules.lastFailure == RulesFailure(hook: "commands.fail", text: "test.lua:3: one"))
        room.now += 1_000
        room.timer()
        #expect(room.rules.lastFailure == RulesFailure(hook: "timers.t", text: "test.lua:6: two"))
        room.send(1, #"{"type":"show"}"#)
        #expect(room.rules.lastFailure == RulesFailure(hook: "snapshot", text: "test.lua:8: three"))
        #expect(room.rules.failureCount == 4)
    }
}
