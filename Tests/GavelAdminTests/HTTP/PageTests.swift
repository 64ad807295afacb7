import Foundation
import GavelAdmin
import Testing

@Suite("Pages and health over HTTP", .timeLimit(.minutes(10)))
struct PageTests {
    private static let web = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources/GavelAdmin/Web").standardizedFileURL

    /// Files of the folder that browsers may want, as paths.
    private static func files() throws -> [String] {
        let names = try #require(FileManager.default.subpaths(atPath: Self.web.path(percentEncoded: false)))
        return names.filter { $0.contains(".") && $0 != "package.json" }.sorted()
    }

    @Test("every file of the folder is served as it is, with its type")
    func files() async throws {
        let types = [
            "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
            "css": "text/css; charset=utf-8", "svg": "image/svg+xml", "ts": "text/plain; charset=utf-8",
        ]
        try await ServedRelay.run { relay async throws in
            var client = relay.client
            client.token = nil
            for name in try Self.files() {
                let file = Self.web.appending(path: name)
                let answer = try await client.ask("GET", "/\(name)")
                #expect(answer.status == 200, "\(name)")
                #expect(answer.headers["content-type"] == types[file.pathExtension], "\(name)")
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                let text = try String(contentsOf: file, encoding: .utf8)
                let filled = text.replacing(
                    "name=\"gavel-relay\" content=\"\"",
                    with: "name=\"gavel-relay\" content=\":8765\""
                )
                #expect(answer.text == filled, "\(name)")
            }
        }
    }

    @Test("pages of games are told where the relay is, where it is not at its port of their host")
    func relayAddress() async throws {
        try await ServedRelay.run(adjust: { $0.relay = "wss://game.example/play" }) { relay async throws in
            let page = try await relay.client.ask("GET", "/play/chat.html")
            #expect(page.text.contains("name=\"gavel-relay\" content=\"wss://game.example/play\""))
        }
    }

    @Test("a page says which files it may use, and nobody may put it into a frame")
    func headers() async throws {
        try await ServedRelay.run { relay async throws in
            let play = try await relay.client.ask("GET", "/play/chat.html")
            let policy = try #require(play.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; "))
            #expect(policy.contains("connect-src 'self' ws: wss:; "))
            #expect(policy.contains("frame-ancestors 'none'"))
            let front = try await relay.client.ask("GET", "/")
            #expect(front.headers["content-security-policy"]?.contains("ws:") == false)
            for answer in [play, front, try await relay.client.ask("GET", "/api/v1/status")] {
                #expect(answer.headers["content-security-policy"] != nil)
                #expect(answer.headers["x-frame-options"] == "DENY")
                #expect(answer.headers["referrer-policy"] == "no-referrer")
                #expect(answer.headers["cross-origin-resource-policy"] == "same-origin")
                #expect(answer.headers["cross-origin-opener-policy"] == "same-origin")
                #expect(answer.headers["server"] == nil)
            }
            let secret = try await relay.client.ask("GET", "/api/v1/status")
            #expect(secret.headers["cache-control"] == "no-store")
        }
    }

    @Test("a file that a browser has already is not sent again")
    func versions() async throws {
        try await ServedRelay.run { relay async throws in
            let version = try #require(try await relay.client.ask("GET", "/gavel.js").headers["etag"])
            let again = try await relay.client.ask("GET", "/gavel.js", headers: ["If-None-Match": version])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            let head = try await relay.client.ask("HEAD", "/gavel.js")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(Int(head.headers["content-length"] ?? "") ?? 0 > 1_000)
        }
    }

    @Test(
        "nothing else is served",
        arguments: [
            "/package.json", "/play", "/play/", "/../config.toml", "/%2e%2e/config.toml", "/play/..%2f..%2fconfig.toml",
            "//gavel.js", "/gavel.js/", "/GAVEL.js", "/api", "/api/v1", "/nothing",
        ]
    )
    func nothing(_ path: String) async throws {
        try await ServedRelay.run { relay async throws in
            let answer = try await relay.client.ask("GET", path)
            #expect(answer.status == 404)
        }
    }

    @Test("pages are only read", arguments: ["POST", "PUT", "DELETE", "PATCH"])
    func methods(_ method: String) async throws {
        try await ServedRelay.run { relay async throws in
            let answer = try await relay.client.ask(method, "/gavel.js", body: "{}")
            #expect(answer.status == 405)
        }
    }

    @Test("it is healthy while it runs, and ready once players reach it, until it goes away")
    func health() async throws {
        try await ServedRelay.run { relay async throws in
            var client = relay.client
            client.token = nil
            relay.relay.set(RelayPresence(port: nil, isDraining: false))
            #expect(try await client.ask("GET", "/readyz").status == 503)
            relay.relay.set(RelayPresence(port: 9000, isDraining: false))
            #expect(try await client.ask("GET", "/readyz").text == "ready\n")
            #expect(try await client.ask("GET", "/play/chat.html").text.contains("content=\":9000\""))
            relay.relay.set(RelayPresence(port: 9000, isDraining: true))
            let draining = try await client.ask("GET", "/readyz")
            #expect(draining.status == 503)
            #expect(draining.text == "draining\n")
            #expect(try await client.ask("GET", "/healthz").text == "ok\n")
        }
    }
}
