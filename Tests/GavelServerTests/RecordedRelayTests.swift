import Foundation
import GavelAdmin
import GavelConfig
import GavelServer
import GavelTesting
import NIOCore
import Testing

@Suite("A relay that records rooms", .timeLimit(.minutes(10)))
struct RecordedRelayTests {
    private let folder = TestFolder()

    private static let rules = """
        local rules = gavel.rules()
        rules.messages.bid = { amount = gavel.integer }
        function rules.on_create(room) room.state = { best = 0 } end
        function rules.filters.bid(room, client, msg)
          if msg.amount <= room.state.best then gavel.reject("too_low") end
          room.state.best = msg.amount
        end
        return rules
        """

    private func configuration(_ kind: String, hookTime: String = "10ms") -> String {
        """
        [server]
        threads = 2

        [rules]
        time_budget = "\(hookTime)"

        [storage]
        kind = "\(kind)"

        [[rooms]]
        match = "auction-*"
        rules = "auction.lua"

        [rooms.record]
        bytes = "1MiB"

        [[rooms]]
        match = "*"
        """
    }

    private func read(_ kind: String, hookTime: String = "10ms") throws -> GavelConfiguration {
        try ConfigurationReader.read(
            text: self.configuration(kind, hookTime: hookTime),
            fileName: "config.toml",
            folder: self.folder.url,
            environment: [:],
            flags: []
        ).get()
    }

    private func play(_ address: SocketAddress) async throws {
        let client = try await SocketClient.connect(to: address)
        client.send(#"{"type":"join","room":"auction-1"}"#)
        _ = await client.next("joined")
        for amount in [5, 3, 9] { client.send(#"{"type":"bid","amount":\#(amount)}"#) }
        for type in ["bid", "error", "bid"] { _ = await client.next(type) }
        await client.disconnect()
        let other = try await SocketClient.connect(to: address)
        other.send(#"{"type":"join","room":"elsewhere"}"#)
        _ = await other.next("joined")
        await other.disconnect()
    }

    /// What the running relay gives of the room.
    private func export() async throws -> [UInt8] {
        let socket = self.folder.url.appending(path: "gavel.sock").path
        return try await ControlClient.with(socket) { client in
            #expect(try await client.call(Commands.recordings, NoArguments()).rooms == ["auction-1"])
            await #expect(throws: CommandError.self) {
                try await client.listen(Commands.recording, RoomArguments(room: "elsewhere")) { _ in }
            }
            var bytes: [UInt8] = []
            try await client.listen(Commands.recording, RoomArguments(room: "auction-1")) { bytes += $0.bytes ?? [] }
            return bytes
        }
    }

    private func replay(
        _ bytes: [UInt8],
        _ rules: String,
        before: String? = nil,
        hookTime: String = "10ms"
    ) throws -> ReplayRun {
        try ReplayRun(
            bytes,
            rules: self.folder.url.appending(path: rules).path,
            before: before.map { self.folder.url.appending(path: $0).path },
            params: nil,
            configuration: try self.read("memory", hookTime: hookTime)
        )
    }

    @Test("is played the same on a machine that is slower, where the rules are the same; others are to be fast enough")
    func slowMachine() async throws {
        let work = "function rules.filters.bid(room, client, msg)\n  for i = 1, 900000 do end"
        let rules = Self.rules.replacing("function rules.filters.bid(room, client, msg)", with: work)
        try self.folder.write("scripts/auction.lua", rules)
        try self.folder.write("new.lua", rules + "-- another version")
        var bytes: [UInt8] = []
        try await RunningRelay.run(
            self.configuration("memory", hookTime: "10s"),
            folder: self.folder.url,
            isControlled: true
        ) { address in
            try await self.play(address)
            bytes = try await self.export()
        }
        #expect(try self.replay(bytes, "scripts/auction.lua", hookTime: "1ms").isSame)
        let beside = try self.replay(bytes, "new.lua", before: "scripts/auction.lua", hookTime: "1ms")
        #expect(!beside.isSame && beside.text.contains("now  failed"))
        #expect(try self.replay(bytes, "new.lua", hookTime: "10s").isSame)
    }

    @Test(
        "gives the recording of a room while it runs and, where it has a database, when it is gone",
        arguments: ["memory", "sqlite"]
    )
    func exports(kind: String) async throws {
        try self.folder.write("scripts/auction.lua", Self.rules)
        var bytes: [UInt8] = []
        try await RunningRelay.run(self.configuration(kind), folder: self.folder.url, isControlled: true) { address in
            try await self.play(address)
            bytes = try await self.export()
        }
        #expect(try self.replay(bytes, "scripts/auction.lua").isSame)
        let configuration = try self.read(kind)
        if kind == "memory" {
            #expect(throws: StorageError.self) { try StoredRecording.rooms(in: configuration) }
        } else {
            #expect(try StoredRecording.rooms(in: configuration) == ["auction-1"])
            let stored = try #require(try StoredRecording.bytes(of: "auction-1", in: configuration))
            #expect(try self.replay(stored, "scripts/auction.lua").isSame)
            #expect(try StoredRecording.bytes(of: "elsewhere", in: configuration) == nil)
        }
    }

    @Test("shows what other rules would have done, to people and programs")
    func differs() async throws {
        try self.folder.write("scripts/auction.lua", Self.rules)
        try self.folder.write("new.lua", Self.rules.replacing("msg.amount <= room", with: "msg.amount < 4 + room"))
        try self.folder.write("broken.lua", "local rules = gavel.rules()\nreturn")
        var bytes: [UInt8] = []
        try await RunningRelay.run(self.configuration("memory"), folder: self.folder.url, isControlled: true) {
            address in
            let client = try await SocketClient.connect(to: address)
            client.send(#"{"type":"join","room":"auction-1"}"#)
            for amount in [5, 7] { client.send(#"{"type":"bid","amount":\#(amount)}"#) }
            for type in ["joined", "bid", "bid"] { _ = await client.next(type) }
            bytes = try await self.export()
            await client.disconnect()
        }
        let run = try self.replay(bytes, "new.lua", before: "scripts/auction.lua")
        #expect(!run.isSame)
        let lines = run.text.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("auction-1: 4 inputs in 1 segment, recorded from "))
        #expect(lines[1].hasPrefix("#2  ") && lines[1].hasSuffix(#"  client 1: {"type":"bid","amount":7}"#))
        #expect(
            lines[2...5] == [
                "  refused now", "    was  relayed as it was sent", #"    now  rejected {"reason":"too_low"}"#,
                lines[5],
            ]
        )
        #expect(
            lines[6...8].map { $0.trimmingCharacters(in: .whitespaces) } == [
                "another state from here on", #"was  {"state":{"best":7},"clients":{"1":{}}}"#,
                #"now  {"state":{"best":5},"clients":{"1":{}}}"#,
            ]
        )
        #expect(lines.last?.hasSuffix(" differs: refused now: 1, another state from here on: 1") == true)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(try run.json.utf8)) as? [String: Any])
        #expect(json["same"] as? Bool == false && (json["differences"] as? [[String: Any]])?.count == 2)
        #expect(throws: ReplayRun.Failure.self) { try self.replay(bytes, "broken.lua") }
        #expect(throws: ReplayRun.Failure.self) { try self.replay(Array(bytes.dropLast()), "new.lua") }
        #expect(throws: ReplayRun.Failure.self) { try self.replay(bytes, "new.lua", before: "new.lua") }
    }
}
