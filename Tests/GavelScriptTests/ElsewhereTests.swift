import GavelCore
import Testing

@Suite("What rules do beyond their room")
struct ElsewhereTests {
    @Test("is recorded in the order of the calls: locks, a move with its data, a signal, and the room's end")
    func order() throws {
        let answer = try run(
            """
            room:lock()
            room:unlock()
            room:move(client, "game-7", { seat = 2, list = { 1 } })
            room:move({ 1 }, "game-8")
            gavel.signal("lobby", "over", { winner = client.id })
            gavel.signal("lobby", "ping")
            gavel.signal("lobby", "list", { 1, "a" })
            room:close("all done")
            """
        )
        #expect(
            answer.effects == [
                ScriptedRoom.Effect(kind: .lock, message: ""), ScriptedRoom.Effect(kind: .unlock, message: ""),
                .move(#"{"list":[1],"seat":2}"#, to: "game-7", 1), .move("{}", to: "game-8", 1),
                .signal("over", #"{"winner":1}"#, to: "lobby"), .signal("ping", "", to: "lobby"),
                .signal("list", #"[1,"a"]"#, to: "lobby"), ScriptedRoom.Effect(kind: .close, message: "all done"),
            ]
        )
    }

    @Test("does not happen where the hook rejects")
    func undone() throws {
        let answer = try run(#"room:lock() room:close() gavel.signal("a", "b") gavel.reject("no")"#)
        #expect(answer.verdict == .rejected && answer.effects.isEmpty)
    }

    @Test("of nobody who is in the room is nothing")
    func absent() throws {
        #expect(try run(#"room:move(9, "game")"#).effects.isEmpty)
    }

    @Test(
        "is refused where it cannot be, with what is right",
        arguments: [
            (#"room:move(client)"#, "room:move needs the key of a room"),
            (#"room:move(client, "a\nb")"#, "room:move needs the key of a room"),
            (#"room:move(client, ("x"):rep(129))"#, "a text of 1 to 128 bytes"),
            (#"room:move(client, "game", 5)"#, "room:move sends a table along"),
            (#"gavel.signal("lobby")"#, "a signal has a name"),
            (#"gavel.signal("", "x")"#, "gavel.signal needs the key of a room"),
            (#"gavel.signal("\xff", "x")"#, "gavel.signal needs the key of a room"),
            (#"room:close(5)"#, "the reason of room:close is a text"),
            (#"room:close(("x"):rep(201))"#, "at most 200 bytes"),
            (#"room.lock()"#, "lock needs the room in front. Write room:lock"),
        ]
    )
    func mistakes(body: String, text: String) throws {
        let room = try commandRoom(body)
        #expect(room.send(1, #"{"type":"run"}"#).verdict == .failed)
        let entry = try #require(room.log.entries.last)
        #expect("\(entry)".contains(text), "\(entry)")
    }

    @Test("a signal runs its function with the data and the room it came from")
    func signals() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            function rules.signals.over(room, data, from)
              room.state.wins = (room.state.wins or 0) + (data and data.n or 0)
              room:broadcast { type = "wins", n = room.state.wins, from = from, bare = data == nil }
            end
            return rules
            """
        )
        #expect(
            room.signal("over", #"{"n":2}"#, from: "game-1").effects
                == [.broadcast(#"{"type":"wins","bare":false,"from":"game-1","n":2}"#)]
        )
        #expect(
            room.signal("over", from: "game-2").effects
                == [.broadcast(#"{"type":"wins","bare":true,"from":"game-2","n":2}"#)]
        )
        #expect(room.signal("ovr").verdict == .failed)
        let entry = try #require(room.log.entries.last)
        #expect("\(entry)".contains("lobby sent the signal ovr, and there is no rules.signals.ovr. Did you mean over?"))
    }

    @Test("who was moved brings what the other room sent along, which no client can say of itself")
    func moved() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.join = { code = gavel.string }
            rules.options.join = { strict = false }
            function rules.commands.join(room, client, request)
              local names = {}
              for name in pairs(request) do names[#names + 1] = name end
              return { seat = request.moved and request.moved.seat, same = request.moved == request.moved,
                       code = request.code, names = table.concat(names, " ") }
            end
            return rules
            """
        )
        #expect(room.join(1, moved: #"{"seat":2}"#).payload == #""names":"moved room type","same":true,"seat":2"#)
        let forged = #"{"type":"join","room":"r","code":"x","moved":{"seat":9}}"#
        #expect(room.join(2, forged).payload == #""code":"x","names":"code room type","same":true"#)
        #expect(room.join(3).verdict == .invalid)
    }

    @Test("an id is long, another each time, the same for the same seed, and given once")
    func identifiers() throws {
        func ids(_ seed: UInt64) throws -> ScriptedRoom {
            try ScriptedRoom(
                """
                local rules = gavel.rules()
                rules.messages.id, rules.messages.no = {}, {}
                function rules.commands.id() return { a = gavel.id(), b = gavel.id(), r = math.random(0) } end
                function rules.commands.no() gavel.log(gavel.id()) gavel.reject("no") end
                return rules
                """,
                seed: (seed, 2, 3, 4)
            )
        }
        let first = try ids(1)
        first.join(1)
        let given = first.send(1, #"{"type":"id"}"#).payload
        #expect(given.contains(/"a":"[a-z2-7]{26}","b":"[a-z2-7]{26}"/))
        let a = try #require(given.firstMatch(of: /"a":"(.*?)"/)?.1)
        let b = try #require(given.firstMatch(of: /"b":"(.*?)"/)?.1)
        #expect(a != b)
        let second = try ids(1)
        second.join(1)
        second.send(1, #"{"type":"no"}"#)
        // What the undone hook made may be known: it is not given again.
        let other = second.send(1, #"{"type":"id"}"#).payload
        #expect(other.contains(#""a":"\#(b)""#))
        let third = try ids(1)
        third.join(1)
        #expect(third.send(1, #"{"type":"id"}"#).payload == given)
        let stranger = try ids(9)
        stranger.join(1)
        #expect(stranger.send(1, #"{"type":"id"}"#).payload != given)
    }
}
