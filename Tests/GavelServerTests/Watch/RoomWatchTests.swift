import GavelAdmin
import GavelCore
import GavelTesting
import Synchronization
import Testing

@testable import GavelServer

@Suite("The watch of a room", .timeLimit(.minutes(10)))
struct RoomWatchTests {
    private func call(_ client: ClientID, at milliseconds: Int64) -> RulesCall {
        let context = HookContext(wallMilliseconds: milliseconds, uptimeMilliseconds: 0, lastID: 0)
        return RulesCall(.drop, client: client, context: context)
    }

    private let rules = RulesDouble { _, _, _ in RulesDouble.Answer(.relay) }

    /// What is told when `count` lines have been.
    private func told(_ watch: RoomWatch, count: Int, idle: Duration = .seconds(100)) async -> [WatchLine] {
        struct Enough: Error {}
        let lines = Mutex<[WatchLine]>([])
        try? await watch.tell(idle: idle) { line in
            let total = lines.withLock { lines in
                lines.append(line)
                return lines.count
            }
            if total == count { throw Enough() }
        }
        return lines.withLock { $0 }
    }

    @Test("keeps a bounded number of calls for one who does not listen, and tells how many were too many")
    func bounded() async {
        let watch = RoomWatch(WatchArguments(room: "r", rate: 1_000))
        for number in 1...1_000 {
            watch.observe(self.call(ClientID(number), at: 0), HookOutcome(.relay), by: self.rules)
        }
        let lines = await self.told(watch, count: WatchQueue.most + 1)
        #expect(lines.dropLast().map(\.client) == (1...WatchQueue.most).map { $0 })
        #expect(lines.last?.kind == .skipped && lines.last?.skipped == 1_000 - WatchQueue.most)
    }

    @Test("tells so many a second, and what failed besides")
    func rate() async {
        let watch = RoomWatch(WatchArguments(room: "r", rate: 2))
        for (client, second) in [(1, 0), (2, 0), (3, 0), (4, 0), (5, 1)] {
            watch.observe(self.call(ClientID(client), at: Int64(second) * 1_000), HookOutcome(.relay), by: self.rules)
            guard client == 4 else { continue }
            watch.observe(self.call(9, at: 0), HookOutcome(.failed), by: self.rules)
        }
        let lines = await self.told(watch, count: 5)
        #expect(lines.map(\.client) == [1, 2, 9, 5, nil] && lines.last?.skipped == 2)
    }

    @Test("gives a sign of life where nothing happens")
    func idle() async {
        let watch = RoomWatch(WatchArguments(room: "r"))
        let lines = await self.told(watch, count: 2, idle: .milliseconds(1))
        #expect(lines.map(\.kind) == [.idle, .idle])
    }

    @Test("ends with its task")
    func cancelled() async {
        let watch = RoomWatch(WatchArguments(room: "r"))
        let telling = Task { try await watch.tell { _ in } }
        telling.cancel()
        await #expect(throws: CancellationError.self) { try await telling.value }
    }
}
