package import GavelCore
package import Logging

/// One version of a file of rules, compiled, from which each room gets its own engine.
package struct ScriptRulesProvider: RulesProvider {
    let program: ScriptProgram
    package let paramsJSON: [UInt8]
    let configuration: ScriptConfiguration
    let logger: Logger
    let seed: @Sendable () -> ScriptRules.Seed
    /// Milliseconds of a clock that never goes back.
    let uptime: @Sendable () -> Int64
    private let errors: Errors

    /// What failed in all rooms: hooks, by the clock that they are given, and rooms that did not begin, by ``uptime``.
    private final class Errors: Sendable {
        let ofHooks: ScriptErrorLog
        let ofStarts: ScriptErrorLog

        init(logger: Logger, version: String) {
            self.ofHooks = ScriptErrorLog(logger: logger, version: version)
            self.ofStarts = ScriptErrorLog(logger: logger, version: version)
        }
    }

    init(
        program: ScriptProgram,
        paramsJSON: [UInt8],
        configuration: ScriptConfiguration,
        logger: Logger,
        seed: @escaping @Sendable () -> ScriptRules.Seed,
        uptime: @escaping @Sendable () -> Int64
    ) {
        self.program = program
        self.paramsJSON = paramsJSON
        self.configuration = configuration
        self.logger = logger
        self.seed = seed
        self.uptime = uptime
        self.errors = Errors(logger: logger, version: program.version)
    }

    /// The main file, as errors name it.
    package var name: String { self.program.sources[0].name }

    /// A short hash of all files; rules that are the same have the same.
    package var version: String { self.program.version }

    /// The files, which of them is the main one, the params and the configuration, as text.
    package var identity: String {
        let params = String(decoding: self.paramsJSON, as: UTF8.self)
        return "\(self.name) \(self.program.digest) \(self.configuration) \(params)"
    }

    package var params: [UInt8] { self.paramsJSON }

    /// The files it was made of, seen from the scripts folder: the main one first, then its modules.
    package var files: [String] { self.program.sources.map(\.name) }

    /// The text of one of ``files``; `nil`: it is none of them.
    package func text(of file: String) -> [UInt8]? {
        self.program.sources.first { $0.name == file }?.bytes
    }

    /// The same program for rooms of which nobody is told.
    package var silent: Self {
        self.with(logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }, seed: self.seed)
    }

    /// The same program for rooms of which others are told.
    package func with(logger: Logger, seed: @escaping @Sendable () -> ScriptRules.Seed) -> Self {
        Self(
            program: self.program,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            logger: logger,
            seed: seed,
            uptime: self.uptime
        )
    }

    package func makeRules(for key: RoomKey) throws -> any RoomRules {
        do {
            return ScriptRoomRules(
                engine: try self.makeEngine(for: key),
                key: key,
                errors: self.errors.ofHooks,
                logger: self.logger,
                configuration: self.configuration
            )
        } catch {
            let report = ErrorReport(level: .error, message: "rules did not start", error: error, hook: "")
            _ = self.errors.ofStarts.report(report, at: self.uptime()) { ["room": "\(key)"] }
            throw error
        }
    }

    private func makeEngine(for key: RoomKey) throws(ScriptError) -> ScriptEngine {
        try ScriptEngine(
            program: self.program,
            key: key,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            seed: self.seed(),
            logger: self.logger
        )
    }
}
