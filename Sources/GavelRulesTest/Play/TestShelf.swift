internal import Foundation
package import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Logging

/// Rules files, each loaded once for all the tests that play with it.
package final class TestShelf {
    package let configuration: GavelConfiguration
    /// Whether it is told which lines of the rules ran.
    let countsLines: Bool
    /// The texts of the folder's rules by the names of their files.
    private(set) lazy var texts = ScriptFiles.texts(in: self.folder)
    private var loaded: [String: Result<ScriptRulesProvider, ScriptError>] = [:]

    package init(_ configuration: GavelConfiguration, countsLines: Bool = false) {
        self.configuration = configuration
        self.countsLines = countsLines
    }

    package var folder: String { self.configuration.scriptsFolder.path(percentEncoded: false).withoutLastSlash }

    /// The rules of a file of the folder.
    func rules(_ file: String, params: [UInt8]) throws(ScriptError) -> ScriptRulesProvider {
        let name = "\(file)\0\(String(decoding: params, as: UTF8.self))"
        if let result = self.loaded[name] { return try result.get() }
        let path = "\(self.folder)/\(file)", folder = self.folder, scripts = self.scripts
        let result = Result { () throws(ScriptError) in
            try ScriptRules.load(
                path: path,
                folder: folder,
                paramsJSON: params,
                configuration: scripts,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }
        self.loaded[name] = result
        return try result.get()
    }

    /// The lines of all rules of the configuration, as if none had run.
    package func coverageOfNothing() -> RulesCoverage {
        self.configuration.rooms.reduce(into: RulesCoverage()) { coverage, room in
            guard let file = room.rules, let provider = try? self.rules(file, params: room.params),
                let rules = try? provider.makeRules(for: RoomKey("none")) as? ScriptRoomRules
            else { return }
            for line in rules.lineCounts {
                coverage.add([line.line: 0], of: line.file, provider.text(of: line.file) ?? [])
            }
        }
    }

    /// Bytes of a name of rules.
    private static let longestName = 59

    /// What is added to the same text, since the same version would not be taken over: there is nothing to do.
    static let onceMore = Array("\n-- once more: ".utf8)

    /// Another version of a file.
    /// - Parameters:
    ///   - version: Another file of the folder, or a text; `nil`: the same file.
    ///   - number: Differs from that of each other version.
    func version(
        _ version: String?,
        of file: String,
        like before: ScriptRulesProvider?,
        number: Int
    ) throws(ScriptError) -> ScriptRulesProvider {
        let modules = self.texts
        var text = modules[file] ?? []
        var name = file
        if let version, version.contains("\n") {
            text = Array(version.utf8)
            // So that its lines are not looked for in the file.
            name = file.utf8.count > Self.longestName - 4 ? file : "new \(file)"
        } else if let version {
            guard let other = modules[version] else {
                throw ScriptError(kind: .file, file: version, text: "there is no such file in the folder of the rules.")
            }
            (text, name) = (other, version)
        } else {
            text += Self.onceMore + Array("\(number)".utf8)
        }
        return try ScriptRules.load(
            source: text,
            name: name,
            modules: modules,
            paramsJSON: before?.paramsJSON ?? [],
            configuration: self.scripts,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// A rules file and its modules; those that have been played with.
    func parts(of file: String) -> [String] {
        self.loaded.values.compactMap { try? $0.get() }.filter { $0.name == file }.flatMap(\.files)
    }

    /// Steps count as on the relay; time does not, for a busy machine would decide what a test says.
    private var scripts: ScriptConfiguration {
        var scripts = self.configuration.scripts
        scripts.outputBytes = self.configuration.outbound.hardBytes / 4
        scripts.time = .seconds(5)
        scripts.showsErrors = false
        scripts.countsLines = self.countsLines
        return scripts
    }

    /// The settings of the rooms in which a test plays: those of the `[[rooms]]` entry, and what the test says.
    func policy(
        _ entry: RoomEntry?,
        changed changes: TestedRules.RoomChanges,
        match: Glob,
        _ adapt: (ScriptRulesProvider) -> any RulesProvider
    ) throws(ScriptError) -> RoomPolicy {
        var entry = entry ?? RoomEntry(match: match, in: self.configuration)
        entry.rules = changes.rules ?? entry.rules
        entry.presence = changes.presence ?? entry.presence
        entry.linger = changes.linger ?? entry.linger
        if let maxClients = changes.maxClients { entry.maxClients = maxClients }
        if let history = changes.history { entry.historyMessages = history }
        if let grace = changes.grace { entry.resumeGrace = grace }
        if let params = changes.params {
            let before = JSONValue(entry.params)?.members ?? []
            let kept = before.filter { old in !params.contains { $0.name == old.name } }
            entry.params = Array(JSONValue.object(kept + params).json.utf8)
        }
        guard let file = entry.rules else { return entry.policy(rules: nil) }
        return entry.policy(rules: adapt(try self.rules(file, params: entry.params)))
    }

    /// The configuration's entry for rooms with these rules: the one that matches the key, or else the first.
    func entry(of file: String, key: String?) -> RoomEntry? {
        let entries = self.configuration.rooms.filter { $0.rules == file }
        return key.flatMap { key in entries.first { $0.match.matches(RoomKey(key)) } } ?? entries.first
    }

    /// A key that an entry's pattern matches, or one made of the file's name.
    func key(of file: String) -> String {
        let stem = file.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? file
        guard let entry = self.entry(of: file, key: nil) else { return "\(stem)-1" }
        let candidates = ["\(stem)-1", entry.match.pattern.replacing("*", with: "1"), stem]
        return candidates.first { entry.match.matches(RoomKey($0)) } ?? "\(stem)-1"
    }
}

@available(*, unavailable)
extension TestShelf: Sendable {}

extension String {
    var withoutLastSlash: String { self.count > 1 && self.hasSuffix("/") ? String(self.dropLast()) : self }
}
