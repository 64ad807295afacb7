extension ScriptProgram {
    /// Tries the main file again and again, each time with the module that it lacked, until it loads.
    /// - Parameter attempt: Loads a program in a room of its own.
    mutating func findModules(
        in modules: ScriptModules,
        attempt: (ScriptProgram) throws(ScriptError) -> Void
    ) throws(ScriptError) {
        while let missing = try self.missingModule(attempt) {
            let file = missing.needed!
            guard let source = try modules.source(of: file) else {
                throw missing.with(
                    """
                    no module "\(file.dropLast(4).replacing("/", with: "."))" in \(modules.name) \
                    (looked for \(modules.name)\(file)). Only files of that folder can be required.
                    """
                )
            }
            if self.sources.count == Self.mostFiles {
                throw missing.with("rules can have \(Self.mostFiles - 1) modules; this would be one more.")
            }
            let bytes = self.sources.reduce(source.bytes.count) { $0 + $1.bytes.count }
            if bytes > Self.mostBytes {
                throw missing.with(
                    "with \(file) the files of these rules have \(bytes) bytes; they can have \(Self.mostBytes)."
                )
            }
            try self.add(source)
        }
    }

    /// The error of a program that needs one more module; `nil`: it loads.
    private func missingModule(
        _ attempt: (ScriptProgram) throws(ScriptError) -> Void
    ) throws(ScriptError) -> ScriptError? {
        do throws(ScriptError) {
            try attempt(self)
            return nil
        } catch {
            guard error.needed != nil else { throw error }
            return error
        }
    }
}
