import Foundation
import GavelTesting
import NIOCore
import Testing

/// What becomes of clients whose connections end, in a relay as it is run.
@Suite("Sessions over sockets", .timeLimit(.minutes(10)))
struct SessionTests {
    private static let configuration = """
        [server]
        threads = 2

        [[rooms]]
        match = "watched"
        presence = true
        """

    private func run(_ body: (SocketAddress) async throws -> Void) async throws {
        try await RunningRelay.run(Self.configuration, folder: FileManager.default.temporaryDirectory, body: body)
    }

    /// A client in the room, and what it was told.
    private func join(
        _ address: SocketAddress,
        _ members: String = #""resume":true"#
    ) async throws -> (client: SocketClient, joined: ReceivedMessage) {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"watched",\#(members)}"#)
        return (client, try #require(await client.next("joined")))
    }

    private func position(_ joined: ReceivedMessage, _ last: Int64) throws -> String {
        let (session, epoch) = (try #require(joined["session"]), try #require(joined["epoch"]))
        return #""resume":{"session":"\#(session)","epoch":"\#(epoch)","msg_id":\#(last)}"#
    }

    @Test("a page that closes with 1000 and joins again leaves no ghost")
    func endsSession() async throws {
        try await self.run { address in
            let (watcher, watching) = try await self.join(address)
            let (first, joined) = try await self.join(address)
            first.sendClose(1000)
            let left = try #require(await watcher.next("client_left"))
            #expect(left[number: "client_id"] == joined[number: "client_id"])
            #expect(left["reason"] == "left")
            let (second, again) = try await self.join(address, self.position(joined, 2))
            #expect(again["reason"] == "session")
            #expect(again[number: "client_id"] == 3)
            #expect(watching[number: "client_id"] == 1)
            for client in [watcher, first, second] { await client.disconnect() }
        }
    }

    @Test("a reset connection leaves its client away, which comes back to all it missed")
    func comesBack() async throws {
        try await self.run { address in
            let (watcher, _) = try await self.join(address)
            let (lost, joined) = try await self.join(address)
            let own = try #require(await lost.next("client_joined"))
            await lost.disconnect(reset: true)
            for number in 1...3 { watcher.send(#"{"type":"say","n":\#(number)}"#) }
            for _ in 1...3 { #expect(await watcher.next()?.type != "client_left") }
            let last = try #require(own[number: "msg_id"])
            let (back, again) = try await self.join(address, self.position(joined, last))
            #expect(again[number: "client_id"] == joined[number: "client_id"])
            for number in 1...3 {
                let missed = try #require(await back.next())
                #expect(missed[number: "n"] == Int64(number))
                #expect(missed[number: "msg_id"] == last + Int64(number))
            }
            for client in [watcher, back] { await client.disconnect() }
        }
    }

    @Test("of two connections of a session the newer one wins, and the older one is told 4505")
    func replaces() async throws {
        try await self.run { address in
            let (older, joined) = try await self.join(address)
            let own = try #require(await older.next("client_joined")?[number: "msg_id"])
            let (newer, again) = try await self.join(address, self.position(joined, own))
            #expect(again[number: "client_id"] == joined[number: "client_id"])
            while await older.next() != nil {}
            #expect(older.closeCode == 4505)
            older.send(#"{"type":"say","from":"older"}"#)
            newer.send(#"{"type":"say","from":"newer"}"#)
            #expect(await newer.next("say")?["from"] == "newer")
            await newer.disconnect()
        }
    }
}
