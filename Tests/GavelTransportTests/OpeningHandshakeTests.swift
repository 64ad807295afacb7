import NIOHTTP1
import Testing

@testable import GavelTransport

@Suite struct OpeningHandshakeTests {
    private static func request(
        _ method: HTTPMethod = .GET,
        _ uri: String = "/",
        version: HTTPVersion = .http1_1,
        replacing changes: [(String, String?)] = []
    ) -> HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": "localhost", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        ]
        for (name, value) in changes {
            headers.remove(name: name)
            if let value { headers.add(name: name, value: value) }
        }
        return HTTPRequestHead(version: version, method: method, uri: uri, headers: headers)
    }

    private static func status(_ request: HTTPRequestHead, origins: [String] = [], echo: Bool = false) -> UInt {
        switch OpeningHandshake(allowedOrigins: origins, servesEcho: echo).judge(request) {
        case .accept: 101
        case .refuse(let refusal): refusal.status.code
        }
    }

    private static func accepted(_ request: HTTPRequestHead, echo: Bool = false) -> (response: String, isEcho: Bool)? {
        switch OpeningHandshake(allowedOrigins: [], servesEcho: echo).judge(request) {
        case .accept(let response, let isEcho): (response, isEcho)
        case .refuse: nil
        }
    }

    @Test("a proper request is accepted with the proof, and no extension or subprotocol that was not asked for")
    func accepts() throws {
        let accepted = try #require(
            Self.accepted(Self.request(replacing: [("Sec-WebSocket-Extensions", "permessage-deflate")]))
        )
        #expect(accepted.response.hasPrefix("HTTP/1.1 101 "))
        #expect(accepted.response.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(!accepted.response.contains("Protocol:"))
        #expect(!accepted.response.contains("Extensions"))
        #expect(accepted.response.hasSuffix("\r\n\r\n"))
    }

    @Test("gavel.v1 is selected when offered, among others too")
    func subprotocol() throws {
        for offer in ["gavel.v1", "chat, gavel.v1", " gavel.v1 ,x"] {
            let accepted = try #require(Self.accepted(Self.request(replacing: [("Sec-WebSocket-Protocol", offer)])))
            #expect(accepted.response.contains("\r\nSec-WebSocket-Protocol: gavel.v1\r\n"))
        }
        for offer in ["gavel.v2", "Gavel.V1", "gavel.v11"] {
            let accepted = try #require(Self.accepted(Self.request(replacing: [("Sec-WebSocket-Protocol", offer)])))
            #expect(!accepted.response.contains("Protocol:"))
        }
    }

    @Test(
        "a wrong request is refused with the status that says why",
        arguments: [
            (request(.POST), 405), (request(.HEAD), 405), (request(.OPTIONS), 405),
            (request(version: .http1_0), 400), (request(replacing: [("Host", nil)]), 400),
            (request(replacing: [("Host", "")]), 400), (request(replacing: [("Upgrade", nil)]), 426),
            (request(replacing: [("Upgrade", "h2c")]), 400), (request(replacing: [("Connection", "keep-alive")]), 400),
            (request(replacing: [("Sec-WebSocket-Version", "8")]), 426),
            (request(replacing: [("Sec-WebSocket-Version", nil)]), 426),
            (request(replacing: [("Sec-WebSocket-Key", nil)]), 400),
            (request(replacing: [("Sec-WebSocket-Key", "short")]), 400),
            (request(replacing: [("Content-Length", "5")]), 413),
            (request(replacing: [("Transfer-Encoding", "chunked")]), 413), (request(.GET, "/echo"), 404),
        ] as [(HTTPRequestHead, UInt)]
    )
    func refuses(request: HTTPRequestHead, status: UInt) {
        #expect(Self.status(request) == status)
    }

    @Test("names are compared without regard to case, as browsers and proxies send them")
    func caseInsensitive() {
        let request = Self.request(replacing: [
            ("Upgrade", "WebSocket"), ("Connection", "upgrade"), ("Content-Length", "0"),
        ])
        #expect(Self.status(request) == 101)
    }

    @Test("two Host or Key headers are refused")
    func repeated() {
        for name in ["Host", "Sec-WebSocket-Key"] {
            var request = Self.request()
            request.headers.add(name: name, value: request.headers[name][0])
            #expect(Self.status(request) == 400)
        }
    }

    @Test("only allowed origins connect, and clients that are no page")
    func origins() {
        let origins = ["https://game.example"]
        #expect(Self.status(Self.request(), origins: origins) == 101)
        #expect(Self.status(Self.request(replacing: [("Origin", "HTTPS://Game.Example")]), origins: origins) == 101)
        #expect(Self.status(Self.request(replacing: [("Origin", "https://evil.example")]), origins: origins) == 403)
        #expect(Self.status(Self.request(replacing: [("Origin", "null")]), origins: origins) == 403)
        #expect(Self.status(Self.request(replacing: [("Origin", "https://evil.example")])) == 101)
    }

    @Test("every path leads to the relay, the echo path to the echo where it is served")
    func paths() throws {
        for path in ["/", "/ws?room=1", "/echo/x", "/echoes", "*"] {
            #expect(try #require(Self.accepted(Self.request(.GET, path), echo: true)).isEcho == false)
        }
        for path in ["/echo", "/echo?x=1", "http://host/echo"] {
            #expect(try #require(Self.accepted(Self.request(.GET, path), echo: true)).isEcho)
        }
    }

    @Test("a refusal is a whole HTTP answer, with a body only where the method admits one")
    func refusalBytes() {
        let response = HandshakeRefusal.upgradeRequired.response()
        #expect(response.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
        #expect(response.contains("\r\nSec-WebSocket-Version: 13\r\n"))
        let body = response.split(separator: "\r\n\r\n")[1]
        #expect(response.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
        #expect(HandshakeRefusal.methodNotAllowed.response(hasBody: false).hasSuffix("\r\nAllow: GET\r\n\r\n"))
    }
}
