import Foundation
import GavelBench
import GavelTesting
import NIOCore
import Testing

@testable import GavelServer

/// `scripts/README.md`: what its example of saves logs.
@Suite("The designers' guide, played on a relay that follows its files", .timeLimit(.minutes(10)))
struct GuideLogTests {
    private let folder = TestFolder()
    private let log = LogRecorder()

    @Test("shows the lines that the log has")
    func lines() async throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../scripts/README.md")
        let guide = try String(contentsOf: path.standardizedFileURL, encoding: .utf8)
        let example = try #require(GuideExample.all(in: guide).first { $0.path == "rounds.lua" })
        try self.folder.write("config.toml", "[[rooms]]\nmatch = \"rounds-*\"\nrules = \"rounds.lua\"\n")
        try self.folder.write("scripts/rounds.lua", example.source)
        try await RunningRelay.run(self.folder, log: self.log) { address in
            let ada = try await SocketClient.connect(to: address)
            for step in example.steps {
                switch step {
                case .sends(_, let text): ada.send(text)
                case .gets(let name, let text):
                    let got = try #require(await ada.next(), "\(name): \(text)")
                    #expect(text.contains("\"\(got.type)\""), "\(got)")
                case .saves(let source):
                    let count = self.log.entries.count
                    try Editor.vim.save(source, to: self.folder.scripts.appending(path: "rounds.lua"))
                    await self.log.wait(file: "rounds.lua", after: count)
                case .waits, .outcome, .goesBack: break
                }
            }
            await ada.disconnect()
        }
        let shown = guide.split(separator: "\n").filter { $0.contains("rounds") && $0.contains(" [Gavel") }
        let logged = self.log.entries.map(\.line).filter { $0.contains("rounds") }
        #expect(!shown.isEmpty)
        let isShown = logged.map(Self.timeless) == shown.map { Self.timeless(String($0)) }
        #expect(isShown, "\(logged.joined(separator: "\n"))")
    }

    private static func timeless(_ line: String) -> String { line.replacing(/\sms=\d+/, with: " ms=") }
}
