internal import Foundation
package import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Logging

/// `gavel replay`: runs a recording through rules of a file.
package struct ReplayRun {
    /// Why it could not be run.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Of the recording.
    let room: String
    let start: Int64?
    let recorded: [String]
    /// The rules it was run through.
    let rules: String
    let report: RulesReplay.Report

    /// - Parameters:
    ///   - bytes: The recording.
    ///   - rules: The path of the file of rules to be tried.
    ///   - before: That of the rules that were recorded, where it is at hand.
    ///   - params: Of the rules to be tried, a JSON object; `nil`: those recorded.
    /// - Throws: ``Failure``.
    package init(
        _ bytes: [UInt8],
        rules: String,
        before: String?,
        params: [UInt8]?,
        configuration: GavelConfiguration
    ) throws(Failure) {
        do {
            let recording = try Recording(bytes)
            let recordedParams = recording.segments.last?.base.rules?.params ?? []
            let provider = try Self.load(rules, params ?? recordedParams, configuration)
            let former = try before.map { try Self.load($0, recordedParams, configuration) }
            var replay = RulesReplay(
                provider,
                patient: provider.allowing(Self.enoughTime),
                before: former?.allowing(Self.enoughTime)
            )
            try replay.run(recording)
            self.room = recording.key.description
            self.start = recording.segments.first?.base.wallMilliseconds
            self.recorded = recording.segments.reduce(into: []) { versions, segment in
                let version = segment.base.rules.map { "\($0.name) \($0.version)" } ?? "no rules"
                if versions.last != version { versions.append(version) }
            }
            self.rules = "\(provider.name) \(provider.version)"
            self.report = replay.report
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    /// Of a hook that is stopped where the recording says, or not at all.
    private static let enoughTime = Duration.seconds(60)

    /// Whether nothing differs.
    package var isSame: Bool { self.report.isSame }

    private static func load(
        _ path: String,
        _ params: [UInt8],
        _ configuration: GavelConfiguration
    ) throws -> ScriptRulesProvider {
        var scripts = RulesLibrary.scripts(of: configuration)
        // What the recording says of that is followed.
        scripts.strikes = nil
        let url = URL(filePath: path).standardizedFileURL
        let folder = configuration.scriptsFolder.path
        let isInFolder = url.path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
        return try ScriptRules.load(
            path: url.path,
            folder: isInFolder ? folder : url.deletingLastPathComponent().path,
            paramsJSON: params,
            configuration: scripts,
            logger: Logger(label: "gavel.replay") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
