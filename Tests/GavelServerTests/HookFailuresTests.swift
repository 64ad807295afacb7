import Foundation
import GavelAdmin
import GavelServer
import GavelTesting
import Testing

@Suite("Failures of rules", .timeLimit(.minutes(10)))
final class HookFailuresTests {
    private static let rules = """
        local rules = gavel.rules()
        rules.messages.run = { n = gavel.integer }
        local function broken(n) error("no " .. n) end
        function rules.commands.run(room, client, msg) broken(msg.n) end
        return rules
        """

    private let folder = TestFolder()

    @Test("are told with the message and the way to the mistake, each kind once, the latest first")
    func latest() async throws {
        try self.folder.write("config.toml", "[[rooms]]\nmatch = \"*\"\nrules = \"a.lua\"")
        try self.folder.write("scripts/a.lua", Self.rules)
        let socket = self.folder.url.appending(path: "gavel.sock").path(percentEncoded: false)
        try await RunningRelay.run(self.folder, log: LogRecorder(), isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"table","name":"Ada"}"#)
            _ = await player.next("joined")
            try await ControlClient.with(socket) { client in
                #expect(try await client.call(Commands.failures, NoArguments()).failures.isEmpty)
                for n in [1, 2, 1] {
                    player.send(#"{"type":"run","n":\#(n)}"#)
                    _ = await player.next("error")
                }
                let told = try await client.call(Commands.failures, NoArguments())
                #expect(told.failures.map(\.text) == ["a.lua:3: no 2", "a.lua:3: no 1"])
                let first = try #require(told.failures.last)
                #expect(first.hook == "commands.run")
                #expect(first.room == "table")
                #expect(first.client == 1)
                #expect(first.message == #"{"type":"run","n":1}"#)
                #expect(first.traceback.count == 2)
                #expect(first.count == 1)
                #expect(told.text.contains("commands.run in table, client 1"))
            }
        }
    }
}
