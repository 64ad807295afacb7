import Foundation
import GavelTesting
import NIOCore
import Testing

/// Rules that keep themselves busy without end: a signal that answers itself, a client that is moved on and on.
@Suite("Beside rules that go on by themselves", .timeLimit(.minutes(10)))
struct EndlessRulesTests {
    private static let rules = """
        local rules = gavel.rules()
        rules.messages.signal, rules.messages.move = {}, {}
        function rules.commands.signal(room) gavel.signal(room.key, "again") end
        function rules.signals.again(room, data, from) gavel.signal(from, "again") end
        function rules.commands.move(room, client) room:move(client, room.key, {}) end
        function rules.commands.join(room, client, request)
          if request.moved then room:move(client, room.key, {}) end
        end
        return rules
        """
    private static let configuration = """
        [server]
        port = 0
        threads = 1

        [[rooms]]
        match = "endless"
        rules = "endless.lua"
        """

    @Test("other connections of the same event loop are served", arguments: ["signal", "move"])
    func fairness(kind: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "gavel-\(UUID().uuidString)",
            directoryHint: .isDirectory
        )
        let scripts = folder.appending(path: "scripts")
        try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.rules.write(to: scripts.appending(path: "endless.lua"), atomically: true, encoding: .utf8)
        try await RunningRelay.run(Self.configuration, folder: folder) { address in
            let busy = try await SocketClient.connect(to: address)
            busy.send(#"{"type":"join","room":"endless"}"#)
            _ = await busy.next("joined")
            busy.send(#"{"type":"\#(kind)"}"#)
            let other = try await SocketClient.connect(to: address)
            other.send(#"{"type":"join","room":"calm"}"#)
            _ = await other.next("joined")
            for number in 1...20 {
                other.send(#"{"type":"say","n":\#(number)}"#)
                let heard = await other.next("say")
                #expect(heard?[number: "n"] == Int64(number))
            }
            await busy.disconnect()
            await other.disconnect()
        }
    }
}
