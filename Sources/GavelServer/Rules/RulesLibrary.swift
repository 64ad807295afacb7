internal import Foundation
internal import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Logging

/// The rules that a configuration's rooms name: in its scripts folder, or kept from there.
struct RulesLibrary: Sendable {
    private let configuration: GavelConfiguration
    private let logger: Logger

    init(_ configuration: GavelConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// The main files, in the order of the rooms, each once.
    var mains: [String] {
        var seen: Set<String> = []
        return self.configuration.rooms.compactMap(\.rules).filter { seen.insert($0).inserted }
    }

    /// Loads all main files.
    /// - Parameter kept: Texts to load instead of what the folder has now.
    /// - Throws: ``RulesError`` with all that is wrong.
    func loadAll(kept: [String: RulesText] = [:]) throws(RulesError) -> LoadedRules {
        var rules = LoadedRules()
        var mistakes: [String] = []
        for main in self.mains {
            do throws(RulesError) {
                rules.set(try self.load(main, from: kept[main]))
            } catch {
                mistakes += error.mistakes.filter { !mistakes.contains($0) }
            }
        }
        guard mistakes.isEmpty else { throw RulesError(mistakes: mistakes) }
        return rules
    }

    /// Loads a main file for all rooms that use it.
    /// - Parameter text: `nil`: what the folder has now, read once for all of them.
    /// - Throws: ``RulesError`` with all that is wrong.
    func load(_ main: String, from text: RulesText? = nil) throws(RulesError) -> LoadedFile {
        var text = text
        var providers: [RulesUse: ScriptRulesProvider] = [:]
        var mistakes: [String] = []
        for room in self.configuration.rooms where room.rules == main {
            do throws(ScriptError) {
                let provider = try self.load(room, from: text)
                text = text ?? RulesText(main: main, files: provider.texts, version: provider.version)
                providers[RulesUse(main: main, params: room.params)] = provider
            } catch {
                let line = Self.line(error)
                if !mistakes.contains(line) { mistakes.append(line) }
            }
        }
        guard mistakes.isEmpty, let text else { throw RulesError(mistakes: mistakes) }
        return LoadedFile(text: text, providers: providers)
    }

    /// Whether a file of the folder is gone, or empty.
    func isMissing(_ name: String) -> Bool {
        let path = self.configuration.scriptsFolder.appending(path: name).path(percentEncoded: false)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? Int ?? 0) == 0
    }

    /// Whether somebody may be just about to save a file: it is gone, or empty, or was written to a moment ago.
    func isOnItsWay(_ name: String) -> Bool {
        let path = self.configuration.scriptsFolder.appending(path: name).path(percentEncoded: false)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let attributes, attributes[.size] as? Int != 0 else { return true }
        guard let written = attributes[.modificationDate] as? Date else { return false }
        return Date().timeIntervalSince(written) < 0.1
    }

    /// With as much output for one hook as a client may have queued in a tick.
    static func scripts(of configuration: GavelConfiguration) -> ScriptConfiguration {
        var scripts = configuration.scripts
        scripts.outputBytes = configuration.outbound.hardBytes / 4
        return scripts
    }

    private func load(_ room: RoomEntry, from text: RulesText?) throws(ScriptError) -> ScriptRulesProvider {
        guard let text, let source = text.files[text.main] else {
            return try ScriptRules.load(
                path: self.configuration.rulesFile(of: room)?.path ?? "",
                folder: self.configuration.scriptsFolder.path,
                paramsJSON: room.params,
                configuration: Self.scripts(of: self.configuration),
                logger: self.logger
            )
        }
        return try ScriptRules.load(
            source: source,
            name: text.main,
            modules: text.files,
            paramsJSON: room.params,
            configuration: Self.scripts(of: self.configuration),
            logger: self.logger
        )
    }

    private static func line(_ error: ScriptError) -> String {
        ([error.description] + error.traceback.map { "  at \($0)" }).joined(separator: "\n")
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
