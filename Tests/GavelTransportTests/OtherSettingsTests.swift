import GavelCore
import NIOCore
import Testing

@testable import GavelTransport

@Suite("A server that is given another configuration while it runs", .timeLimit(.minutes(10)))
struct OtherSettingsTests {
    private static let ping = ClientFrame.message(#"{"type":"gavel.ping"}"#)
    private static let pong = ServerFrame.text(#"{"type":"gavel.pong"}"#)

    @Test("takes connections that waited when its limit is raised")
    func raisedLimit() async throws {
        try await TestServer.run({ $0.maxConnections = 1 }) { server in
            let first = try await TestClient.open(server.address)
            let second = try await TestClient.connect(to: server.address)
            try await second.send(TestClient.handshake)
            // The first is served while the second waits.
            try await first.send(Self.ping)
            #expect(await first.frame() == Self.pong)
            server.adopt { $0.maxConnections = 2 }
            #expect(try await second.responseHead().hasPrefix("HTTP/1.1 101 "))
            await first.close()
            await second.close()
        }
    }

    @Test("counts the connections of an address that were there before it had a limit")
    func limitOfAddress() async throws {
        try await TestServer.run { server in
            let first = try await TestClient.open(server.address)
            server.adopt { $0.connectionsPerAddress = 1 }
            let second = try await TestClient.connect(to: server.address)
            try await second.send(TestClient.handshake)
            #expect(try await second.responseHead().hasPrefix("HTTP/1.1 503 "))
            server.adopt { $0.connectionsPerAddress = nil }
            let third = try await TestClient.connect(to: server.address)
            try await third.send(TestClient.handshake)
            #expect(try await third.responseHead().hasPrefix("HTTP/1.1 101 "))
            for client in [first, second, third] { await client.close() }
        }
    }

    @Test("judges handshakes by it, also those that have begun, and messages of connections that are open")
    func handshakesAndMessages() async throws {
        try await TestServer.run { server in
            let open = try await TestClient.open(server.address)
            let waiting = try await TestClient.connect(to: server.address)
            try await waiting.send("GET / HTTP/1.1\r\nHost: x\r\nOrigin: https://other.example\r\n")
            try await open.send(Self.ping)
            #expect(await open.frame() == Self.pong)
            server.adopt { configuration in
                configuration.allowedOrigins = ["https://game.example"]
                configuration.messageBytes = 128
            }
            // By the answer to this, both have heard of it.
            try await open.send(Self.ping)
            #expect(await open.frame() == Self.pong)
            let rest = TestClient.handshake.replacing("GET / HTTP/1.1\r\nHost: localhost\r\n", with: "")
            try await waiting.send(rest)
            #expect(try await waiting.responseHead().hasPrefix("HTTP/1.1 403 "))
            try await open.send(ClientFrame.message(String(repeating: "x", count: 129)))
            #expect(await open.frame()?.closeCode == 1009)
            await waiting.close()
        }
    }
}
