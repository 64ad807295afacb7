package import GavelCore
internal import Logging

/// One version of a file of rules, compiled, from which each room gets its own engine.
package struct ScriptRulesProvider: RulesProvider {
    package let name: String
    var program: ScriptProgram
    let paramsJSON: [UInt8]
    let configuration: ScriptConfiguration
    let logger: Logger
    let seed: @Sendable () -> ScriptRules.Seed

    /// A short hash of all files; rules that are the same have the same.
    package var version: String { self.program.version }

    /// The files it was made of, seen from the scripts folder: the main one first, then its modules.
    package var files: [String] { self.program.sources.map(\.name) }

    package func makeRules(for key: RoomKey) throws -> any RoomRules {
        do {
            return ScriptRoomRules(engine: try self.makeEngine(for: key), key: key, logger: self.logger)
        } catch {
            self.logger.error(
                "rules did not start",
                metadata: ["room": "\(key)", "error": "\(error)", "version": "\(self.version)"]
            )
            throw error
        }
    }

    func makeEngine(for key: RoomKey) throws(ScriptError) -> ScriptEngine {
        try ScriptEngine(
            program: self.program,
            name: self.name,
            key: key,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            seed: self.seed(),
            logger: self.logger
        )
    }

    /// Tries the main file again and again, each time with the module that it lacked.
    mutating func findModules(in modules: ScriptModules) throws(ScriptError) {
        while let missing = try self.missingModule() {
            let file = missing.needed!
            guard let source = try modules.source(of: file) else {
                throw missing.with(
                    """
                    no module "\(file.dropLast(4).replacing("/", with: "."))" in \(modules.name) \
                    (looked for \(modules.name)\(file)). Only files of that folder can be required.
                    """
                )
            }
            if self.program.sources.count == ScriptProgram.mostFiles {
                throw missing.with("rules can have \(ScriptProgram.mostFiles - 1) modules; this would be one more.")
            }
            let bytes = self.program.sources.reduce(source.bytes.count) { $0 + $1.bytes.count }
            if bytes > ScriptProgram.mostBytes {
                throw missing.with(
                    "with \(file) the files of these rules have \(bytes) bytes; they can have \(ScriptProgram.mostBytes)."
                )
            }
            try self.program.add(source)
        }
    }

    /// The error of a main file that needs one more module; `nil`: it loads.
    private func missingModule() throws(ScriptError) -> ScriptError? {
        do throws(ScriptError) {
            _ = try self.makeEngine(for: RoomKey("check"))
            return nil
        } catch {
            guard error.needed != nil else { throw error }
            return error
        }
    }
}
