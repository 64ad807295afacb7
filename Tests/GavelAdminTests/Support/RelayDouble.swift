import GavelAdmin
import Synchronization

/// A relay that has what a test gave it, and notes what it was asked to do.
final class RelayDouble: RelayOperations, RoomOperations, RulesOperations, LogOperations {
    struct Content: Sendable {
        var rooms: [RoomOverview] = []
        var views: [String: RoomView] = [:]
        var files: [FileOutcome] = []
        var histories: [RulesHistory] = []
        var level = "info"
        var page: String?
        var done: [String] = []
    }

    private let content: Mutex<Content>
    /// What `reload` waits for.
    private let reloading: @Sendable () async -> Void

    init(_ content: Content = Content(), reloading: @escaping @Sendable () async -> Void = {}) {
        self.content = Mutex(content)
        self.reloading = reloading
    }

    var done: [String] { self.content.withLock { $0.done } }

    private func note(_ text: String) { self.content.withLock { $0.done.append(text) } }

    func status() async throws -> RelayStatus {
        var status = RelayStatus(version: "0.1.0", process: 7, uptimeSeconds: 8_041, address: "127.0.0.1:8765")
        status.page = self.content.withLock { $0.page }
        status.now.connections = 48
        status.now.slowClients = 3
        status.now.queuedBytes = 1_300_000
        return status
    }

    func rooms() async throws -> [RoomOverview] { self.content.withLock { $0.rooms } }

    func room(_ key: String) async throws -> RoomView? { self.content.withLock { $0.views[key] } }

    func kick(_ client: Int, from room: String, reason: String) async throws -> Bool {
        self.note("kick \(client) from \(room): \(reason)")
        return self.content.withLock { $0.views[room]?.clients.contains { $0.client == client } == true }
    }

    func close(_ room: String, reason: String) async throws -> Bool {
        self.note("close \(room): \(reason)")
        return self.content.withLock { $0.views[room] != nil }
    }

    func notify(_ text: String, room: String?) async throws -> Int {
        self.note("notice to \(room ?? "all"): \(text)")
        return self.content.withLock { content in room.map { content.views[$0] == nil ? 0 : 1 } ?? content.views.count }
    }

    func drain() async throws { self.note("drain") }

    func reload() async throws -> [FileOutcome] {
        await self.reloading()
        self.note("reload")
        return self.content.withLock { $0.files }
    }

    func versions() async throws -> [RulesHistory] { self.content.withLock { $0.histories } }

    func rollBack(_ file: String, to version: String?) async throws -> FileOutcome {
        self.note("roll \(file) back to \(version ?? "the one before")")
        return FileOutcome(file, .applied)
    }

    func logLevel() async throws -> String { self.content.withLock { $0.level } }

    func setLogLevel(_ level: String) async throws { self.content.withLock { $0.level = level } }
}
