package import Logging

extension ScriptRulesProvider {
    /// The same rules, which log elsewhere.
    package func logging(to logger: Logger) -> Self {
        Self(
            program: self.program,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            logger: logger,
            seed: self.seed,
            uptime: self.uptime
        )
    }

    /// The same rules, with other time for one hook.
    package func allowing(_ time: Duration) -> Self {
        var configuration = self.configuration
        configuration.time = time
        return Self(
            program: self.program,
            paramsJSON: self.paramsJSON,
            configuration: configuration,
            logger: self.logger,
            seed: self.seed,
            uptime: self.uptime
        )
    }

    /// Loads another file to stand in for these rules: with their params and configuration. Blocks on the files.
    /// - Parameters:
    ///   - folder: The scripts folder, where modules are found.
    ///   - logger: Where it logs.
    package func candidate(path: String, folder: String, logger: Logger) throws(ScriptError) -> Self {
        try ScriptRules.load(
            path: path,
            folder: folder,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            logger: logger,
            seed: self.seed,
            uptime: self.uptime
        )
    }
}
