import Foundation
import NIOCore

/// Saves rules, one version after the other, and reads in the relay's log what became of each.
actor SavingDesigner {
    /// How long the relay may take for anything.
    private static let patience = Duration.seconds(10)
    private static let pollInterval = Duration.milliseconds(5)
    /// Before the next save, so that every room has a message under what was saved.
    private static let rest = Duration.milliseconds(150)

    private let plan: SavesPlan
    private let file: URL
    private var log: RelayLog
    private var random: TortureRandom
    private var versions: ArraySlice<SavedRules>
    private var lines: [RelayLog.Line] = []
    private(set) var findings = SavesFindings()
    /// When each version was saved, by its number.
    private(set) var saved: [Int: NIODeadline] = [:]
    /// Versions that took effect in all rooms and stayed.
    private(set) var lasting: [Int] = []
    /// How often each fault was saved; `nil`: none.
    private(set) var saves: [RulesFault?: Int] = [:]
    private(set) var rolledBackRooms = 0

    init(plan: SavesPlan, folder: RelayFolder) {
        self.plan = plan
        self.file = folder.savedRules
        self.log = RelayLog(folder.output)
        self.random = TortureRandom(seed: plan.seed)
        self.versions = plan.versions()[...]
    }

    /// - Returns: Whether the relay listens.
    func waitUntilListening() async -> Bool {
        await self.take { $0.message == "listening" } != nil
    }

    /// Saves so many versions.
    func save(_ count: Int) async {
        for _ in 0..<count {
            guard let version = self.versions.popFirst() else { return }
            let next = ContinuousClock.now + SavesPlan.interval
            await self.save(version)
            try? await Task.sleep(until: max(next, .now + Self.rest))
        }
    }

    /// Looks for what the log tells that nobody asked for.
    func finish() {
        self.lines += self.log.next()
        for line in self.lines where line.outcome != nil {
            self.findings.note("\"\(line.message)\" is told without a save")
        }
        for line in self.lines {
            if let room = line.returnedRoom { self.findings.note("\(room) went back from rules without a reason") }
        }
        self.lines = []
    }

    private func save(_ version: SavedRules) async {
        let editor = Editor.allCases.randomElement(using: &self.random)!
        self.finish()
        self.saves[version.fault, default: 0] += 1
        self.saved[version.number] = .now()
        do {
            try editor.save(version.text, to: self.file)
        } catch {
            return self.findings.note("\(self.file.path) cannot be saved: \(error)")
        }
        guard let line = await self.take({ $0.outcome != nil }), let outcome = line.outcome else {
            return self.findings.note("\(version.words) was saved as \(editor.rawValue) does, and no outcome was told")
        }
        if outcome != version.outcome || line.texts["file"] != SavedRules.name {
            return self.findings.note("\(version.words): \(line.message) (\(line.lists["mistakes"]?.first ?? ""))")
        }
        switch version.fault?.end {
        case nil: self.lasting.append(version.number)
        case .refused(let words): self.check(line, of: version, says: words)
        case .rolledBack: await self.expectRollbacks(self.plan.rooms, of: version, line)
        case .rolledBackInOneRoom: await self.expectRollbacks(1, of: version, line)
        }
    }

    private func check(_ line: RelayLog.Line, of version: SavedRules, says words: String) {
        let mistakes = line.lists["mistakes"] ?? []
        if mistakes.contains(where: { $0.contains(words) }) { return }
        self.findings.note("\(version.words) was refused for another reason: \(mistakes.first ?? "none")")
    }

    private func expectRollbacks(_ count: Int, of version: SavedRules, _ line: RelayLog.Line) async {
        var rooms: Set<String> = []
        while rooms.count < count {
            guard let line = await self.take({ $0.returnedRoom != nil }), let room = line.returnedRoom else {
                return self.findings.note("\(version.words): \(rooms.count) of \(count) rooms went back")
            }
            if !rooms.insert(room).inserted { self.findings.note("\(version.words): \(room) went back twice") }
            self.rolledBackRooms += 1
        }
    }

    /// The next line that is so; those before it stay.
    private func take(_ fits: (RelayLog.Line) -> Bool) async -> RelayLog.Line? {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let index = self.lines.firstIndex(where: fits) { return self.lines.remove(at: index) }
            self.lines += self.log.next()
            guard !self.lines.contains(where: fits) else { continue }
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: Self.pollInterval)) != nil else {
                return nil
            }
        }
    }
}

extension SavedRules {
    fileprivate var words: String { "version \(self.number) with \(self.fault?.rawValue ?? "nothing wrong")" }

    fileprivate var outcome: RelayLog.Line.Outcome {
        if case .refused = self.fault?.end { .refused } else { .applied }
    }
}
