import GavelCore
import NIOCore
import Testing

@testable import GavelTransport

/// A request that opens no connection, and what its answer must hold.
struct BadRequest: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var request: String
    var status: Int
    var help: String

    private init(_ description: String, _ request: String, status: Int, help: String) {
        self.testDescription = description
        self.request = request
        self.status = status
        self.help = help
    }

    private static let long = String(repeating: "a", count: 20_000)

    static let all = [
        Self("plain HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", status: 426, help: "This is a Gavel relay."),
        Self("POST", "POST / HTTP/1.1\r\nHost: x\r\n\r\n", status: 405, help: "\r\nAllow: GET\r\n"),
        Self("body", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", status: 413, help: "body"),
        Self("no Host", "GET / HTTP/1.1\r\n\r\n", status: 400, help: "Host"),
        Self("TLS", "\u{16}\u{3}\u{1} not HTTP\r\n\r\n", status: 400, help: "not an HTTP request"),
        Self("long header", "GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", status: 431, help: "large"),
        Self("long target", "GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", status: 431, help: "large"),
        Self(
            "many headers",
            "GET / HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n",
            status: 431,
            help: "large"
        ),
    ]
}

@Suite(.timeLimit(.minutes(10))) struct GameServerTests {
    private static let ping = ClientFrame.message(#"{"type":"gavel.ping"}"#)
    private static let pong = ServerFrame.text(#"{"type":"gavel.pong"}"#)

    @Test("a client opens a connection, is answered and closes", arguments: [1, 4])
    func opens(loops: Int) async throws {
        try await TestServer.run(loops: loops) { server in
            for _ in 0..<8 {
                let client = try await TestClient.connect(to: server.address)
                try await client.send(TestClient.handshake)
                #expect(try await client.responseHead().hasPrefix("HTTP/1.1 101 "))
                try await client.send(Self.ping)
                #expect(await client.frame() == Self.pong)
                try await client.send(ClientFrame.closing(1000))
                #expect(await client.frame()?.closeCode == 1000)
                #expect(await client.frame() == nil)
            }
        }
    }

    @Test("frames in the segment of the handshake are not lost, however many there are")
    func framesBehindTheHandshake() async throws {
        try await TestServer.run { server in
            for count in [1, 2, 100] {
                let client = try await TestClient.connect(to: server.address)
                let frames = (0..<count).flatMap { _ in Self.ping }
                try await client.send(Array(TestClient.handshake.utf8) + frames)
                #expect(try await client.responseHead().hasPrefix("HTTP/1.1 101 "))
                for _ in 0..<count { #expect(await client.frame() == Self.pong) }
                await client.close()
            }
        }
    }

    @Test("a handshake that arrives byte by byte is a handshake")
    func slowHandshake() async throws {
        try await TestServer.run {
            $0.handshakeTimeout = .seconds(600)
        } body: { server in
            let client = try await TestClient.connect(to: server.address)
            for byte in Array(TestClient.handshake.utf8) + Self.ping { try await client.send([byte]) }
            #expect(try await client.responseHead().hasPrefix("HTTP/1.1 101 "))
            #expect(await client.frame() == Self.pong)
            await client.close()
        }
    }

    @Test("a request that is no handshake gets an answer that helps", arguments: BadRequest.all)
    func refusals(bad: BadRequest) async throws {
        try await TestServer.run { server in
            let client = try await TestClient.connect(to: server.address)
            try await client.send(bad.request)
            let answer = await client.rest()
            #expect(answer.hasPrefix("HTTP/1.1 \(bad.status) "))
            #expect(answer.contains(bad.help))
            #expect(answer.contains("Connection: close") || answer.contains("Connection: Upgrade, close"))
        }
    }

    @Test("a handshake that does not come is not waited for", arguments: ["", "GET / HTTP/1.1\r\nHost: x\r\nX"])
    func handshakeTimeout(start: String) async throws {
        try await TestServer.run {
            $0.handshakeTimeout = .milliseconds(100)
        } body: { server in
            let client = try await TestClient.connect(to: server.address)
            // Fails where the time is over already.
            try? await client.send(start)
            #expect(await client.rest().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test("16 MiB are echoed where the limit allows, whole and in fragments")
    func largeEcho() async throws {
        try await TestServer.run {
            $0.messageBytes = 16 << 20
        } body: { server in
            let client = try await TestClient.open(server.address, path: "/echo")
            let zeroMask: [UInt8] = [0, 0, 0, 0]
            let bytes = [UInt8](repeating: 65, count: 16 << 20)
            try await client.send(ClientFrame.bytes(first: 0x82, payload: bytes, mask: zeroMask))
            #expect(await client.frame() == .binary(bytes))
            let part = Array(bytes[..<(1 << 20)])
            try await client.send(
                ClientFrame.bytes(first: 0x01, payload: part, mask: zeroMask)
                    + ClientFrame.bytes(first: 0x80, payload: part, mask: zeroMask)
            )
            #expect(await client.frame() == ServerFrame(first: 0x81, payload: part + part))
            await client.close()
        }
    }

    @Test("a client that is echoed more than it reads is not read, and later gets everything")
    func echoBackpressure() async throws {
        try await TestServer.run { server in
            let client = try await TestClient.open(server.address, path: "/echo")
            try await client.channel.setOption(.autoRead, value: false).get()
            let count = 200
            let blob = [UInt8](repeating: 7, count: 60_000)
            let frame = ClientFrame.bytes(first: 0x82, payload: blob, mask: [0, 0, 0, 0])
            let channel = client.channel
            let sending = Task {
                for _ in 0..<count { try await channel.writeAndFlush(ByteBuffer(bytes: frame)) }
            }
            try await client.channel.setOption(.autoRead, value: true).get()
            for _ in 0..<count { #expect(await client.frame() == .binary(blob)) }
            try await sending.value
            await client.close()
        }
    }

    @Test("a malformed frame is answered by its code, and the socket is closed")
    func malformed() async throws {
        try await TestServer.run { server in
            let client = try await TestClient.open(server.address)
            try await client.send(ClientFrame.bytes(first: 0x81, payload: Array("unmasked".utf8), mask: nil))
            #expect(await client.frame()?.closeCode == 1002)
            #expect(await client.frame() == nil)
        }
    }

    @Test("connections over the limit wait until one ends")
    func connectionLimit() async throws {
        try await TestServer.run {
            $0.maxConnections = 2
        } body: { server in
            let first = try await TestClient.open(server.address)
            let second = try await TestClient.open(server.address)
            let third = try await TestClient.connect(to: server.address)
            try await third.send(Array(TestClient.handshake.utf8) + Self.ping)
            // The two that are in are served all the same, by which time the third would have been.
            for client in [first, second] {
                try await client.send(Self.ping)
                #expect(await client.frame() == Self.pong)
            }
            await first.close()
            #expect(try await third.responseHead().hasPrefix("HTTP/1.1 101 "))
            #expect(await third.frame() == Self.pong)
            await second.close()
            await third.close()
        }
    }

    @Test("connections from one address over its limit are told 503, until one ends")
    func addressLimit() async throws {
        try await TestServer.run {
            $0.connectionsPerAddress = 1
        } body: { server in
            let first = try await TestClient.open(server.address)
            let second = try await TestClient.connect(to: server.address)
            try await second.send(TestClient.handshake)
            #expect(await second.rest().hasPrefix("HTTP/1.1 503 "))
            await first.close()
            var head = ""
            while !head.hasPrefix("HTTP/1.1 101 ") {
                let third = try await TestClient.connect(to: server.address)
                try await third.send(TestClient.handshake)
                head = try await third.responseHead()
                await third.close()
            }
        }
    }

    @Test("shutting down closes clients with 1001, refuses handshakes, and ends in time")
    func drains() async throws {
        let clock = ContinuousClock()
        var stopped = clock.now
        try await TestServer.run(loops: 2) {
            $0.drain = .seconds(20)
        } body: { server in
            let polite = try await TestClient.open(server.address)
            let silent = try await TestClient.open(server.address)
            let early = try await TestClient.connect(to: server.address)
            try await polite.send(Self.ping)
            #expect(await polite.frame() == Self.pong)
            stopped = clock.now
            await server.shutDown()
            var last: ServerFrame?
            while let frame = await polite.frame() {
                last = frame
                if frame.opcode == ClientFrame.close { try? await polite.send(ClientFrame.closing(1001)) }
            }
            #expect(last?.closeCode == 1001)
            // This one never answers the close frame.
            while await silent.frame() != nil {}
            _ = await early.rest()
        }
        // Its second is over long before the drain time, also on a busy machine.
        #expect(clock.now - stopped < .seconds(16))
    }

    @Test("a client that never answers cannot delay the end beyond the drain time, not even its second")
    func drainIsBounded() async throws {
        // A busy machine may be slow once; a peer that is waited for takes its second every time.
        let clock = ContinuousClock()
        var shortest = Duration.seconds(60)
        for _ in 0..<20 where shortest >= .seconds(1) {
            var stopped = clock.now
            try await TestServer.run {
                $0.drain = .zero
            } body: { server in
                let client = try await TestClient.open(server.address)
                try await client.channel.setOption(.autoRead, value: false).get()
                stopped = clock.now
            }
            shortest = min(shortest, clock.now - stopped)
        }
        #expect(shortest < .seconds(1))
    }
}
