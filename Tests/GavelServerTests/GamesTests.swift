import Foundation
import GavelTesting
import NIOCore
import Testing

/// The games of `scripts/`, with the `config.toml` that users start from, over real sockets.
@Suite("With the configuration that ships, over sockets,", .timeLimit(.minutes(10)))
struct GamesTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func relay(_ body: (SocketAddress) async throws -> Void) async throws {
        let text = try String(contentsOf: Self.root.appending(path: "config.toml"), encoding: .utf8)
        try await RunningRelay.run(text, folder: Self.root, body: body)
    }

    private func player(_ address: SocketAddress, _ room: String, name: String) async throws -> SocketClient {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"\#(room)","name":"\#(name)"}"#)
        return client
    }

    @Test("two people play tic-tac-toe: a win, a rematch that ends in a draw, and a walkover")
    func ticTacToe() async throws {
        try await self.relay { address in
            let ann = try await self.player(address, "tictactoe-1", name: "Ann")
            #expect(await ann.next("joined")?[number: "seat"] == 1)
            let bob = try await self.player(address, "tictactoe-1", name: "Bob")
            #expect(await bob.next("joined")?[number: "seat"] == 2)
            #expect(await ann.next("start")?[number: "turn"] == 1)

            bob.send(#"{"type":"move","cell":5,"ref":"early"}"#)
            let early = await bob.next("error")
            #expect(early?["reason"] == "not_your_turn")
            #expect(early?["ref"] == "early")
            try await self.play([(ann, 1), (bob, 4), (ann, 2), (bob, 5), (ann, 3)], watching: bob)
            #expect(await bob.next("over")?[number: "winner"] == 1)

            bob.send(#"{"type":"again"}"#)
            #expect(await bob.next("start")?[number: "turn"] == 2)
            try await self.play(
                [(bob, 1), (ann, 2), (bob, 3), (ann, 5), (bob, 4), (ann, 6), (bob, 8), (ann, 7), (bob, 9)],
                watching: bob
            )
            #expect(await bob.next("over")?["reason"] == "draw")

            ann.send(#"{"type":"again"}"#)
            _ = await bob.next("start")
            await ann.disconnect(reset: true)
            let over = await bob.next("over")
            #expect(over?["reason"] == "walkover")
            #expect(over?[number: "winner"] == 2)
            await bob.disconnect()
        }
    }

    /// Each move is sent when the one before was seen.
    private func play(_ moves: [(SocketClient, Int)], watching: SocketClient) async throws {
        for (client, cell) in moves {
            client.send(#"{"type":"move","cell":\#(cell)}"#)
            #expect(await watching.next("move")?[number: "cell"] == Int64(cell))
        }
    }

    @Test("people chat, and everyone sees the same")
    func chat() async throws {
        try await self.relay { address in
            let ada = try await self.player(address, "chat-lobby", name: "Ada")
            #expect(await ada.next("joined")?["nick"] == "Ada")
            let twin = try await self.player(address, "chat-lobby", name: "Ada")
            #expect(await twin.next("joined")?["nick"] == "Ada2")
            twin.send(#"{"type":"say","text":"  hi — héllo  "}"#)
            for client in [ada, twin] {
                let said = await client.next("say")
                #expect(said?["text"] == "hi — héllo")
                #expect(said?["nick"] == "Ada2")
            }
            await ada.disconnect()
            #expect(await twin.next("went")?["nick"] == "Ada")
            await twin.disconnect()
        }
    }

    @Test("two choose in secret, and both hands are shown at once")
    func rockPaperScissors() async throws {
        try await self.relay { address in
            let ann = try await self.player(address, "rps-1", name: "Ann")
            #expect(await ann.next("snapshot")?["phase"] == "waiting")
            let bob = try await self.player(address, "rps-1", name: "Bob")
            _ = await bob.next("snapshot")
            ann.send(#"{"type":"choose","hand":"rock"}"#)
            #expect(await ann.next("reply")?["hand"] == "rock")
            #expect(await bob.next("chosen")?[number: "player"] == 1)
            bob.send(#"{"type":"choose","hand":"paper"}"#)
            #expect(await ann.next("shown")?[number: "winner"] == 2)
            await bob.disconnect(reset: true)
            #expect(await ann.next("over")?["reason"] == "walkover")
            await ann.disconnect()
        }
    }

    /// Two players, the first of whom was there before the other.
    private func pair(_ address: SocketAddress, _ room: String) async throws -> (SocketClient, SocketClient) {
        let ann = try await self.player(address, room, name: "Ann")
        _ = await ann.next("snapshot")
        let bob = try await self.player(address, room, name: "Bob")
        _ = await bob.next("snapshot")
        return (ann, bob)
    }

    @Test("cards are dealt and drawn")
    func eights() async throws {
        try await self.relay { address in
            let (ann, bob) = try await self.pair(address, "eights-1")
            bob.send(#"{"type":"start"}"#)
            #expect(await bob.next("snapshot")?[number: "turn"] == 2)
            bob.send(#"{"type":"draw"}"#)
            #expect(await bob.next("reply")?["card"]?.utf8.count == 2)
            #expect(await ann.next("drew")?[number: "left"] == 6)
            await ann.disconnect()
            await bob.disconnect()
        }
    }

    @Test("a quiz is asked and answered")
    func quiz() async throws {
        try await self.relay { address in
            let (ann, bob) = try await self.pair(address, "quiz-1")
            ann.send(#"{"type":"ask","question":"?","choices":["a","b"],"right":1}"#)
            #expect(await bob.next("question")?[number: "seconds"] == 20)
            bob.send(#"{"type":"answer","choice":1}"#)
            #expect(await ann.next("result")?[number: "right"] == 1)
            await ann.disconnect()
            #expect(await bob.next("host")?[number: "id"] == 2)
            await bob.disconnect()
        }
    }

    @Test("an escape room starts its clock, and gives hints")
    func escape() async throws {
        try await self.relay { address in
            let (ann, bob) = try await self.pair(address, "escape-1")
            bob.send(#"{"type":"start"}"#)
            #expect(await ann.next("started")?[number: "left_ms"] == 600_000)
            ann.send(#"{"type":"hint","lock":1}"#)
            #expect(await bob.next("hint")?["shown"]?.hasSuffix("___") == true)
            await ann.disconnect()
            await bob.disconnect()
        }
    }

    @Test("a relay that stops tells everyone, closes with 1001 and takes no new connection")
    func shutdown() async throws {
        let (clients, continuation) = AsyncStream.makeStream(of: Void.self)
        nonisolated(unsafe) var client: SocketClient?
        try await self.relay { address in
            client = try await self.player(address, "any", name: "A")
            _ = await client?.next("joined")
            continuation.finish()
        }
        for await _ in clients {}
        #expect(await client?.next("closing") != nil)
        #expect(await client?.next() == nil)
        #expect(client?.closeCode == 1001)
    }
}
