import Dispatch
import Foundation
import GavelBench
import GavelConfig
import Logging
import Testing

@testable import GavelServer

#if canImport(Glibc)
    import Glibc
#endif

@Suite("A watch over the scripts folder and the configuration", .timeLimit(.minutes(10)))
final class FileWatchTests {
    private let folder = TestFolder()

    /// A watch, and what it tells.
    private func watch(_ how: ReloadConfiguration.Watch) -> (FileWatch, AsyncStream<SavedFiles>.Iterator) {
        var settings = ReloadConfiguration()
        (settings.watch, settings.poll) = (how, how == .poll ? .milliseconds(100) : .seconds(30))
        let files = WatchedFiles(
            scripts: self.folder.scripts.path,
            configuration: self.folder.url.appending(path: "config.toml").path
        )
        let watch = FileWatch(files, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        watch.watch(as: settings)
        return (watch, watch.saves.makeAsyncIterator())
    }

    @Test(
        "tells each save once, however an editor saves",
        arguments: Editor.allCases,
        [ReloadConfiguration.Watch.events, .poll]
    )
    func editors(_ editor: Editor, _ how: ReloadConfiguration.Watch) async throws {
        try self.folder.write("scripts/game.lua", "one")
        var (watch, saves) = self.watch(how)
        defer { watch.stop() }
        for text in ["two", "three"] {
            try editor.save(text, to: self.folder.scripts.appending(path: "game.lua"))
            #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        }
        // Whatever came late would be told with this.
        try editor.save("new", to: self.folder.scripts.appending(path: "other.lua"))
        #expect(await saves.next()?.changes == FileChanges(scripts: ["other.lua"]))
    }

    @Test("sees files of folders that are made later, and of folders in those")
    func laterFolders() async throws {
        var (watch, saves) = self.watch(.events)
        defer { watch.stop() }
        try self.folder.write("scripts/lib/deep/board.lua", "one")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["lib/deep/board.lua"]))
        try self.folder.write("scripts/lib/deep/board.lua", "two")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["lib/deep/board.lua"]))
    }

    @Test("sees a file that goes, and a folder that is moved away and back with all that is in it")
    func gone() async throws {
        try self.folder.write("scripts/game.lua", "one")
        try self.folder.write("scripts/lib/board.lua", "one")
        var (watch, saves) = self.watch(.events)
        defer { watch.stop() }
        try FileManager.default.removeItem(at: self.folder.scripts.appending(path: "game.lua"))
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        let (lib, away) = (self.folder.scripts.appending(path: "lib"), self.folder.url.appending(path: "away"))
        try FileManager.default.moveItem(at: lib, to: away)
        #expect(await saves.next()?.changes == FileChanges(scripts: ["lib/board.lua"]))
        try FileManager.default.moveItem(at: away, to: lib)
        #expect(await saves.next()?.changes == FileChanges(scripts: ["lib/board.lua"]))
    }

    @Test("goes on with a scripts folder that is deleted and made again")
    func madeAgain() async throws {
        try self.folder.write("scripts/game.lua", "one")
        var (watch, saves) = self.watch(.events)
        defer { watch.stop() }
        try FileManager.default.removeItem(at: self.folder.scripts)
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        try self.folder.write("scripts/game.lua", "two")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        try self.folder.write("scripts/game.lua", "three")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
    }

    @Test("follows a link in the place of the folder, also to where it leads later")
    func links() async throws {
        try self.folder.write("one/game.lua", "one")
        try self.folder.write("two/game.lua", "two")
        let link = self.folder.scripts
        try FileManager.default.removeItem(at: link)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "one")
        var (watch, saves) = self.watch(.events)
        defer { watch.stop() }
        try self.folder.write("one/game.lua", "changed")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        let other = self.folder.url.appending(path: "other")
        try FileManager.default.createSymbolicLink(atPath: other.path, withDestinationPath: "two")
        _ = rename(other.path, link.path)
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
        try self.folder.write("two/game.lua", "changed too")
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua"]))
    }

    @Test("tells of the configuration file, and of nothing else in its folder")
    func configuration() async throws {
        try self.folder.write("config.toml", "")
        var (watch, saves) = self.watch(.events)
        defer { watch.stop() }
        try self.folder.write("notes.toml", "")
        try Editor.vim.save("[server]", to: self.folder.url.appending(path: "config.toml"))
        #expect(await saves.next()?.changes == FileChanges(hasConfiguration: true))
    }

    @Test("switched off it tells nothing, not even what it has seen, and switched on again what was saved meanwhile")
    func switchedOff() async throws {
        let (told, continuation) = AsyncStream.makeStream(of: (DispatchQueue, @Sendable () -> Void).self)
        let files = WatchedFiles(scripts: self.folder.scripts.path, configuration: nil)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let watch = FileWatch(files, logger: logger) { queue, changed throws(SystemError) in
            continuation.yield((queue, changed))
            return try FolderEvents(queue: queue) {}
        }
        defer { watch.stop() }
        var (off, on) = (ReloadConfiguration(), ReloadConfiguration())
        (off.watch, off.poll, on.poll) = (.off, .milliseconds(100), .seconds(30))
        watch.watch(as: on)
        let (queue, changed) = try #require(await told.first { _ in true })
        try self.folder.write("scripts/seen.lua", "one")
        queue.async(execute: changed)
        watch.watch(as: off)
        // Longer than it takes to tell of a save.
        await withCheckedContinuation { rest in queue.asyncAfter(deadline: .now() + 0.5) { rest.resume() } }
        try self.folder.write("scripts/game.lua", "one")
        watch.watch(as: on)
        var saves = watch.saves.makeAsyncIterator()
        #expect(await saves.next()?.changes == FileChanges(scripts: ["game.lua", "seen.lua"]))
    }

    @Test("files that cannot be looked at for now are not gone")
    func blind() async {
        await #expect(processExitsWith: .success) {
            let folder = TestFolder()
            let log = LogRecorder()
            try folder.write("scripts/game.lua", "one")
            var settings = ReloadConfiguration()
            (settings.watch, settings.poll) = (.poll, .milliseconds(100))
            let files = WatchedFiles(scripts: folder.scripts.path, configuration: nil)
            let watch = FileWatch(files, logger: log.logger)
            var limit = rlimit(rlim_cur: 256, rlim_max: 256)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            watch.watch(as: settings)
            var taken: [Int32] = []
            while true {
                let descriptor = open("/dev/null", O_RDONLY)
                if descriptor < 0 { break }
                taken.append(descriptor)
            }
            let warning = await log.wait("the files cannot be looked at for now")
            try #require(warning["error"] == "Too many open files")
            for descriptor in taken { close(descriptor) }
            try folder.write("scripts/other.lua", "one")
            var saves = watch.saves.makeAsyncIterator()
            try #require(await saves.next()?.changes == FileChanges(scripts: ["other.lua"]))
            try #require(log.entries.count == 1)
            watch.stop()
        }
    }

    @Test(
        "goes on by looking where the system tells nothing: it has no watch left, or none at all",
        arguments: [0, 1, nil]
    )
    func exhausted(_ most: Int?) async throws {
        try self.folder.write("scripts/lib/board.lua", "one")
        let log = LogRecorder()
        let files = WatchedFiles(scripts: self.folder.scripts.path, configuration: nil)
        let watch = FileWatch(files, logger: log.logger) { queue, changed throws(SystemError) in
            guard let most else { throw SystemError(code: EMFILE) }
            return try FolderEvents(queue: queue, most: most, changed: changed)
        }
        defer { watch.stop() }
        var settings = ReloadConfiguration()
        settings.poll = .milliseconds(100)
        watch.watch(as: settings)
        let warning = await log.wait("the system does not tell of changed files; they are looked at instead")
        #expect(warning.level == .warning)
        #expect(warning["error"] == (most == nil ? "Too many open files" : "No space left on device"))
        var saves = watch.saves.makeAsyncIterator()
        for text in ["two", "three"] {
            try self.folder.write("scripts/lib/board.lua", text)
            #expect(await saves.next()?.changes == FileChanges(scripts: ["lib/board.lua"]))
        }
        #expect(log.entries.count == 1)
    }

    @Test("folders that lead in circles end somewhere")
    func circles() throws {
        try self.folder.write("scripts/lib/board.lua", "one")
        let link = self.folder.scripts.appending(path: "lib/up")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "..")
        let scan = try FolderScan(WatchedFiles(scripts: self.folder.scripts.path, configuration: nil))
        #expect(scan.folders.count == 2)
        #expect(Set(scan.scripts.keys) == ["lib/board.lua"])
    }
}
