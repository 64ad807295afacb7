import Foundation
import GavelCore
import GavelStorage
import GavelTesting
import Testing

@Suite("Recordings in the database of a log")
struct StoredRecordingsTests {
    private let folder: StorageFolder
    private let path: String
    private let room = RoomKey("r")

    init() throws {
        self.folder = try StorageFolder()
        self.path = self.folder.path("gavel.db")
    }

    private func open(at wallMilliseconds: Int64 = 0) throws -> SQLiteMessageLog {
        var clock = RelayClock.system
        clock.wallMilliseconds = { wallMilliseconds }
        return try SQLiteMessageLog(StorageConfiguration(), path: self.path, clock: clock, logger: .silent)
    }

    private func part(
        _ text: String,
        of key: String = "r",
        segment: UInt64 = 1,
        isFirst: Bool = false,
        bytes: Int = 1 << 20,
        at wallMilliseconds: Int64 = 0
    ) -> RecordingPart {
        RecordingPart(
            key: RoomKey(key),
            segment: segment,
            isFirst: isFirst,
            bytes: Array(text.utf8),
            limits: RecordingLimits(bytes: bytes, age: .seconds(100)),
            wallMilliseconds: wallMilliseconds
        )
    }

    private func texts(_ log: SQLiteMessageLog, _ key: String = "r") async throws -> [String] {
        try await log.parts(of: RoomKey(key)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("are read in the order in which they came, by the relay and when it is gone")
    func order() async throws {
        let log = try self.open()
        for text in ["a", "b", "c"] { #expect(log.append(self.part(text, isFirst: text == "a"))) }
        #expect(log.append(self.part("x", of: "other", isFirst: true)))
        #expect(try await self.texts(log) == ["a", "b", "c"])
        #expect(try await log.rooms() == [RoomKey("other"), self.room])
        #expect(throws: MessageLogError.self) { try StoredRecordings.rooms(path: self.path) }
        #expect(log.append(self.part("d")))
        await log.close()
        #expect(try StoredRecordings.parts(of: self.room, path: self.path).count == 4)
        #expect(try StoredRecordings.rooms(path: self.path).count == 2)
        #expect(!log.append(self.part("e")) && log.droppedParts == 1)
        await #expect(throws: MessageLogError.self) { try await log.parts(of: self.room) }
    }

    @Test(
        "make room for a new segment by letting the oldest go, each room its own, and what comes late for one is not read"
    )
    func bounds() async throws {
        let log = try self.open()
        let text = String(repeating: "x", count: 1000)
        for segment in 1...6 as ClosedRange<UInt64> {
            _ = log.append(self.part("\(segment)", segment: segment, isFirst: true, bytes: 4000))
            _ = log.append(self.part(text, segment: segment, bytes: 4000))
        }
        _ = log.append(self.part(text, of: "other", isFirst: true))
        _ = log.append(self.part("late", segment: 1))
        #expect(try await self.texts(log) == ["4", text, "5", text, "6", text])
        #expect(try await self.texts(log, "other") == [text])
        await log.close()
    }

    @Test("go when they are too old, a segment as a whole")
    func age() async throws {
        let first = try self.open()
        _ = first.append(self.part("a", segment: 1, isFirst: true, at: 0))
        _ = first.append(self.part("b", segment: 1, at: 50_000))
        _ = first.append(self.part("c", segment: 2, isFirst: true, at: 60_000))
        await first.close()
        for (now, kept) in [(149_000, ["a", "b", "c", "x"]), (151_000, ["c", "x", "x"]), (161_000, ["x", "x", "x"])] {
            let log = try self.open(at: Int64(now))
            _ = log.append(self.part("x", segment: UInt64(now), isFirst: true, at: Int64(now)))
            #expect(try await self.texts(log) == kept, "\(now)")
            await log.close()
        }
    }
}
