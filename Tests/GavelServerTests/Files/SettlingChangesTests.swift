import Testing

@testable import GavelServer

@Suite("Files that are being saved")
struct SettlingChangesTests {
    private static let start = ContinuousClock.now

    private var settling = SettlingChanges(quiet: .milliseconds(100), most: .milliseconds(300))

    private static func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        Self.start + .milliseconds(milliseconds)
    }

    private static func saved(_ names: Set<String>, since: Int) -> SettlingChanges.Action {
        .tell(SavedFiles(changes: FileChanges(scripts: names), since: Self.at(since)))
    }

    @Test("they are told when the system has said nothing for a while")
    mutating func quiet() {
        #expect(self.settling.told(at: Self.at(0)) == .look(at: Self.at(100)))
        #expect(self.settling.told(at: Self.at(60)) == .look(at: Self.at(160)))
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(160)) == Self.saved(["a"], since: 0))
        #expect(self.settling.looked(FileChanges(), at: Self.at(1_000)) == .none)
    }

    @Test("they are told in time, though the system never stops")
    mutating func restless() {
        for time in stride(from: 0, through: 280, by: 40) {
            #expect(self.settling.told(at: Self.at(time)) == .look(at: Self.at(min(time + 100, 300))))
        }
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(300)) == Self.saved(["a"], since: 0))
    }

    @Test("what changed and changed back is not told")
    mutating func nothing() {
        _ = self.settling.told(at: Self.at(0))
        #expect(self.settling.looked(FileChanges(), at: Self.at(100)) == .none)
        #expect(self.settling.told(at: Self.at(200)) == .look(at: Self.at(300)))
    }

    @Test("where they are only looked at, two looks must show the same")
    mutating func polled() {
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(0)) == .look(at: Self.at(100)))
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(100)) == .look(at: Self.at(200)))
        #expect(self.settling.looked(FileChanges(), at: Self.at(200)) == Self.saved(["a"], since: 0))
    }

    @Test("a file that is written without end is told all the same")
    mutating func endless() {
        _ = self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(0))
        _ = self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(100))
        _ = self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(200))
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(300)) == Self.saved(["a"], since: 0))
    }

    @Test("a look between, for another reason, loses nothing and tells nothing early")
    mutating func lookBetween() {
        _ = self.settling.told(at: Self.at(0))
        #expect(self.settling.looked(FileChanges(scripts: ["a"]), at: Self.at(50)) == .none)
        let configuration = FileChanges(hasConfiguration: true)
        #expect(
            self.settling.looked(configuration, at: Self.at(100))
                == .tell(
                    SavedFiles(
                        changes: FileChanges(scripts: ["a"], hasConfiguration: true),
                        since: Self.at(0)
                    )
                )
        )
    }
}
