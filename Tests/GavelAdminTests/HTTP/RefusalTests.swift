import GavelAdmin
import Testing

@Suite("Requests over HTTP that are refused", .timeLimit(.minutes(10)))
struct RefusalTests {
    private static let secret = "/api/v1/status"

    @Test(
        "without the token, with another, or with it in another way",
        arguments: [
            nil, "Bearer", "Bearer ", "Bearer 0123456789abcdee", "Bearer 0123456789abcdef0", "Bearer 0123456789abcde",
            "Basic 0123456789abcdef", "0123456789abcdef", "Bearer  0123456789abcdef",
        ]
    )
    func token(_ authorization: String?) async throws {
        try await ServedRelay.run { relay async throws in
            var client = relay.client
            client.token = nil
            let headers = authorization.map { ["Authorization": $0] } ?? [:]
            for path in [Self.secret, "/api/v1/openapi.json", "/api/v1/nothing"] {
                let answer = try await client.ask("GET", path, headers: headers)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer realm=\"gavel\"")
                #expect(answer.text.contains(#""code":"unauthorized""#))
            }
            let answer = try await client.ask("POST", "/api/v1/drain", headers: headers, body: "{}")
            #expect(answer.status == 401)
            #expect(try await client.ask("GET", Self.secret + "?token=0123456789abcdef").status == 401)
        }
    }

    @Test("the page's address, which has the token, is not told over HTTP, but over the control socket")
    func page() async throws {
        let page = "http://127.0.0.1:8766/admin#token=0123456789abcdef"
        let registry = ControlledRelay.registry(RelayDouble(.init(page: page)))
        try await ServedRelay.run(registry) { relay async throws in
            let answer = try await relay.client.ask("GET", Self.secret)
            #expect(answer.status == 200 && !answer.text.contains("token"))
        }
        try await ControlledRelay.run(registry) { relay in
            let status = try await ControlClient.with(relay.path) { try await $0.call(Commands.status, NoArguments()) }
            #expect(status.page == page && status.text.hasSuffix("\noperators' page: \(page)"))
        }
    }

    @Test(
        "to a name that somebody else's name server had lead here",
        arguments: [
            "evil.example", "evil.example:8766", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1:8766:1",
            "1.2.3", "[::1", "[evil]:1", "[::1]x", "127.0.0.1:80808080",
        ]
    )
    func host(_ host: String) async throws {
        try await ServedRelay.run { relay async throws in
            for path in [Self.secret, "/", "/gavel.js", "/healthz"] {
                let answer = try await relay.client.ask("GET", path, host: host)
                #expect([400, 403].contains(answer.status), "\(path): \(answer.status)")
                #expect(!answer.text.contains("html"))
            }
        }
    }

    @Test(
        "but not to this machine's own names",
        arguments: [
            "127.0.0.1", "192.168.1.7:8766", "[::1]:8766", "[fe80::1]", "localhost", "LOCALHOST:8766",
            "gavel.localhost",
            "relay.example", "Relay.Example:443",
        ]
    )
    func ownHost(_ host: String) async throws {
        try await ServedRelay.run(adjust: { $0.names = ["relay.example"] }) { relay async throws in
            let answer = try await relay.client.ask("GET", Self.secret, host: host)
            #expect(answer.status == 200)
        }
    }

    @Test(
        "from a page of another site, with the token and without",
        arguments: [
            "https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:8766",
            "file://",
            "http://127.0.0.1.evil.example",
        ]
    )
    func origin(_ origin: String) async throws {
        try await ServedRelay.run { relay async throws in
            for path in [Self.secret, "/gavel.js"] {
                let answer = try await relay.client.ask("GET", path, headers: ["Origin": origin])
                #expect(answer.status == 403)
                #expect(answer.headers["access-control-allow-origin"] == nil)
            }
            let kick = try await relay.client.ask("POST", "/api/v1/drain", headers: ["Origin": origin], body: "{}")
            #expect(kick.status == 403)
            let options = try await relay.client.ask("OPTIONS", Self.secret, headers: ["Origin": origin])
            #expect(options.status == 403)
        }
    }

    @Test("from a page that says by itself that it is another site's", arguments: ["cross-site", "same-site"])
    func site(_ site: String) async throws {
        try await ServedRelay.run { relay async throws in
            let foreign = try await relay.client.ask("GET", Self.secret, headers: ["Sec-Fetch-Site": site])
            #expect(foreign.status == 403)
            // A link on another page may lead to a game.
            #expect(try await relay.client.ask("GET", "/", headers: ["Sec-Fetch-Site": site]).status == 200)
        }
    }

    @Test("but not from the relay's own pages")
    func ownOrigin() async throws {
        try await ServedRelay.run { relay async throws in
            let headers = ["Origin": "http://127.0.0.1:\(relay.client.port)", "Sec-Fetch-Site": "same-origin"]
            #expect(try await relay.client.ask("GET", Self.secret, headers: headers).status == 200)
            let proxied = ["Origin": "https://localhost"]
            #expect(try await relay.client.ask("GET", Self.secret, host: "localhost", headers: proxied).status == 200)
        }
    }

    @Test(
        "a relay that others can reach does not start without a token",
        arguments: [
            "0.0.0.0", "::", "192.168.1.7", "relay.example", "127.evil.example", "::ffff:7f00:1",
        ]
    )
    func beyondLoopback(_ host: String) throws {
        var configuration = HTTPConfiguration()
        configuration.host = host
        #expect(configuration.lacksToken)
        #expect(throws: HTTPServerError.lacksToken(host)) {
            try HTTPServer(
                configuration,
                registry: ControlledRelay.registry(),
                version: "",
                relay: CountingRelayDouble(),
                metrics: MetricStore(),
                logger: ServedRelay.logger
            )
        }
        configuration.token = ServedRelay.token
        #expect(!configuration.lacksToken)
    }

    @Test("one that only this machine reaches does", arguments: ["127.0.0.1", "127.8.8.8", "::1", "localhost", nil])
    func loopback(_ host: String?) {
        var configuration = HTTPConfiguration()
        configuration.host = host
        #expect(!configuration.lacksToken)
    }
}
