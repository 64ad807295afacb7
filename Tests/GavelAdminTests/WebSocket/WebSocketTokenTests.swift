import GavelAdmin
import NIOCore
import Testing

@Suite("Who may speak over a WebSocket", .timeLimit(.minutes(10)))
struct WebSocketTokenTests {
    private static let request = #"{"id":1,"command":"log-level"}"#
    private static let reply = PlainWebSocket.Frame.text(#"{"id":1,"reply":{"level":"info"}}"#)
    private static let shown = "{\"token\":\"\(ServedRelay.token)\"}"

    @Test("one whose request shows the token")
    func header() async throws {
        try await ServedRelay.run { relay async throws in
            let headers = ["Authorization": "Bearer \(ServedRelay.token)"]
            let socket = try await PlainWebSocket(port: relay.client.port, headers: headers)
            #expect(socket.answer.status == 101)
            // The example of RFC 6455.
            #expect(socket.answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            socket.send(Self.request)
            #expect(await socket.next() == Self.reply)
        }
    }

    @Test("one whose first message shows it, with requests right behind, for as long as it likes")
    func firstMessage() async throws {
        try await ServedRelay.run(adjust: { $0.tokenTimeout = .seconds(2) }) { relay async throws in
            // On a busy machine the token may come too late.
            for _ in 0..<20 {
                let socket = try await PlainWebSocket(port: relay.client.port)
                #expect(socket.answer.status == 101)
                socket.send(Self.shown)
                socket.send(Self.request)
                let answer = await socket.next()
                if case .close(1008, _) = answer { continue }
                #expect(answer == Self.reply)
                let silent = try await PlainWebSocket(port: relay.client.port)
                #expect(await silent.closeCode() == 1008)
                socket.send(Self.request)
                #expect(await socket.next() == Self.reply)
                return
            }
            Issue.record("the token never came in time")
        }
    }

    @Test("and as long as it answers pings")
    func pings() async throws {
        try await ServedRelay.run(adjust: { $0.idleTimeout = .seconds(3) }) { relay async throws in
            for _ in 0..<20 {
                let socket = try await PlainWebSocket.trusted(relay)
                var pings = 0
                // The second comes when the longest silence would be over; on a busy machine an answer may come too late.
                while pings < 2, await socket.next() == .ping {
                    socket.send(0x8A, [])
                    pings += 1
                }
                guard pings == 2 else { continue }
                socket.send(Self.request)
                if await socket.next() == Self.reply { return }
            }
            Issue.record("no answer to a ping came in time")
        }
    }

    @Test(
        "not one whose first message is anything else, which does nothing",
        arguments: [
            #"{"token":"0123456789abcdee"}"#, #"{"token":"0123456789abcdef0"}"#, #"{"token":""}"#, #"{"token":7}"#,
            #"{"token":["0123456789abcdef"]}"#, #"{"token":"0123456789abcdef","command":"drain"}"#, "{}",
            #"{"command":"drain"}"#, "drain", "", "0123456789abcdef",
        ]
    )
    func otherMessage(_ text: String) async throws {
        let double = RelayDouble()
        try await ServedRelay.run(ControlledRelay.registry(double)) { relay async throws in
            let socket = try await PlainWebSocket(port: relay.client.port)
            socket.send(text)
            socket.send(#"{"command":"drain"}"#)
            socket.send(Self.shown)
            socket.send(#"{"command":"drain"}"#)
            guard case .close(1008, let reason) = await socket.next() else { return #expect(Bool(false), "not closed") }
            #expect(reason.contains("token"))
            #expect(await socket.next() == nil)
            #expect(double.done == [])
        }
    }

    @Test("not one who says nothing")
    func silence() async throws {
        try await ServedRelay.run(adjust: { $0.tokenTimeout = .milliseconds(50) }) { relay async throws in
            let socket = try await PlainWebSocket(port: relay.client.port)
            #expect(await socket.closeCode() == 1008)
            #expect(await socket.next() == nil)
        }
    }

    @Test(
        "not one whose request shows another token, nor one from a page or to a name that is not the relay's",
        arguments: [
            (["Authorization": "Bearer 0123456789abcdee"], 401), (["Authorization": "Basic 0123456789abcdef"], 401),
            (["Authorization": ""], 401), (["Origin": "https://evil.example"], 403), (["Origin": "null"], 403),
            (["Host": "evil.example"], 403), (["Host": "127.0.0.1.evil.example:8766"], 403), (["Host": nil], 400),
            (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403),
        ] as [([String: String?], Int)]
    )
    func foreign(_ headers: [String: String?], _ status: Int) async throws {
        try await ServedRelay.run { relay async throws in
            for token in ["Bearer \(ServedRelay.token)", nil] {
                let headers = ["Authorization": token].merging(headers) { $1 }
                let socket = try await PlainWebSocket(port: relay.client.port, headers: headers)
                #expect(socket.answer.status == status)
                #expect(socket.answer.text.hasPrefix(#"{"error":{"code":""#))
                #expect((socket.answer.headers["www-authenticate"] != nil) == (status == 401))
            }
        }
    }

    @Test("one of the relay's own page")
    func ownPage() async throws {
        try await ServedRelay.run { relay async throws in
            let headers = ["Origin": "http://127.0.0.1:\(relay.client.port)", "Sec-Fetch-Site": "same-origin"]
            let socket = try await PlainWebSocket(port: relay.client.port, headers: headers)
            #expect(socket.answer.status == 101)
        }
    }

    @Test(
        "requests that open none are told how",
        arguments: [
            (["Upgrade": nil], 426), (["Upgrade": "h2c"], 426), (["Connection": "keep-alive"], 426),
            (["Sec-WebSocket-Version": "8"], 426), (["Sec-WebSocket-Key": "c2hvcnQ="], 400),
            (["Sec-WebSocket-Key": nil], 400), (["Content-Length": "3"], 400), (["Transfer-Encoding": "chunked"], 400),
        ] as [([String: String?], Int)]
    )
    func noUpgrade(_ headers: [String: String?], _ status: Int) async throws {
        try await ServedRelay.run { relay async throws in
            let socket = try await PlainWebSocket(port: relay.client.port, headers: headers)
            #expect(socket.answer.status == status)
            #expect((socket.answer.headers["upgrade"] == "websocket") == (status == 426))
        }
    }

    @Test("a token does not stand in an address")
    func address() async throws {
        try await ServedRelay.run { relay async throws in
            let port = relay.client.port
            let path = "/api/v1/socket?token=\(ServedRelay.token)"
            #expect(try await PlainWebSocket(port: port, path: path).answer.status == 400)
            #expect(try await PlainWebSocket(port: port, method: "POST").answer.status == 405)
            #expect(try await PlainWebSocket(port: port, path: "/api/v1/status").answer.status == 401)
        }
    }

    @Test("a connection may become a WebSocket after other requests, once they are answered")
    func keptAlive() async throws {
        try await ServedRelay.run { relay async throws in
            let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let together = try await PlainWebSocket(port: relay.client.port, after: health)
            #expect(together.answer.text == "ok\n")
            #expect(try await together.nextAnswer().status == 400)

            let plain = try await PlainWebSocket(port: relay.client.port, path: "/healthz", headers: ["Upgrade": nil])
            #expect(plain.answer.text == "ok\n")
            #expect(try await plain.upgrade().status == 101)
            plain.send(Self.shown)
            plain.send(Self.request)
            #expect(await plain.next() == Self.reply)
        }
    }
}
