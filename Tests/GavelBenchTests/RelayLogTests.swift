import Foundation
import Testing

@testable import GavelBench

@Suite("The log of a relay that is read while it is written")
struct RelayLogTests {
    @Test("comes in whole lines, each once; what is no line of a log is passed over")
    func following() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "gavel-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        var log = RelayLog(url)
        #expect(log.next().isEmpty)
        try Data(#"{"message":"listening"}"#.utf8).write(to: url)
        #expect(log.next().isEmpty)
        let file = try FileHandle(forWritingTo: url)
        try file.seekToEnd()
        try file.write(contentsOf: Data("\n[Error] no JSON\n{\"message\":\"in fo".utf8))
        #expect(log.next().map(\.message) == ["listening"])
        try file.write(contentsOf: Data("rce\",\"metadata\":{\"file\":\"a.lua\",\"notes\":[\"x\",\"y\"]}}\n".utf8))
        let lines = log.next()
        #expect(lines.map(\.outcome) == [.applied])
        #expect(lines.first?.texts == ["file": "a.lua"] && lines.first?.lists == ["notes": ["x", "y"]])
        #expect(log.next().isEmpty)
        try file.close()
    }

    @Test("tells which room went back from rules with all that it kept")
    func rollback() throws {
        let start = #"{"message":"new rules failed too often, and the room went back to those before, "#
        let rest = #"","metadata":{"room":"saves-1"}}"#
        let whole = try #require(RelayLog.Line(Data((start + "with all that it kept" + rest).utf8)))
        #expect(whole.returnedRoom == "saves-1" && whole.outcome == nil)
        let partly = try #require(RelayLog.Line(Data((start + "as it was at the reload" + rest).utf8)))
        #expect(partly.returnedRoom == nil)
    }
}
