internal import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Synchronization

/// The rooms of one test: which rules they have, and how they are set up. Used by one thread.
final class PlayRooms: @unchecked Sendable {
    let key: String
    private let shelf: TestShelf
    private let rules: TestedRules
    private let log: PlayLog
    private let seeds: Seeds
    private var policies: [String: RoomPolicy?] = [:]
    /// The policy of the test's room before its rules were exchanged.
    private var before: RoomPolicy?
    /// How often the rules of the room were exchanged.
    private var exchanges = 0
    /// The files of the rules of all rooms that there were, with their modules.
    private(set) var files: Set<String> = []
    /// `nil`: lines are not counted.
    private let lines: PlayedLines?
    /// Rules that did not load.
    private(set) var mistakes: [ScriptError] = []

    init(_ shelf: TestShelf, _ rules: TestedRules, log: PlayLog, seed: UInt64) {
        self.shelf = shelf
        self.rules = rules
        self.log = log
        self.key = rules.key ?? shelf.key(of: rules.file)
        self.seeds = Seeds(seed)
        self.lines = shelf.countsLines ? PlayedLines(shelf.texts) : nil
    }

    /// Which lines of the rules ran in all rooms that there were.
    var coverage: RulesCoverage { self.lines?.coverage() ?? RulesCoverage() }

    /// The policy of a room; `nil`: there may be none of this name.
    func policy(of key: RoomKey) -> RoomPolicy? {
        let name = key.description
        if let policy = self.policies[name] { return policy }
        let policy: RoomPolicy?
        do throws(ScriptError) {
            policy = try self.makePolicy(of: key, name)
        } catch {
            self.mistakes.append(error)
            policy = nil
        }
        self.policies[name] = policy
        return policy
    }

    private func makePolicy(of key: RoomKey, _ name: String) throws(ScriptError) -> RoomPolicy? {
        let configuration = self.shelf.configuration
        var entry = configuration.rooms.first { $0.match.matches(key) }
        var changes = TestedRules.RoomChanges()
        if name == self.key {
            entry = self.shelf.entry(of: self.rules.file, key: name)
            changes = self.rules.main
        } else if let other = self.rules.others.first(where: { $0.match.matches(key) }) {
            changes = other.changes
            if let file = changes.rules { entry = self.shelf.entry(of: file, key: name) }
        } else if entry == nil, configuration.unlistedRooms == .refuse {
            return nil
        }
        return try self.shelf.policy(entry, changed: changes, match: ScriptFiles.anyRoom) { self.watched($0) }
    }

    /// Gives the test's room another version of its rules.
    /// - Parameter version: A file of the folder, or the text of one; `nil`: the file it has, once more.
    func exchange(_ version: String?) throws(ScriptError) {
        guard let policy = self.policy(of: RoomKey(self.key)) else { return }
        self.exchanges += 1
        let provider = try self.shelf.version(
            version,
            of: self.rules.file,
            like: (policy.rules as? PlayedRules)?.provider,
            number: self.exchanges
        )
        self.before = policy
        var next = policy
        next.rules = self.watched(provider, as: self.rules.file)
        self.policies[self.key] = next
    }

    /// Takes the exchange back.
    func takeBack() {
        if let before = self.before { self.policies[self.key] = before }
    }

    /// Each room has a seed of its own, the same in each run of the test.
    /// - Parameter name: The file that they count as, so that rooms of it take them over; `nil`: their own.
    private func watched(_ provider: ScriptRulesProvider, as name: String? = nil) -> PlayedRules {
        self.files.formUnion(provider.files)
        return PlayedRules(
            name: name ?? provider.name,
            provider: provider.with(logger: self.log.logger) { [seeds] in seeds.next() },
            lines: self.lines
        )
    }

    private final class Seeds: Sendable {
        private let last: Mutex<UInt64>

        init(_ seed: UInt64) {
            self.last = Mutex(seed)
        }

        func next() -> ScriptRules.Seed {
            self.last.withLock { last in
                last &+= 4
                return (last, last &+ 1, last &+ 2, last &+ 3)
            }
        }
    }
}
