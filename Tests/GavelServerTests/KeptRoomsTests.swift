import Foundation
import GavelConfig
import GavelServer
import GavelTesting
import NIOCore
import Testing

@Suite("A relay with a database", .timeLimit(.minutes(10)))
final class KeptRoomsTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "gavel-kept-\(UUID().uuidString)", directoryHint: .isDirectory)

    init() throws {
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.folder)
    }

    private func configuration(_ lines: String = "") -> String {
        """
        [server]
        threads = 2

        [storage]
        kind = "sqlite"
        \(lines)

        [[rooms]]
        match = "forgotten"
        log = false
        """
    }

    /// The number that a newcomer to a room is told, and its epoch, after which it says something.
    private func visit(_ room: String, _ address: SocketAddress) async throws -> (Int64?, String?) {
        let client = try await SocketClient.connect(to: address)
        client.send("{\"type\":\"join\",\"room\":\"\(room)\"}")
        let joined = await client.next("joined")
        client.send(#"{"type":"say"}"#)
        _ = await client.next("say")
        await client.disconnect()
        return (joined?[number: "msg_id"], joined?["epoch"])
    }

    @Test("goes on with its rooms after a stop in good order", arguments: ["relaxed", "strict"])
    func goesOn(_ durability: String) async throws {
        let text = self.configuration("durability = \"\(durability)\"")
        var seen: [(Int64?, String?)] = []
        var forgotten: [Int64?] = []
        for _ in 0..<3 {
            try await RunningRelay.run(text, folder: self.folder) { address in
                seen.append(try await self.visit("kept", address))
                forgotten.append(try await self.visit("forgotten", address).0)
            }
        }
        #expect(seen.map(\.0) == [0, 1, 2])
        #expect(seen[0].1 != nil && Set(seen.map(\.1)).count == 1)
        #expect(forgotten == [0, 0, 0])
    }

    @Test("does not start where the database cannot be used, and a check tells it without making anything")
    func refuses() async throws {
        let text = self.configuration("path = \"none/gavel.db\"")
        let error = await #expect(throws: StorageError.self) {
            try await RunningRelay.run(text, folder: self.folder) { _ in }
        }
        #expect(error?.description.contains("none/ does not exist") == true)
        let report = ConfigurationReader.read(
            text: text,
            fileName: "config.toml",
            folder: self.folder,
            environment: [:],
            flags: []
        )
        #expect(GavelServer.checkStorage(try report.get()) == error?.description)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == [])
    }
}
