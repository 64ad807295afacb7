import Foundation
import GavelAdmin
import Testing

@Suite("What is printed of a room")
struct RoomTextTests {
    private func room() -> RoomView {
        var overview = RoomOverview("quiz-1")
        (overview.clients, overview.lastMessage, overview.epoch) = (2, 41, "k3")
        (overview.rules, overview.version, overview.isOnProbation) = ("quiz.lua", "5d41402abc", true)
        return RoomView(overview)
    }

    @Test("tells its timers, what its rules keep, and how they fare")
    func details() {
        var room = self.room()
        room.clients = [ClientView(1, name: "Ada"), ClientView(2, name: "Bo", isConnected: false, queuedBytes: nil)]
        (room.failures, room.failuresOfLastMinute) = (7, 2)
        room.lastFailure = .init(hook: "timers.ring", text: "quiz.lua:12: oh")
        room.probation = .init(mostFailures: 5, previous: "7d793037a0")
        room.timers = [
            .init("tick", inMilliseconds: 640, everyMilliseconds: 1_000),
            .init("ring", key: "2", inMilliseconds: 62_000),
            .init("old", inMilliseconds: nil),
        ]
        room.state = #"{"state":{"round":3},"clients":{"1":{"points":2}}}"#
        #expect(
            room.text == """
                room          quiz-1
                rules         quiz.lua 5d41402abc
                last message  41 of epoch k3
                history       0 B
                now           on probation
                on trial      goes back to 7d793037a0 at 5 failed hooks
                failed hooks  7, 2 of them in the last minute
                the last      timers.ring: quiz.lua:12: oh

                CLIENT  NAME  WAITING
                     1  Ada       0 B
                     2  Bo             away

                TIMER  KEY    LEFT
                tick        640 ms  every 1.0 s
                ring   2     1m 2s
                old           none  waits for other rules

                STATE
                {"state":{"round":3},"clients":{"1":{"points":2}}}
                """
        )
    }

    @Test("breaks a long state into lines, and lets nothing of it steer a terminal")
    func state() {
        var room = self.room()
        let words = (0..<20).map { #""word\#($0)""# }.joined(separator: ",")
        room.state = #"{"state":{"a,b":"x\",{","\#u{1B}[2J":[],"words":[\#(words)],"none":{}},"clients":{}}"#
        let lines = room.text.split(separator: "\n")
        #expect(lines.contains(#"    "a,b": "x\",{","#))
        #expect(lines.contains(#"    "·[2J": [],"#))
        #expect(lines.contains(#"      "word0","#) && lines.contains(#"      "word19""#))
        #expect(lines.contains(#"    "none": {}"#))
        #expect(lines.last == "}")
    }
}
