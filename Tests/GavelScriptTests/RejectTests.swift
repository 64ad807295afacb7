import GavelCore
import GavelScript
import Logging
import Testing

@Suite("what a reject undid")
struct RejectTests {
    private func room(_ body: String, dev: Bool = true, snapshot: Bool = false) throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.showsErrors = dev
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.say, rules.messages.ask = {}, {}
            function rules.timers.tick() end
            local function body(room, client)
            \(body)
            end
            rules.filters.say, rules.commands.ask = body, body
            function rules.commands.join(room, client, request) if request.team then body(room, client) end end
            \(snapshot ? "function rules.snapshot() return { seen = true } end" : "")
            return rules
            """,
            configuration: configuration
        )
        room.join(1)
        return room
    }

    @Test("is told to who writes the rules, where the configuration says so")
    func told() throws {
        let body = """
            room.state.muted = true
            room.state.muted = false
            client.data.strikes = 3
            room:kick(client)
            gavel.reject("muted")
            """
        let room = try self.room(body)
        #expect(room.send(1, #"{"type":"say"}"#) == .init(verdict: .rejected, payload: #""reason":"muted""#))
        let entry = try #require(room.log.entries.last)
        #expect(entry.level == .warning)
        #expect(entry.message == "a reject undid what its hook had done")
        #expect(
            entry.text("error") == """
                test.lua:9: this gavel.reject undid 2 changes (room.state.muted, client.data.strikes) and 1 kick. \
                To keep them, send a message and return gavel.drop.
                """
        )
        #expect(entry.text("hook") == "filters.say")
        for _ in 1...5 { room.send(1, #"{"type":"say"}"#) }
        #expect(room.log.entries.count == 1)

        let production = try self.room(body, dev: false)
        production.send(1, #"{"type":"say"}"#)
        #expect(production.log.entries.isEmpty)
    }

    @Test(
        "counts changes and effects by their kind",
        arguments: [
            ("room.state.a = 1", "1 change (room.state.a)."),
            (
                "for i = 1, 5 do room.state['k' .. i] = i end",
                "5 changes (room.state.k1, room.state.k2, room.state.k3, …)."
            ),
            ("room:broadcast { type = 'a' } room:broadcast { type = 'a' }", "2 broadcasts."),
            (
                "room:send(client, { type = 'a' }) room:broadcast { type = 'a' } room:kick(client)",
                "1 broadcast, 1 send and 1 kick."
            ),
            ("room:after('3s', 'tick')", "1 change (timers.tick)."),
            ("room:lock() room:kick(client) room:close('bye')", "1 kick, 1 lock and 1 close."),
        ]
    )
    func counts(body: String, text: String) throws {
        let room = try self.room(body + " gavel.reject('no')")
        room.send(1, #"{"type":"ask"}"#)
        #expect(room.log.lastError.contains("this gavel.reject undid \(text) To keep them,"), "\(room.log.entries)")
        #expect(room.send(1, #"{"type":"ask"}"#).verdict == .rejected)
    }

    @Test("is nothing to tell where the hook only looked")
    func nothing() throws {
        let room = try self.room("local x = room.state.x gavel.reject('no')")
        #expect(room.send(1, #"{"type":"ask"}"#).verdict == .rejected)
        #expect(room.log.entries.isEmpty)
    }

    @Test("of a join cannot be kept")
    func join() throws {
        let room = try self.room("room.state.n = 1 gavel.reject('full')")
        #expect(room.join(2, #"{"type":"join","team":1}"#).payload == #""reason":"full""#)
        #expect(room.log.lastError.hasSuffix("1 change (room.state.n). A join that is refused leaves nothing behind."))
    }

    @Test("counts the syncs of the hook, and not the one of who joins")
    func syncs() throws {
        let room = try self.room("room:sync() room:sync(client) gavel.reject('no')", snapshot: true)
        #expect(room.send(1, #"{"type":"ask"}"#) == .init(verdict: .rejected, payload: #""reason":"no""#))
        #expect(room.log.lastError.contains("this gavel.reject undid 2 syncs. To keep them,"), "\(room.log.entries)")
        room.join(2, #"{"type":"join","team":1}"#)
        #expect(room.log.lastError.hasSuffix("2 syncs. A join that is refused leaves nothing behind."))
    }

    @Test("is nothing to tell of a join whose snapshot is the relay's alone")
    func newcomer() throws {
        let room = try self.room("gavel.reject('full')", snapshot: true)
        #expect(room.join(2, #"{"type":"join","team":1}"#).payload == #""reason":"full""#)
        #expect(room.log.entries.isEmpty, "\(room.log.entries)")
    }
}
