import GavelCore
import GavelScript
import Logging
import Testing

@Suite("errors in the log")
struct ErrorLogTests {
    private static let source = """
        local rules = gavel.rules()
        rules.messages.run = { n = gavel.integer }
        function rules.commands.run(room, client, msg)
          if msg.n >= 0 then error("no " .. msg.n) end
        end
        return rules
        """

    private func provider(
        _ source: String = Self.source,
        log: LogRecorder,
        dev: Bool = false
    ) throws -> ScriptRulesProvider {
        var configuration = ScriptConfiguration.patient
        configuration.showsErrors = dev
        return try ScriptRules.load(
            source: Array(source.utf8),
            name: "test.lua",
            configuration: configuration,
            logger: log.logger
        )
    }

    private func room(of provider: ScriptRulesProvider) throws -> ScriptedRoom {
        let room = ScriptedRoom(rules: try provider.makeRules(for: RoomKey("a")))
        room.join(1)
        return room
    }

    @Test("an error is told once a minute for all rooms, then with how often it came again")
    func repeats() throws {
        let log = LogRecorder(), provider = try self.provider(log: log)
        let a = try self.room(of: provider), b = try self.room(of: provider)
        for _ in 1...50 {
            a.send(1, #"{"type":"run","n":1}"#)
            b.send(1, #"{"type":"run","n":1}"#)
        }
        #expect(log.entries.count == 1)
        #expect(log.entries[0].text("error") == "test.lua:4: no 1")
        #expect(log.entries[0].text("hook") == "commands.run")
        #expect(log.entries[0].text("version") == provider.version)
        #expect(log.entries[0].text("repeated") == "")
        a.now += 60_000
        a.send(1, #"{"type":"run","n":1}"#)
        #expect(log.entries.count == 2)
        #expect(log.entries[1].text("repeated") == "99")
        #expect(log.entries[1].text("message") == #"{"type":"run","n":1}"#)
    }

    @Test("when its minute is over, the next hook of a room that repeated it tells how often")
    func over() throws {
        let log = LogRecorder(), room = try self.room(of: self.provider(log: log))
        for _ in 1...3 { room.send(1, #"{"type":"run","n":1}"#) }
        room.now += 59_999
        room.send(1, #"{"type":"run","n":-1}"#)
        #expect(log.entries.count == 1)
        room.now += 1
        room.send(1, #"{"type":"run","n":-1}"#)
        #expect(log.entries.count == 2)
        #expect(log.entries[1].message == "a hook of the rules failed and was undone, again and again")
        #expect(log.entries[1].text("repeated") == "2")
        room.send(1, #"{"type":"run","n":-1}"#)
        #expect(log.entries.count == 2)
    }

    @Test("of errors that are all different, a number is told apart in a minute, and the others are counted")
    func distinct() throws {
        let log = LogRecorder(), room = try self.room(of: self.provider(log: log))
        for n in 1...1_000 { room.send(1, #"{"type":"run","n":\#(n)}"#) }
        #expect(log.entries.count == 64)
        room.now += 60_000
        room.send(1, #"{"type":"run","n":1}"#)
        #expect(log.entries.count == 66)
        #expect(log.entries[64].message == "the rules failed in many ways, again and again")
        #expect(log.entries[64].text("repeated") == "936")
        #expect(log.entries[65].text("error") == "test.lua:4: no 1")
    }

    @Test("the message is cut on a whole character")
    func cut() throws {
        let log = LogRecorder()
        let room = try self.room(
            of: self.provider(
                """
                local rules = gavel.rules()
                rules.messages.run = { pad = gavel.string }
                function rules.commands.run() error("no") end
                return rules
                """,
                log: log
            )
        )
        for pad in ["x", "xx"] {
            room.now += 60_000
            room.send(1, #"{"type":"run","pad":"\#(pad)\#(String(repeating: "é", count: 200))"}"#)
            let message = log.entries.last!.text("message")
            #expect(message.utf8.count == 200 || message.utf8.count == 199)
            #expect(message.last == "é")
        }
    }

    @Test("where it says so, the sender of a message that failed gets the error and where it was; else nothing")
    func shown() throws {
        let source = """
            local rules = gavel.rules()
            rules.messages.run = {}
            local function inner() error("quote \\"\\n") end
            function rules.commands.run() inner() end
            function rules.commands.join(room, client, request) if request.team then inner() end end
            return rules
            """
        let text = #""message":"test.lua:3: quote \"\n\n  at test.lua:3 in inner\n  at test.lua:4 in commands.run""#
        let dev = try self.room(of: self.provider(source, log: LogRecorder(), dev: true))
        for _ in 1...2 { #expect(dev.send(1, #"{"type":"run"}"#) == .init(verdict: .failed, payload: text)) }
        #expect(dev.join(2, #"{"type":"join","team":1}"#).payload.hasPrefix(#""message":"test.lua:3: quote"#))
        let room = try self.room(of: self.provider(source, log: LogRecorder()))
        #expect(room.send(1, #"{"type":"run"}"#) == .init(verdict: .failed))
    }

    @Test("rooms that do not begin are told once a minute")
    func starts() throws {
        let log = LogRecorder()
        let source = """
            local rules = gavel.rules()
            if math.random(2) == 1 then error("unlucky") end
            return rules
            """
        let clock = ManualUptime(), seed = ManualSeed()
        var provider: ScriptRulesProvider?
        let loads = seed.advance {
            provider = try? ScriptRules.load(
                source: Array(source.utf8),
                name: "test.lua",
                configuration: .patient,
                logger: log.logger,
                seed: { seed.seed },
                uptime: { clock.now }
            )
            return provider != nil
        }
        #expect(loads)
        let rules = try #require(provider)
        #expect(seed.advance { (try? rules.makeRules(for: RoomKey("a"))) == nil })
        for _ in 1...99 { #expect(throws: ScriptError.self) { try rules.makeRules(for: RoomKey("a")) } }
        #expect(log.entries.count == 1)
        #expect(log.entries[0].text("error") == "test.lua:2: unlucky")
        clock.now += 60_000
        #expect(throws: ScriptError.self) { try rules.makeRules(for: RoomKey("a")) }
        #expect(log.entries.last?.text("repeated") == "99")
    }
}
