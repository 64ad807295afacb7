import GavelAdmin
import Testing

@Suite("Commands over HTTP", .timeLimit(.minutes(10)))
struct CommandInterfaceTests {
    private static func relay() -> RelayDouble {
        var content = RelayDouble.Content()
        var room = RoomOverview("chat one")
        room.clients = 1
        content.rooms = [room, RoomOverview("b")]
        var view = RoomView(room)
        view.clients = [ClientView(3, name: "Ada")]
        content.views = ["chat one": view]
        return RelayDouble(content)
    }

    @Test("one that looks is asked for with GET, its arguments in the query")
    func looks() async throws {
        try await ServedRelay.run(ControlledRelay.registry(Self.relay())) { relay async throws in
            let status = try await relay.client.ask("GET", "/api/v1/status")
            #expect(status.status == 200)
            #expect(status.headers["content-type"] == "application/json")
            #expect(try AdminJSON.decode(RelayStatus.self, from: status.body).version == "0.1.0")
            let rooms = try await relay.client.ask("GET", "/api/v1/rooms?sort=clients&limit=1")
            let list = try AdminJSON.decode(RoomList.self, from: rooms.body)
            #expect(list.rooms.map(\.room) == ["chat one"])
            #expect(list.total == 2)
            for query in ["room=chat+one", "room=chat%20one"] {
                let room = try await relay.client.ask("GET", "/api/v1/room?\(query)")
                #expect(try AdminJSON.decode(RoomView.self, from: room.body).clients.map(\.name) == ["Ada"])
            }
            #expect(try await relay.client.ask("POST", "/api/v1/status", body: "{}").status == 405)
        }
    }

    @Test("one that acts is asked for with POST, its arguments in the body")
    func acts() async throws {
        let double = Self.relay()
        try await ServedRelay.run(ControlledRelay.registry(double)) { relay async throws in
            let body = #"{"room":"chat one","client":3,"reason":"rude"}"#
            let kick = try await relay.client.ask("POST", "/api/v1/kick", body: body)
            #expect(kick.status == 200)
            #expect(try AdminJSON.decode(Done.self, from: kick.body).done == "Client 3 is out of chat one.")
            #expect(try await relay.client.ask("POST", "/api/v1/drain", body: "").status == 200)
            #expect(double.done == ["kick 3 from chat one: rude", "drain"])
            #expect(try await relay.client.ask("GET", "/api/v1/drain").status == 405)
            #expect(try await relay.client.ask("GET", "/api/v1/kick?room=chat+one&client=3").status == 405)
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            #expect(try await relay.client.ask("POST", "/api/v1/drain", headers: form, body: "{}").status == 415)
            #expect(double.done.count == 2)
        }
    }

    @Test(
        "what is wrong is told, with a status for programs",
        arguments: [
            ("GET", "/api/v1/room?room=none", nil, 404, "not_found"),
            ("GET", "/api/v1/room", nil, 400, "bad_argument"),
            ("GET", "/api/v1/rooms?limit=many", nil, 400, "bad_argument"),
            ("GET", "/api/v1/rooms?limit=1&limit=2", nil, 400, "bad_request"),
            ("GET", "/api/v1/rooms?search=%zz", nil, 400, "bad_request"),
            ("GET", "/api/v1/rooms?page=2", nil, 400, "bad_argument"),
            ("GET", "/api/v1/roms", nil, 404, "not_found"),
            ("POST", "/api/v1/kick", "[]", 400, "bad_request"),
            ("POST", "/api/v1/kick", "{", 400, "bad_request"),
            ("POST", "/api/v1/kick", #"{"room":"chat one","client":"3"}"#, 400, "bad_argument"),
            ("POST", "/api/v1/kick", #"{"room":"chat one","client":9}"#, 404, "not_found"),
            ("POST", "/api/v1/kick", String(repeating: "[", count: 60_000), 400, "bad_request"),
            ("POST", "/api/v1/kick", String(repeating: " ", count: 70_000), 413, "bad_request"),
        ] as [(String, String, String?, Int, String)]
    )
    func mistakes(_ method: String, _ path: String, _ body: String?, _ status: Int, _ code: String) async throws {
        try await ServedRelay.run(ControlledRelay.registry(Self.relay())) { relay async throws in
            let answer = try await relay.client.ask(method, path, body: body)
            #expect(answer.status == status)
            #expect(answer.text.hasPrefix(#"{"error":{"code":"\#(code)","text":""#), "\(answer.text)")
        }
    }
}
