internal import Foundation
internal import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Logging

/// The rules that a configuration's rooms name.
struct RulesLibrary {
    private let configuration: GavelConfiguration
    private let logger: Logger

    init(_ configuration: GavelConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Finds the policy of a room key, rules and all.
    /// - Throws: ``RulesError`` with all that is wrong.
    func directory() throws -> RoomDirectory {
        let mistakes = self.mistakes()
        guard mistakes.isEmpty else { throw RulesError(mistakes: mistakes) }
        return try self.configuration.directory { try self.load($0) }
    }

    /// What is wrong with the rules, a line each.
    func mistakes() -> [String] {
        var mistakes: [String] = []
        for room in self.configuration.rooms where room.rules != nil {
            do {
                _ = try self.load(room)
            } catch {
                let line = ([error.description] + error.traceback.map { "  at \($0)" }).joined(separator: "\n")
                if !mistakes.contains(line) { mistakes.append(line) }
            }
        }
        return mistakes
    }

    /// With as much output for one hook as a client may have queued in a tick.
    static func scripts(of configuration: GavelConfiguration) -> ScriptConfiguration {
        var scripts = configuration.scripts
        scripts.outputBytes = configuration.outbound.hardBytes / 4
        return scripts
    }

    private func load(_ room: RoomEntry) throws(ScriptError) -> ScriptRulesProvider {
        try ScriptRules.load(
            path: self.configuration.rulesFile(of: room)?.path ?? "",
            folder: self.configuration.scriptsFolder.path,
            paramsJSON: room.params,
            configuration: Self.scripts(of: self.configuration),
            logger: self.logger
        )
    }
}

/// Rules that do not load.
package struct RulesError: Error, CustomStringConvertible {
    /// `file:line: …` each.
    package let mistakes: [String]

    package var description: String {
        "the rules do not load:\n" + self.mistakes.joined(separator: "\n")
    }
}
