import Dispatch
import Foundation
import Testing

@testable import GavelServer

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Events of folders", .timeLimit(.minutes(10)))
final class FolderEventsTests {
    private let folder = TestFolder()

    /// As the system writes it.
    private func event(_ mask: Int32, _ name: String = "") -> [UInt8] {
        let length = name.isEmpty ? 0 : 32
        var event = inotify_event()
        event.wd = mask == IN_Q_OVERFLOW ? -1 : 1
        event.mask = UInt32(bitPattern: mask)
        event.len = UInt32(length)
        let bytes = Array(name.utf8)
        return withUnsafeBytes(of: event) { Array($0.prefix(MemoryLayout<inotify_event>.size)) } + bytes
            + [UInt8](repeating: 0, count: length - bytes.count)
    }

    private func hasNews(_ events: [UInt8]...) -> Bool {
        Array(events.joined()).withUnsafeBytes { FolderEvents.hasNews($0) }
    }

    @Test("are a reason to look where files are written or go, and where some of them were lost")
    func news() {
        #expect(self.hasNews(self.event(IN_CLOSE_WRITE, "game.lua")))
        #expect(self.hasNews(self.event(IN_MOVED_FROM, "game.lua")))
        #expect(self.hasNews(self.event(IN_CREATE | IN_ISDIR, "lib")))
        #expect(self.hasNews(self.event(IN_Q_OVERFLOW)))
        #expect(!self.hasNews(self.event(IN_CREATE, "game.lua")))
        #expect(!self.hasNews(self.event(IN_CLOSE_WRITE, ".game.lua.swp"), self.event(IN_DELETE, "4913")))
        #expect(self.hasNews(self.event(IN_CLOSE_WRITE, "game.lua~"), self.event(IN_Q_OVERFLOW)))
        #expect(!self.hasNews())
    }

    @Test("come from a folder that was deleted, and made again with the number that it had")
    func sameNumber() async throws {
        let (news, continuation) = AsyncStream.makeStream(of: Void.self)
        let queue = DispatchQueue(label: "test")
        let events = try FolderEvents(queue: queue) { continuation.yield() }
        let folders = [FolderScan.FolderID(device: 1, inode: 1): self.folder.scripts.path]
        #expect(try queue.sync { try events.watch(folders) })
        #expect(try queue.sync { try !events.watch(folders) })
        try FileManager.default.removeItem(at: self.folder.scripts)
        try FileManager.default.createDirectory(at: self.folder.scripts, withIntermediateDirectories: true)
        #expect(try queue.sync { try events.watch(folders) })
        var told = news.makeAsyncIterator()
        await told.next()
        queue.sync {}
        try self.folder.write("scripts/game.lua", "one")
        await told.next()
    }
}
