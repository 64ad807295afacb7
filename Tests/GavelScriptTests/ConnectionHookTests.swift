import GavelCore
import GavelScript
import Testing

@Suite("a client that loses its connection")
struct ConnectionHookTests {
    private let room: ScriptedRoom

    init() throws {
        self.room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.look, rules.messages.fail = {}, {}
            local function list(room)
              local here = {}
              for i, c in ipairs(room.clients) do here[i] = c.id .. (c.connected and "+" or "-") .. (c.data.n or "") end
              return table.concat(here, " ")
            end
            function rules.commands.join(room, client) client.data.n = 7 end
            function rules.commands.look(room) return { here = list(room) } end
            function rules.commands.fail(room) room.state.fails = true end
            function rules.on_drop(room, client)
              room:broadcast { type = "dropped", here = list(room) }
              room.state.dropped = client.id
              if room.state.fails then error("no") end
            end
            function rules.on_return(room, client, recovered)
              room.state.returned = client.id
              room:broadcast { type = "returned", here = list(room), recovered = recovered }
              if room.state.fails then error("no") end
            end
            function rules.snapshot(room, client)
              return { dropped = room.state.dropped, returned = room.state.returned, me = client.id, here = list(room) }
            end
            return rules
            """
        )
        self.room.create()
        self.room.join(1)
        self.room.join(2)
    }

    private func look() -> String { self.room.send(2, #"{"type":"look"}"#).payload }

    @Test("stays in the room with its data, not connected, until it returns")
    func connected() {
        #expect(
            self.room.drop(1)
                == .init(verdict: .handled, effects: [.broadcast(#"{"type":"dropped","here":"1-7 2+7"}"#)])
        )
        #expect(self.look() == #""here":"1-7 2+7""#)
        #expect(self.room.resume(1).verdict == .handled)
        #expect(self.look() == #""here":"1+7 2+7""#)
        #expect(self.room.leave(1, .lost).verdict == .handled)
        #expect(self.look() == #""here":"2+7""#)
    }

    @Test("is shown the room first when it returns, as it is after on_return", arguments: [true, false])
    func snapshot(recovered: Bool) {
        self.room.drop(1)
        #expect(
            self.room.resume(1, recovered: recovered).effects == [
                .init(
                    kind: .snapshot,
                    message: #""dropped":1,"here":"1+7 2+7","me":1,"returned":1"#,
                    recipients: [1]
                ),
                .broadcast(#"{"type":"returned","here":"1+7 2+7","recovered":\#(recovered)}"#),
            ]
        )
    }

    @Test("is dropped and returns also where the hook fails, which is undone, and is shown the room")
    func failures() {
        self.room.send(2, #"{"type":"fail"}"#)
        #expect(self.room.drop(1) == .init(verdict: .failed))
        #expect(self.look() == #""here":"1-7 2+7""#)
        #expect(
            self.room.resume(1)
                == .init(
                    verdict: .failed,
                    effects: [.init(kind: .snapshot, message: #""here":"1+7 2+7","me":1"#, recipients: [1])]
                )
        )
        #expect(self.look() == #""here":"1+7 2+7""#)
        #expect(self.room.log.entries.map { $0.text("hook") } == ["on_drop", "on_return"])
    }

    @Test("needs no hook, and one that is not in the room is none of theirs")
    func without() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.look = {}
            function rules.commands.look(room, client) return { first = room.clients[1].connected } end
            return rules
            """
        )
        room.join(1)
        room.join(2)
        #expect(room.drop(1) == .init(verdict: .handled))
        #expect(room.send(2, #"{"type":"look"}"#).payload == #""first":false"#)
        #expect(room.resume(1) == .init(verdict: .handled))
        #expect(room.send(2, #"{"type":"look"}"#).payload == #""first":true"#)
        #expect(self.room.drop(9) == .init(verdict: .handled))
        #expect(self.room.resume(9) == .init(verdict: .handled))
    }
}
