import Logging
import Testing

@testable import GavelCore
@testable import GavelServer

@Suite("What the relay decided about a room")
struct RelayEventTests {
    private let log = LogRecorder()

    private func rollback(_ way: Rollback.Way) -> Rollback {
        Rollback(
            key: RoomKey("game-1"),
            from: "bbbb",
            to: "aaaa",
            failure: RulesFailure(hook: "commands.point", text: "game.lua:7: no"),
            way: way,
            lastID: (before: 10, now: 12)
        )
    }

    private func line(_ event: RelayEvent) -> String {
        event.log(to: self.log.logger)
        #expect(self.log.entries.last?.level == .warning)
        return self.log.entries.last?.line ?? ""
    }

    @Test("is told: that a room went back with what it kept")
    func state() {
        #expect(
            self.line(.rolledBack(self.rollback(.state)))
                == "error=game.lua:7: no from=bbbb hook=commands.point room=game-1 to=aaaa [GavelServer] "
                + "new rules failed too often, and the room went back to those before, with all that it kept"
        )
    }

    @Test("is told: that a room went back to what it was, why, what is lost, and whose join nobody remembers")
    func snapshot() {
        var rollback = self.rollback(.snapshot)
        rollback.stateText = "game.lua:3: points is nil"
        rollback.newcomers = [4, 5]
        #expect(
            self.line(.rolledBack(rollback))
                == "error=game.lua:7: no from=bbbb hook=commands.point "
                + "lost=what the rules kept of messages 11 to 12 newcomers=[\"4\", \"5\"] room=game-1 "
                + "state=game.lua:3: points is nil to=aaaa [GavelServer] "
                + "new rules failed too often, and the room went back to those before, as it was at the reload"
        )
    }

    @Test("is told: that a room cannot go back, and why not in either way")
    func none() {
        var rollback = self.rollback(.none)
        rollback.stateText = "one"
        rollback.snapshotText = "two"
        #expect(
            self.line(.rolledBack(rollback))
                == "error=game.lua:7: no from=bbbb hook=commands.point room=game-1 snapshot=two state=one to=aaaa "
                + "[GavelServer] new rules failed too often, and the room cannot go back to those before"
        )
    }

    @Test("is told: that a room is too much to be recorded")
    func recording() {
        #expect(
            self.line(.recordingRefused(key: RoomKey("game-1"), bytes: 6000, limitBytes: 8192))
                == "bytes=6000 limit=8192 room=game-1 [GavelServer] "
                + "a room is not recorded, as what its rules keep takes more than half of its recording"
        )
    }

    @Test("is told: that a kept room cannot wake under its new rules")
    func wake() {
        let event = RelayEvent.wakeRefused(key: RoomKey("game-1"), from: "aaaa", to: "bbbb", text: "game.lua:3: no")
        #expect(
            self.line(event)
                == "error=game.lua:3: no from=aaaa room=game-1 to=bbbb [GavelServer] "
                + "a room that the log keeps cannot go on under its new rules, and nobody can join it"
        )
    }
}
