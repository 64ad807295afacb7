import GavelCore
import GavelTesting
import Testing

@Suite("A log keeps its promises", .timeLimit(.minutes(2)))
struct ConformanceTests {
    @Test("in SQLite", arguments: MessageLogConformance.cases, LogDurability.allCases)
    func sqlite(_ promise: MessageLogCase, _ durability: LogDurability) async throws {
        try await promise.run(on: try SQLiteSubject(durability))
    }

    @Test("in memory", arguments: MessageLogConformance.cases, LogDurability.allCases)
    func memory(_ promise: MessageLogCase, _ durability: LogDurability) async throws {
        try await promise.run(on: MemorySubject(durability))
    }
}

private final class MemorySubject: MessageLogSubject {
    private let memory: MemoryMessageLog

    init(_ durability: LogDurability) {
        self.memory = MemoryMessageLog(durability)
    }

    var log: any MessageLog { self.memory }

    func settle() {
        self.memory.deliverAll()
    }

    func restart(_ way: MessageLogRestart) {
        switch way {
        case .inGoodOrder: self.memory.restart()
        case .killed: self.memory.crash()
        }
    }
}
