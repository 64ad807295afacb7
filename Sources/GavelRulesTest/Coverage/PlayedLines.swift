internal import GavelCore
internal import GavelScript

/// Rules whose rooms tell which of their lines ran.
struct PlayedRules: RulesProvider {
    let name: String
    let provider: ScriptRulesProvider
    let lines: PlayedLines?

    var version: String { self.provider.version }
    var identity: String { self.provider.identity }

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        let rules = try self.provider.makeRules(for: key)
        if let rules = rules as? ScriptRoomRules { self.lines?.follow(rules, of: self.provider) }
        return rules
    }
}

/// Gathers the lines that ran in the rooms of a test, ended rooms too. Used by one thread.
final class PlayedLines: @unchecked Sendable {
    private struct Room {
        var rules: ScriptRoomRules
        var provider: ScriptRulesProvider
    }

    /// Of the files as they stand in the scripts folder.
    private let texts: [String: [UInt8]]
    private var rooms: [Room] = []
    private var ended = RulesCoverage()

    init(_ texts: [String: [UInt8]]) {
        self.texts = texts
    }

    func follow(_ rules: ScriptRoomRules, of provider: ScriptRulesProvider) {
        for index in self.rooms.indices.reversed() where isKnownUniquelyReferenced(&self.rooms[index].rules) {
            self.note(self.rooms.remove(at: index), in: &self.ended)
        }
        self.rooms.append(Room(rules: rules, provider: provider))
    }

    func coverage() -> RulesCoverage {
        self.rooms.reduce(into: self.ended) { self.note($1, in: &$0) }
    }

    /// Adds up what ran of files of the folder. Texts that stand only in a test have no lines to be looked at.
    private func note(_ room: Room, in coverage: inout RulesCoverage) {
        for (file, counts) in Dictionary(grouping: room.rules.lineCounts, by: \.file) {
            guard let text = room.provider.text(of: file), let name = self.file(of: text, named: file),
                let whole = self.texts[name]
            else { continue }
            let lines = Dictionary(counts.map { ($0.line, $0.count) }, uniquingKeysWith: +)
            coverage.add(lines, of: name, whole)
        }
    }

    /// The file that has a text, which a room may run under the name of another.
    private func file(of text: [UInt8], named name: String) -> String? {
        if let own = self.texts[name], Self.is(text, own) { return name }
        return self.texts.sorted { $0.key < $1.key }.first { Self.is(text, $0.value) }?.key
    }

    private static func `is`(_ text: [UInt8], _ file: [UInt8]) -> Bool {
        text == file || text.starts(with: file + TestShelf.onceMore)
    }
}
