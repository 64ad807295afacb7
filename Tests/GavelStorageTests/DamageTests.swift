import Foundation
import GavelCore
import GavelStorage
import GavelTesting
import Testing

@Suite("A database with damaged bytes", .timeLimit(.minutes(3)))
struct DamageTests {
    private let folder: StorageFolder
    private let path: String

    init() throws {
        self.folder = try StorageFolder()
        self.path = self.folder.path("gavel.db")
    }

    private func open(_ durability: LogDurability) throws(MessageLogError) -> SQLiteMessageLog {
        var configuration = StorageConfiguration()
        configuration.durability = durability
        return try SQLiteMessageLog(configuration, path: self.path, logger: .silent)
    }

    @Test("a room of it is given as it was or refused, and never with other numbers", arguments: 1...4)
    func flips(_ seed: UInt64) async throws {
        let log = try self.open(.strict)
        let play = LogPlay(seed: seed)
        for _ in 0..<150 { _ = await play.step(log) }
        await log.close()
        let whole = try Data(contentsOf: URL(filePath: self.path))
        var generator = SeededGenerator(seed: seed)
        var (refused, right, gone) = (0, 0, 0)
        for round in 0..<75 {
            var data = whole
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                data[Int.random(in: 0..<data.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            }
            try data.write(to: URL(filePath: self.path))
            guard let log = try? self.open(.strict) else {
                refused += 1
                continue
            }
            let client = MessageLogClient(OpenLog(log))
            for (key, room) in play.rooms {
                guard let (stored, opened) = try? await client.open(key) else {
                    refused += 1
                    continue
                }
                var live = opened
                let image = RoomImage(stored)
                if image == nil, room.states[room.committed] != nil { gone += 1 } else { right += 1 }
                #expect(
                    image == nil || image == room.states[room.committed],
                    "seed \(seed), round \(round): \(key) has \(stored?.lastID ?? 0)"
                )
                if stored == nil { live.epoch = Array("fresh".utf8) }
                let answer = await client.append([live.entry(messages: 1)])
                guard answer.isEmpty, let again = try? await client.open(key) else { continue }
                #expect(again.stored?.lastID == live.lastID, "seed \(seed), round \(round)")
            }
            await log.close()
        }
        #expect(refused > 0 && right > 0)
        // A row that SQLite does not find any more is no row: the room then begins anew, in another epoch.
        #expect(gone < 20, "\(gone) rooms are gone, seed \(seed)")
    }
}
