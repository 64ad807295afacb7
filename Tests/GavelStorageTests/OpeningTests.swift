import Foundation
import GavelCore
import GavelStorage
import GavelTesting
import Testing

@Suite("Opening the database of a log")
struct OpeningTests {
    private let folder: StorageFolder
    private let path: String

    init() throws {
        self.folder = try StorageFolder()
        self.path = self.folder.path("gavel.db")
    }

    private func open(_ path: String) throws(MessageLogError) -> SQLiteMessageLog {
        try SQLiteMessageLog(StorageConfiguration(), path: path, logger: .silent)
    }

    /// What stands against it, first for a check and then for a start.
    private func mistakes(_ path: String) async -> [MessageLogError?] {
        var mistakes = [StorageCheck.mistake(path: path)]
        do throws(MessageLogError) {
            await (try self.open(path)).close()
            mistakes.append(nil)
        } catch {
            mistakes.append(error)
        }
        return mistakes
    }

    @Test("a second relay is refused, and may have it afterwards")
    func locked() async throws {
        let first = try self.open(self.path)
        let error = #expect(throws: MessageLogError.self) { try self.open(self.path) }
        #expect(error?.code == .locked)
        #expect(error?.text == "\(self.path) belongs to another relay that is running")
        let link = self.folder.path("link.db")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: self.path)
        #expect(throws: MessageLogError.self) { try self.open(link) }
        #expect(StorageCheck.mistake(path: self.path) == nil)
        await first.close()
        await (try self.open(self.path)).close()
    }

    @Test("nothing is said against a file that is not there, is empty, or is a log, and a check makes none")
    func inOrder() async throws {
        #expect(StorageCheck.mistake(path: self.path) == nil)
        #expect(!FileManager.default.fileExists(atPath: self.path))
        try Data().write(to: URL(filePath: self.path))
        #expect(await self.mistakes(self.path) == [nil, nil])
        #expect(await self.mistakes(self.path) == [nil, nil])
        let odd = self.folder.path("a ?&%41 b#.db")
        #expect(await self.mistakes(odd) == [nil, nil])
        #expect(await self.mistakes(odd) == [nil, nil])
        #expect(FileManager.default.fileExists(atPath: odd))
    }

    @Test("a folder that is missing is named")
    func noFolder() async {
        let mistakes = await self.mistakes(self.folder.path("none/gavel.db"))
        #expect(mistakes.map { $0?.text.hasSuffix("/none/ does not exist") } == [true, true])
        #expect(await self.mistakes("/").map { $0?.code } == [.failed, .failed])
    }

    #if os(Linux)
        @Test("a folder in which nothing can be written is told")
        func readOnly() async {
            let mistakes = await self.mistakes("/sys/gavel.db")
            #expect(mistakes.last??.code == .readOnly, "\(mistakes)")
        }
    #endif

    @Test("a file that is no database is told, and stays as it is")
    func noDatabase() async throws {
        let data = Data(String(repeating: "This is a letter.\n", count: 200).utf8)
        try data.write(to: URL(filePath: self.path))
        let mistakes = await self.mistakes(self.path)
        #expect(mistakes.map { $0?.code } == [.corrupt, .corrupt])
        #expect(mistakes.map { $0?.text } == Array(repeating: "\(self.path) is not a database", count: 2))
        #expect(try Data(contentsOf: URL(filePath: self.path)) == data)
    }

    @Test("a database of another program, or of a newer gavel, is told and stays as it is")
    func others() async throws {
        await (try self.open(self.path)).close()
        let ours = try Data(contentsOf: URL(filePath: self.path))
        // The user version stands at byte 60, the application's number at byte 68 (SQLite's file format, section 1.3).
        for (offset, text) in [
            (63, "was written by a newer version of gavel"), (71, "is a database of another program"),
        ] {
            var data = ours
            data[offset] = 0x7F
            try data.write(to: URL(filePath: self.path))
            let mistakes = await self.mistakes(self.path)
            #expect(mistakes.map { $0?.code } == [.corrupt, .corrupt])
            #expect(mistakes.map { $0?.text } == Array(repeating: "\(self.path) \(text)", count: 2))
            #expect(try Data(contentsOf: URL(filePath: self.path)) == data)
        }
    }

    @Test("who calls after the end is refused")
    func closed() async throws {
        let log = try self.open(self.path)
        let client = MessageLogClient(OpenLog(log))
        var room = try await client.open("a").room
        await log.close()
        #expect(await client.append([room.entry(messages: 1)]).values.map(\.code) == [.failed])
        await #expect(throws: MessageLogError.self) { try await client.open("a") }
    }
}
