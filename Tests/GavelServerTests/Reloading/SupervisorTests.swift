import Foundation
import GavelConfig
import Logging
import Synchronization
import Testing

@testable import GavelCore
@testable import GavelServer

@Suite("The supervisor", .timeLimit(.minutes(10)))
struct SupervisorTests {
    private let folder = TestFolder()
    private let relay = RelayDouble()
    private let log = LogRecorder()

    /// - Parameters:
    ///   - games: Main files, of which each has a kind of rooms.
    ///   - wait: Called for the time in which a file may be on its way.
    private func supervisor(
        _ games: String...,
        wait: @escaping @Sendable () async -> Void = {}
    ) throws -> Supervisor {
        let rooms = games.map { "[[rooms]]\nmatch = \"\($0)\"\nrules = \"\($0)\"\n" }
        try self.folder.write("config.toml", rooms.joined())
        let source = ConfigurationSource(
            path: self.folder.url.appending(path: "config.toml").path,
            environment: [:]
        )
        let configuration = try source.read().get()
        return Supervisor(
            configuration,
            rules: try RulesLibrary(configuration, logger: self.log.logger).loadAll(),
            relay: self.relay,
            surroundings: Supervisor.Surroundings(
                source: source,
                watch: FileWatch(WatchedFiles(configuration, source), logger: self.log.logger),
                adopt: { _, _ in },
                logger: self.log.logger,
                wait: wait
            )
        )
    }

    private func write(_ name: String, _ text: String = "") throws {
        try self.folder.write("scripts/\(name)", "local rules = gavel.rules()\n\(text)\nreturn rules")
    }

    @Test("goes back to the version before, to one by its name, and forward to what the files say")
    func goesBack() async throws {
        try self.write("a.lua", "-- 1")
        let supervisor = try self.supervisor("a.lua")
        let first = try #require(await supervisor.versions().first?.versions.first?.version)
        try self.write("a.lua", "-- 2")
        let second = try #require(await supervisor.reload().last?.to)

        let back = await supervisor.rollBack("a.lua")
        #expect(back.result == .applied)
        #expect([back.from, back.to] == [second, first])
        #expect(await supervisor.versions().first?.versions.map(\.version) == [first, second])
        #expect(await supervisor.rollBack("a.lua", to: String(second.prefix(6))).to == second)
        #expect(await supervisor.rollBack("a.lua", to: second).result == .unchanged)
        #expect(await supervisor.rollBack("a.lua", to: first).to == first)
        #expect(await supervisor.reload().last?.to == second)
    }

