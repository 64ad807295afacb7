import Foundation
import GavelTesting
import NIOCore
import Testing

/// Rooms whose rules take all the time they are given.
@Suite("Beside a room whose rules loop", .timeLimit(.minutes(1)))
struct BusyRoomTests {
    private static let rules = """
        local rules = gavel.rules()
        rules.messages.spin = {}
        function rules.commands.spin() while true do end end
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
            other.send(#"{"type":"join","room":"calm"}"#)
            _ = await other.next("joined")

            let count = 150
            for _ in 0..<count { busy.send(#"{"type":"spin"}"#) }
            async let end: ContinuousClock.Instant = {
                for _ in 0..<count { #expect(await busy.next("error")?["code"] == "rules_failed") }
                return .now
            }()
            other.send(#"{"type":"gavel.ping"}"#)
            _ = await other.next("gavel.pong")
            let answered = ContinuousClock.now
            #expect(answered < (await end))
            await busy.disconnect()
            await other.disconnect()
        }
    }
}
