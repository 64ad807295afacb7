import Foundation
import GavelCore
import GavelStorage
import GavelTesting
import Testing

@Suite("What a log keeps, and for how long", .timeLimit(.minutes(10)))
struct RetentionTests {
    private let folder: StorageFolder
    private let clock = ManualClock(nanoseconds: 1_000_000_000_000_000)
    private var configuration = StorageConfiguration()

    init() throws {
        self.folder = try StorageFolder()
        self.configuration.durability = .strict
        self.configuration.keepMessages = 100
        self.configuration.keepAge = .seconds(3_600)
    }

    private func open() throws(MessageLogError) -> (log: SQLiteMessageLog, client: MessageLogClient) {
        let log = try SQLiteMessageLog(
            self.configuration,
            path: self.folder.path("a.db"),
            clock: self.clock.relayClock,
            logger: .silent
        )
        return (log, MessageLogClient(OpenLog(log)))
    }

    /// Opens a room again and again, until what is kept of it is as wanted; at most five seconds.
    private func wait(
        _ client: MessageLogClient,
        _ key: String,
        until isWanted: (StoredRoom?) -> Bool
    ) async throws -> StoredRoom? {
        for _ in 0..<500 {
            let stored = try await client.open(key).stored
            if isWanted(stored) { return stored }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await client.open(key).stored
    }

    @Test("the latest messages of a room stay, and not many more")
    func byCount() async throws {
        let (log, client) = try self.open()
        var room = try await client.open("a").room
        for _ in 0..<300 { try await client.commit(room.entry(messages: 5)) }
        let stored = try await self.wait(client, "a") { ($0?.messages.count ?? 0) < 30 }
        let count = try #require(stored).frames().count
        #expect(count >= 100 && count < 130, "\(count) messages")
        #expect(stored?.lastID == 1_500)
        await log.close()
    }

    @Test("changes stay until a copy covers them, and their messages with them")
    func uncovered() async throws {
        let (log, client) = try self.open()
        var room = try await client.open("a").room
        try await client.commit(room.entry(messages: 5, copy: "first"))
        for number in 0..<100 { try await client.commit(room.entry(messages: 5, changes: "\(number)")) }
        try await Task.sleep(for: .milliseconds(100))
        var stored = try await client.open("a")
        #expect(stored.stored?.changeTexts == (0..<100).map { "\($0)" })
        #expect(stored.stored?.copyText == "first")
        try await client.commit(stored.room.entry(messages: 1, copy: "second"))
        let covered = try await self.wait(client, "a") { ($0?.messages.count ?? 0) < 30 }
        #expect(covered?.copyText == "second" && covered?.changes == [])
        #expect(try #require(covered).frames().count < 130)
        await log.close()
    }

    @Test("old messages go, and the last number stays")
    func byAge() async throws {
        let (log, client) = try self.open()
        var room = try await client.open("a").room
        for _ in 0..<4 { try await client.commit(room.entry(messages: 5)) }
        self.clock.advance(by: .seconds(3_000))
        try await client.commit(room.entry(messages: 5))
        self.clock.advance(by: .seconds(1_000))
        try await client.commit(room.entry())
        let stored = try await self.wait(client, "a") { ($0?.messages.count ?? 0) == 1 }
        #expect(stored?.messages.first?.firstID == 21)
        self.clock.advance(by: .seconds(3_000))
        let later = try await self.wait(client, "a") { $0?.messages.isEmpty ?? false }
        #expect(later?.lastID == 25 && later?.messages.isEmpty == true)
        await log.close()
    }

    @Test("rooms that nobody was in for long go, at the start and now and then, and no other")
    func rooms() async throws {
        var (log, client) = try self.open()
        for key in ["asleep", "crashed", "later", "used"] {
            var room = try await client.open(key).room
            if key == "later" { self.clock.advance(by: .seconds(1_800)) }
            try await client.commit(room.entry(key == "asleep" ? .sleep : .tick, messages: 50, copy: "all"))
        }
        await log.close()
        self.clock.advance(by: .seconds(1_900))
        (log, client) = try self.open()
        let used = try await client.open("used")
        #expect(used.stored?.lastID == 50)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await client.open("asleep").stored == nil)
        #expect(try await client.open("crashed").stored == nil)
        #expect(try await client.open("later").stored?.lastID == 50)
        await log.close()
    }

    @Test("what is deleted gives its place in the file to what comes")
    func size() async throws {
        let (log, client) = try self.open()
        for round in 0..<40 {
            var room = try await client.open("a").room
            for _ in 0..<10 { try await client.commit(room.entry(messages: 20, padding: 400)) }
            if round % 2 == 1 { try await client.commit(room.entry(.end)) }
        }
        try await Task.sleep(for: .milliseconds(100))
        await log.close()
        let size = try FileManager.default.attributesOfItem(atPath: self.folder.path("a.db"))[.size] as? Int ?? 0
        #expect(size < 2 << 20, "\(size) bytes")
    }
}