    @Test("goes back one save at a time, and from a later save past those that were gone back from")
    func goesBackFurther() async throws {
        try self.write("a.lua", "-- 1")
        let supervisor = try self.supervisor("a.lua")
        var saved = [try #require(await supervisor.versions().first?.versions.first?.version)]
        for text in ["-- 2", "-- 3"] {
            try self.write("a.lua", text)
            saved.append(try #require(await supervisor.reload().last?.to))
        }
        #expect(await supervisor.rollBack("a.lua").to == saved[1])
        #expect(await supervisor.versions().first?.versions.map(\.version) == [saved[1], saved[0], saved[2]])
        #expect(await supervisor.rollBack("a.lua").to == saved[0])
        #expect(await supervisor.rollBack("a.lua").result == .refused)
        #expect(await supervisor.rollBack("a.lua", to: saved[1]).to == saved[1])

        try self.write("a.lua", "-- 4")
        saved.append(try #require(await supervisor.reload().last?.to))
        for version in [saved[1], saved[0], saved[2]] { #expect(await supervisor.rollBack("a.lua").to == version) }
    }

    @Test("says what it cannot go back to")
    func cannotGoBack() async throws {
        try self.write("a.lua")
        let supervisor = try self.supervisor("a.lua")
        let running = try #require(await supervisor.versions().first?.versions.first?.version)
        #expect(
            await supervisor.rollBack("a.lua").mistakes
                == ["a.lua: no earlier version is kept. There are: \(running)."]
        )
        #expect(
            await supervisor.rollBack("a.lua", to: "zz").mistakes
                == ["a.lua: no one version that begins with zz is kept. There are: \(running)."]
        )
        #expect(
            await supervisor.rollBack("b.lua").mistakes == ["b.lua: there are no rules of this name in force."]
        )
        #expect(self.relay.counts == [0, 0])
    }

    @Test("puts nothing in force where one room cannot go on, and tells each reason once")
    func rehearses() async throws {
        try self.write("a.lua", "-- 1")
        let supervisor = try self.supervisor("a.lua")
        try self.write("a.lua", "-- 2")
        self.relay.state.withLock { state in
            for key in ["x", "y", "z"] {
                state.refusals.append(.init(key: RoomKey(key), text: key == "z" ? "a.lua:2: other" : "a.lua:2: no"))
            }
        }
        let outcome = try #require(await supervisor.reload().last)
        #expect(outcome.result == .refused)
        #expect(outcome.mistakes == ["a.lua:2: no (room x and 1 more)", "a.lua:2: other (room z)"])
        #expect(await supervisor.versions().first?.refused == outcome.mistakes)
        #expect(self.relay.counts == [1, 0])
    }

    @Test("takes up all that share a module or none of them, and others by themselves")
    func groups() async throws {
        for name in ["a.lua", "b.lua"] { try self.write(name, "local lib = require 'lib'; lib.use()") }
        try self.write("c.lua")
        try self.folder.write("scripts/lib.lua", "return { use = function() end }")
        let supervisor = try self.supervisor("a.lua", "b.lua", "c.lua")
        try self.write("a.lua", "require 'lib'")
        try self.write("c.lua", "-- 2")
        try self.folder.write("scripts/lib.lua", "return {}")
        let outcomes = await supervisor.reload()
        #expect(outcomes.map(\.result) == [.unchanged, .refused, .applied])
        #expect(outcomes[1].file == "a.lua, b.lua")
        #expect(outcomes[1].mistakes.count == 1)
        #expect(outcomes[1].mistakes.first?.hasPrefix("b.lua:2: ") == true)
        #expect(outcomes[2].file == "c.lua")
    }

    @Test("of two saves during one load each is told, and the newest counts")
    func twoSaves() async throws {
        try self.write("a.lua", "-- 1")
        let supervisor = try self.supervisor("a.lua")
        let running = Task { await supervisor.run() }
        try self.write("a.lua", "-- 2")
        await self.relay.hold {}
        try self.write("a.lua", "-- 3")
        let asked = Task { await supervisor.reload() }
        self.relay.release()
        await self.log.wait("in force")
        let third = await asked.value.last
        #expect([.applied, .unchanged].contains(third?.result))
        running.cancel()
        await running.value
        let told = self.log.entries("in force")
        #expect(told.count == 2)
        #expect(told.first?["to"] == told.last?["from"])
        #expect(await supervisor.versions().first?.versions.first?.version == told.last?["to"])
    }

    @Test("puts nothing in force any more when the relay stops, though it was tried")
    func stops() async throws {
        try self.write("a.lua", "-- 1")
        let supervisor = try self.supervisor("a.lua")
        let running = Task { await supervisor.run() }
        try self.write("a.lua", "-- 2")
        var reload: Task<[ReloadOutcome], Never>?
        await self.relay.hold { reload = Task { await supervisor.reload() } }
        running.cancel()
        while await !supervisor.isStopping { await Task.yield() }
        self.relay.release()
        await running.value
        #expect(await reload?.value.last?.mistakes == ["The relay is going away."])
        #expect(self.relay.counts[1] == 0)
    }

    @Test(
        "a file that comes back at once was never gone, and one that is being written is read when it is whole",
        arguments: ["", "local rules = gavel.rules()\nfunction rules.on_"]
    )
    func onTheirWay(_ text: String) async throws {
        try self.write("a.lua", "-- 1")
        let folder = self.folder.url
        let supervisor = try self.supervisor("a.lua") {
            let whole = Data("local rules = gavel.rules()\nreturn rules".utf8)
            try? whole.write(to: folder.appending(path: "scripts/a.lua"))
        }
        try self.folder.write("scripts/a.lua", text)
        // However long the test takes to get there, it was written a moment ago.
        try FileManager.default.setAttributes(
            [.modificationDate: Date() + 60],
            ofItemAtPath: self.folder.scripts.appending(path: "a.lua").path
        )
        #expect(await supervisor.reload().last?.result == .applied)
    }

    @Test("a file that is gone for good is waited for but a while")
    func gone() async throws {
        try self.write("a.lua", "-- 1")
        let waits = Mutex(0)
        let supervisor = try self.supervisor("a.lua") { waits.withLock { $0 += 1 } }
        try FileManager.default.removeItem(at: self.folder.scripts.appending(path: "a.lua"))
        let outcome = try #require(await supervisor.reloadRules(["a.lua"], since: .now, beside: []).last)
        #expect(outcome.result == .refused)
        #expect(outcome.mistakes.first?.contains("No such file") == true, "\(outcome)")
        #expect(waits.withLock { $0 } == 2)
    }

    @Test("no save of another file brings a module to some of its rules that others of them refused")
    func sharedModule() async throws {
        for name in ["a.lua", "b.lua"] { try self.write(name, "local lib = require 'lib'; lib.use()") }
        try self.folder.write("scripts/lib.lua", "return { use = function() end }")
        let supervisor = try self.supervisor("a.lua", "b.lua")
        func save(_ name: String) async -> [ReloadOutcome.Result] {
            await supervisor.reloadRules([name], since: .now, beside: []).map(\.result)
        }
        try self.folder.write("scripts/lib.lua", "return {}")
        #expect(await save("lib.lua") == [.refused])
        try self.write("a.lua", "require 'lib'")
        #expect(await save("a.lua") == [.refused])
        #expect(self.relay.counts == [0, 0])
        try self.write("b.lua", "require 'lib'")
        #expect(await save("b.lua") == [.applied, .applied])
        #expect(await supervisor.versions().allSatisfy { $0.refused.isEmpty })
    }

    @Test("a configuration that was refused is tried again when the file that it lacked is saved, and told once")
    func lateRules() async throws {
        try self.write("a.lua")
        let supervisor = try self.supervisor("a.lua")
        let rooms = "[[rooms]]\nmatch = \"a\"\nrules = \"a.lua\"\n[[rooms]]\nmatch = \"b\"\nrules = \"b.lua\""
        func save(_ scripts: Set<String>, isConfiguration: Bool = false) async {
            let changes = FileChanges(scripts: scripts, hasConfiguration: isConfiguration)
            await supervisor.take(SavedFiles(changes: changes, since: .now))
        }
        try self.folder.write("config.toml", rooms)
        await save([], isConfiguration: true)
        try self.write("a.lua", "-- 2")
        await save(["a.lua"])
        try self.write("b.lua")
        await save(["b.lua"])
        #expect(
            self.log.entries.map(\.message)
                == ["refused, everything stays as it was", "in force", "in force", "in force"]
        )
        #expect(self.log.entries[2]["file"].hasSuffix("config.toml"))
        #expect(self.log.entries[3]["file"] == "b.lua")
        #expect(await supervisor.versions().map(\.file) == ["a.lua", "b.lua"])
    }

    @Test("what rules log while they are only tried, nobody hears")
    func silent() async throws {
        try self.write("a.lua", "function rules.on_create() gavel.log('made') end")
        let supervisor = try self.supervisor("a.lua")
        try self.write("a.lua", "function rules.on_reload() gavel.log('taken over') end")
        self.relay.state.withLock { state in
            state.tries = { settings in
                let rules = try? settings.directory(RoomKey("a.lua"))?.rules?.makeRules(for: RoomKey("a.lua"))
                _ = rules?.reload(from: "", context: HookContext(wallMilliseconds: 0, uptimeMilliseconds: 0, lastID: 0))
            }
        }
        #expect(await supervisor.reload().last?.result == .applied)
        #expect(self.log.entries.map(\.message).filter { $0 == "taken over" }.count == 1)
    }
}
