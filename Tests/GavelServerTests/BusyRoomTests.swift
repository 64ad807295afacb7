import Foundation
import GavelTesting
import NIOCore
import Testing

/// Rooms whose rules take long.
@Suite("Beside a room whose rules take long", .timeLimit(.minutes(10)))
struct BusyRoomTests {
    private static let rules = """
        local rules = gavel.rules()
        rules.messages.spin = {}
        function rules.commands.spin(room)
          for i = 1, 300000 do end
          room:broadcast { type = "spun" }
        end
        return rules
        """
    private static let configuration = """
        [server]
        port = 0
        threads = 1

        [[rooms]]
        match = "busy"
        rules = "spin.lua"
        """

    @Test("other connections of the same event loop are answered in between")
    func fairness() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "gavel-\(UUID().uuidString)",
            directoryHint: .isDirectory
        )
        try FileManager.default.createDirectory(
            at: folder.appending(path: "scripts"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.rules.write(to: folder.appending(path: "scripts/spin.lua"), atomically: true, encoding: .utf8)
        try await RunningRelay.run(Self.configuration, folder: folder) { address in
            let busy = try await SocketClient.connect(to: address)
            busy.send(#"{"type":"join","room":"busy"}"#)
            _ = await busy.next("joined")
            let other = try await SocketClient.connect(to: address)
            other.send(#"{"type":"join","room":"busy"}"#)
            _ = await other.next("joined")

            let count = 150
            for _ in 0..<count { busy.send(#"{"type":"spin"}"#) }
            other.send(#"{"type":"gavel.ping"}"#, after: .milliseconds(50))
            var spun = 0
            while let message = await other.next(), message.type != "gavel.pong" { spun += 1 }
            #expect(spun < count)
            await busy.disconnect()
            await other.disconnect()
        }
    }
}
