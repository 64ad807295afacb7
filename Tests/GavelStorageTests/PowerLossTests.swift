import GavelCore
import GavelStorage
import GavelTesting
import Testing

@Suite("A log whose process or machine fails", .timeLimit(.minutes(3)))
struct PowerLossTests {
    private static func configuration(_ durability: LogDurability) -> StorageConfiguration {
        var configuration = StorageConfiguration()
        configuration.durability = durability
        return configuration
    }

    /// Plays until the disk does nothing any more.
    private func play(_ disk: FaultyDisk, _ durability: LogDurability, seed: UInt64) async throws -> LogPlay {
        var generator = SeededGenerator(seed: seed &* 31)
        let log = try disk.open(Self.configuration(durability))
        let play = LogPlay(seed: seed)
        disk.die(after: Int.random(in: 0..<1_500, using: &generator))
        var steps = 0
        while steps < 150, await play.step(log) { steps += 1 }
        await log.close()
        #expect(play.violations == [], "seed \(seed)")
        return play
    }

    /// Opens every room of a copy of the disk and compares.
    private func check(
        _ path: String,
        _ play: LogPlay,
        _ durability: LogDurability,
        least: (LogPlay.Room) -> Int,
        _ comment: Comment
    ) async throws {
        let log = try SQLiteMessageLog(Self.configuration(durability), path: path, logger: .silent)
        let subject = OpenLog(log)
        let client = MessageLogClient(subject)
        for (key, room) in play.rooms {
            var (stored, live) = try await client.open(key)
            let image = RoomImage(stored)
            let least = least(room)
            let found = (least..<room.states.count).first { room.states[$0] == image }
            #expect(found != nil, "\(comment): \(key) has \(stored?.lastID ?? 0), a state before \(least) or none")
            if durability == .strict {
                #expect(stored?.isWhole != false, "\(comment): \(key) is not whole")
            } else if stored?.isWhole == true, !room.asleep.contains(where: { room.states[$0] == image }) {
                Issue.record("\(comment): \(key) is whole, though it never slept so")
            } else if room.isOpen, room.committed == room.states.count - 1 {
                #expect(stored?.isWhole != true, "\(comment): \(key) is whole, though it was open")
            }
            live.epoch = Array("after".utf8)
            try await client.commit(live.entry(messages: 2, changes: "after"))
            let again = try await client.open(key).stored
            #expect(again?.lastID == (stored?.lastID ?? 0) + 2, "\(comment): \(key) does not go on")
        }
        await log.close()
    }

    @Test("loses nothing that it answered when its process is killed", arguments: LogDurability.allCases, 1...12)
    func killed(_ durability: LogDurability, _ seed: UInt64) async throws {
        let disk = try FaultyDisk()
        let play = try await self.play(disk, durability, seed: seed)
        let copy = try disk.copy(losingPower: nil)
        try await self.check(copy, play, durability, least: \.committed, "seed \(seed)")
    }

    @Test("loses nothing under strict when the power goes", arguments: 1...12)
    func strict(_ seed: UInt64) async throws {
        let disk = try FaultyDisk()
        let play = try await self.play(disk, .strict, seed: seed)
        for loss in UInt64(1)...6 {
            let copy = try disk.copy(losingPower: loss)
            try await self.check(copy, play, .strict, least: \.committed, "seed \(seed), loss \(loss)")
        }
    }

    @Test("knows under relaxed what was opened when the power goes", arguments: 1...12)
    func relaxed(_ seed: UInt64) async throws {
        let disk = try FaultyDisk()
        let play = try await self.play(disk, .relaxed, seed: seed)
        for loss in UInt64(1)...6 {
            let copy = try disk.copy(losingPower: loss)
            try await self.check(copy, play, .relaxed, least: \.opened, "seed \(seed), loss \(loss)")
        }
    }

    @Test("loses what was not synced, so that these tests can fail")
    func losesSomething() async throws {
        var losses = 0
        for seed in UInt64(1)...6 {
            let disk = try FaultyDisk()
            let play = try await self.play(disk, .relaxed, seed: seed)
            let copy = try disk.copy(losingPower: seed)
            let log = try SQLiteMessageLog(Self.configuration(.relaxed), path: copy, logger: .silent)
            let client = MessageLogClient(OpenLog(log))
            for (key, room) in play.rooms {
                let image = RoomImage(try await client.open(key).stored)
                if !room.states[room.committed...].contains(image) { losses += 1 }
            }
            await log.close()
        }
        #expect(losses > 0)
    }

    @Test(
        "forgets what it refused while the disk was full or broken, and goes on when it is not",
        arguments: LogDurability.allCases,
        [Int32(13), 10, 8]
    )
    func faults(_ durability: LogDurability, _ code: Int32) async throws {
        let expected: MessageLogError.Code = code == 13 ? .full : code == 8 ? .readOnly : .failed
        for seed in UInt64(1)...5 {
            let disk = try FaultyDisk()
            let log = try disk.open(Self.configuration(durability))
            let play = LogPlay(seed: seed)
            var generator = SeededGenerator(seed: seed)
            var failures = 0
            for step in 0..<60 {
                if step % 10 == 5 {
                    let first = Int.random(in: 0..<30, using: &generator)
                    disk.fail(from: first, count: Int.random(in: 1...20, using: &generator), code: code)
                }
                if !(await play.step(log)) {
                    failures += 1
                    play.giveUp()
                }
            }
            disk.fail(from: -1, count: 0, code: 0)
            for key in LogPlay.keys { #expect(await play.open(key, log), "\(key) cannot be opened") }
            #expect(play.violations == [], "seed \(seed)")
            #expect(failures > 0, "nothing failed, seed \(seed)")
            disk.fail(from: 0, count: -1, code: code)
            let answer = await OpenLog(log).append([play.rooms[LogPlay.keys[0]]!.live!.tick()])
            #expect(answer.values.map(\.code) == [expected])
            let late = await OpenLog(log).append([play.rooms[LogPlay.keys[0]]!.live!.tick()])
            #expect(late.values.map(\.code) == [.stale])
            await log.close()
        }
    }
}

extension LoggedRoom {
    fileprivate func tick() -> LogEntry {
        var room = self
        return room.entry(messages: 1)
    }
}
