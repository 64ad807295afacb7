internal import Foundation
internal import GavelConfig
internal import GavelCore

extension Supervisor {
    /// Reads the configuration again, and takes up what of it can change while the relay runs.
    ///
    /// Rules go on as they are, unless the configuration fits only what was saved together with it.
    /// - Parameter fresh: Names in the scripts folder that were saved too; `nil`: all may have been.
    /// - Returns: Its outcome, and those of rules that were taken up with it.
    func reloadConfiguration(fresh: Set<String>?, since: Instant) async -> [ReloadOutcome] {
        guard let source = self.surroundings.source else { return [] }
        var outcome = self.outcome(source.path, .refused, since: since)
        defer { self.refusedConfiguration = outcome.mistakes }
        guard let (report, isEmpty) = await self.read(source) else { return [] }
        outcome.mistakes = report.problems.map(\.description)
        // As a save leaves it for which the disk had no room: nobody means all defaults by it.
        if isEmpty { outcome.mistakes = ["\(source.path): the file is empty. Write a comment to mean all defaults."] }
        guard outcome.mistakes.isEmpty else { return [outcome] }
        let changes = ConfigurationChanges(from: self.configuration, to: report.configuration)
        outcome.waiting = changes.atRestart.map(\.description)
        guard !changes.isEmpty else {
            outcome.result = .unchanged
            return [outcome]
        }
        outcome.changes = changes.live.map(\.description) + (changes.areRoomsOther ? ["[[rooms]]"] : [])
        switch await self.prepare(changes.configuration, fresh: fresh) {
        case .failure(let error):
            outcome.mistakes = error.mistakes
            return [outcome]
        case .success(let rules):
            let former = self.rules.texts
            let adopted = await self.adopt(changes.configuration, rules)
            outcome.result = .applied
            outcome.rooms = adopted.changed
            outcome.milliseconds = since.milliseconds
            outcome.notes = report.warnings.map(\.description) + adopted.notes
            return [outcome] + self.outcomes(of: rules, former: former, fresh: fresh, since: since)
        }
    }

    /// Of rules that were taken up with the configuration; those that are named for the first time, nobody waits for,
    /// unless they were just saved.
    private func outcomes(
        of rules: LoadedRules,
        former: [String: RulesText],
        fresh: Set<String>?,
        since: Instant
    ) -> [ReloadOutcome] {
        rules.texts.values.sorted { $0.main < $1.main }.compactMap { text in
            let old = former[text.main]
            guard old?.version != text.version, old != nil || fresh?.contains(text.main) == true else { return nil }
            var outcome = self.outcome(text.main, .applied, since: since)
            (outcome.from, outcome.to, outcome.rooms) = (old?.version, text.version, nil)
            return outcome
        }
    }

    /// A file that is missing, empty or broken may be on its way.
    private func read(_ source: ConfigurationSource) async -> (report: ConfigurationReport, isEmpty: Bool)? {
        let read = { @Sendable in
            let report = source.read()
            return (report: report, isEmpty: report.problems.isEmpty && source.isEmpty)
        }
        let first = await self.aside(read)
        guard let first, first.isEmpty || !first.report.problems.isEmpty else { return first }
        await self.surroundings.wait()
        return await self.aside(read)
    }

    /// Loads the rules for a configuration, and tries both in every room.
    private func prepare(
        _ configuration: GavelConfiguration,
        fresh: Set<String>?
    ) async -> Result<LoadedRules, RulesError> {
        let texts = self.rules.texts
        let asTheyAre = await self.prepare(configuration, kept: texts)
        guard case .failure = asTheyAre, fresh?.isEmpty != true else { return asTheyAre }
        let kept = texts.filter { text in
            guard let fresh else { return false }
            return text.value.files.keys.allSatisfy { !fresh.contains($0) }
        }
        return await self.prepare(configuration, kept: kept)
    }

    private func prepare(
        _ configuration: GavelConfiguration,
        kept: [String: RulesText]
    ) async -> Result<LoadedRules, RulesError> {
        let rulesLibrary = RulesLibrary(configuration, logger: self.logger)
        let loaded = await self.aside { Result { () throws(RulesError) in try rulesLibrary.loadAll(kept: kept) } }
        guard case .success(let rules)? = loaded else {
            return loaded ?? .failure(RulesError(mistakes: ["The relay is going away."]))
        }
        if let error = await self.rehearse(configuration, rules) { return .failure(error) }
        return .success(rules)
    }

    private func adopt(_ configuration: GavelConfiguration, _ rules: LoadedRules) async -> ReloadReport {
        self.refused = self.refused.filter { main, _ in
            rules.texts[main] != nil && rules.texts[main]?.version == self.rules.texts[main]?.version
        }
        let former = self.configuration
        (self.configuration, self.rules) = (configuration, rules)
        for text in rules.texts.values { self.shelf.put(text, at: Date()) }
        self.shelf.keep(only: rules.texts.keys)
        self.surroundings.adopt(former, configuration)
        self.surroundings.watch.watch(as: configuration.reload)
        return await self.relay.adopt(RelaySettings(configuration, rules: rules))
    }
}
