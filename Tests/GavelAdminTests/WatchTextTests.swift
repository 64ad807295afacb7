import Foundation
import GavelAdmin
import Testing

@Suite("What is printed of a watched room")
struct WatchTextTests {
    private static let zone = TimeZone(secondsFromGMT: 7_200)!

    private func line(_ kind: WatchLine.Kind, _ change: (inout WatchLine) -> Void) -> String {
        var line = WatchLine(kind, time: 1_767_268_800_123)
        change(&line)
        return line.text(.none, zone: Self.zone)
    }

    @Test("a message stands on one line, with what became of it")
    func message() {
        let text = self.line(.message) { line in
            (line.client, line.type, line.verdict, line.hook, line.place) = (
                3, "move", .relayed, "filters.move", "t.lua:4"
            )
            (line.microseconds, line.msgId, line.recipients, line.bytes) = (33.6, 121, 8, 24)
            line.message = "{\"type\":\"move\",\"a\":\"\u{1B}\"}"
            line.effects = ["send 1 {}"]
        }
        let head = "14:00:00.123  3 move                relayed  filters.move t.lua:4  #121 to 8  34 µs, 24 B  "
        #expect(text == head + #"{"type":"move","a":"·"}"# + "\n              send 1 {}")
    }

    @Test("a refusal tells why, and where")
    func refusal() {
        let text = self.line(.message) { line in
            (line.client, line.type, line.verdict, line.code) = (3, "move", .refused, "rejected")
            (line.reason, line.detail, line.hook) = ("taken", "That cell is taken.", "filters.move")
        }
        #expect(text == "14:00:00.123  3 move                refused taken  That cell is taken.  filters.move")
    }

    @Test("what is no call is a remark")
    func remarks() {
        #expect(
            self.line(.began) { ($0.code, $0.detail, $0.recipients) = ("created", "t.lua 5d41", 1) }
                == "14:00:00.123  created with t.lua 5d41, 1 client"
        )
        #expect(self.line(.skipped) { $0.skipped = 7 } == "14:00:00.123  7 calls left out: too many to be shown")
        #expect(self.line(.ended) { _ in } == "14:00:00.123  the room is over, or sleeps")
    }

    @Test("has colours on a terminal alone")
    func colours() {
        var line = WatchLine(.timer, time: 0)
        line.verdict = .failed
        #expect(line.text(.terminal, zone: Self.zone).contains("\u{1B}[31mfailed\u{1B}[0m"))
        #expect(!line.text.contains("\u{1B}"))
    }
}
