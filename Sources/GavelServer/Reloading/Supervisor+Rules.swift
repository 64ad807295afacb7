internal import Foundation
internal import GavelConfig
internal import GavelCore
internal import GavelScript

extension Supervisor {
    typealias Instant = ContinuousClock.Instant

    /// Takes up rules that were saved.
    /// - Parameters:
    ///   - saved: Names in the scripts folder; `nil`: all main files are read again.
    ///   - told: What was taken up with the configuration, and is not told again.
    func reloadRules(_ saved: Set<String>?, since: Instant, beside told: [ReloadOutcome]) async -> [ReloadOutcome] {
        let told = Set(told.map(\.file))
        let mains = self.rulesLibrary.mains.filter { !told.contains($0) && self.isConcerned($0, by: saved) }
        var outcomes: [ReloadOutcome] = []
        for group in self.groups(of: mains, by: self.notInForce(saved)) {
            outcomes += await self.reload(group, saved: saved, since: since)
        }
        let unused = (saved ?? []).sorted().filter { !told.contains($0) && self.isUnused($0) }
        for name in unused {
            var outcome = ReloadOutcome(file: name, result: .unchanged)
            outcome.notes = ["No room uses it."]
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// Main files that were refused are tried again whatever is saved: it may be what they lacked.
    private func isConcerned(_ main: String, by saved: Set<String>?) -> Bool {
        guard let saved, self.refused[main] == nil || saved.isEmpty else { return true }
        return saved.contains(main) || self.rules.texts[main]?.files.keys.contains(where: saved.contains) == true
    }

    /// Rules that nobody names, tests of rules apart.
    private func isUnused(_ name: String) -> Bool {
        name.hasSuffix(".lua") && !name.hasSuffix("_test.lua") && self.refused.isEmpty
            && self.rules.mains(with: name).isEmpty && !self.rulesLibrary.isMissing(name)
    }

    /// What was saved by now and is not in force; `nil`: all files may be such.
    private func notInForce(_ saved: Set<String>?) -> Set<String>? {
        self.refused.values.reduce(saved) { files, refused in
            guard let files, let others = refused.saved else { return nil }
            return files.union(others)
        }
    }

    /// Main files that what was saved joins, for a module that one of them cannot use changes none of them.
    private func groups(of mains: [String], by saved: Set<String>?) -> [[String]] {
        var groups: [(mains: [String], files: Set<String>)] = []
        for main in mains {
            var group = (mains: [main], files: Set(self.rules.texts[main]?.files.keys.map { $0 } ?? []))
            if let saved { group.files.formIntersection(saved) }
            for other in groups where !other.files.isDisjoint(with: group.files) {
                group = (other.mains + group.mains, other.files.union(group.files))
            }
            groups.removeAll { !$0.files.isDisjoint(with: group.files) }
            groups.append(group)
        }
        return groups.map(\.mains)
    }

    /// Takes up main files together, all or none.
    private func reload(_ mains: [String], saved: Set<String>?, since: Instant) async -> [ReloadOutcome] {
        let subject = self.subject(of: mains, saved)
        var files: [LoadedFile] = []
        var mistakes: [String] = []
        for main in mains {
            switch await self.load(main, saved) {
            case .success(let file): files.append(file)
            case .failure(let error): mistakes += error.mistakes
            }
        }
        if !mistakes.isEmpty { return self.refuse(mains, mistakes, of: subject, saved: saved, since: since) }
        let changed = files.filter { $0.text.version != self.rules.texts[$0.text.main]?.version }
        if changed.isEmpty {
            for main in mains { self.refused[main] = nil }
            return [self.outcome(subject, .unchanged, since: since)]
        }
        switch await self.putInForce(changed, since: since) {
        case .success(let outcomes): return outcomes
        case .failure(let error):
            return self.refuse(mains, error.mistakes, of: subject, saved: saved, since: since)
        }
    }

    /// Has every room that uses some main files go on under these; or none, where one cannot.
    func putInForce(_ files: [LoadedFile], since: Instant) async -> Result<[ReloadOutcome], RulesError> {
        var candidate = self.rules
        for file in files { candidate.set(file) }
        if let error = await self.rehearse(self.configuration, candidate) {
            return .failure(error)
        }
        var outcomes: [ReloadOutcome] = []
        for file in files {
            let main = file.text.main
            let (from, old) = (self.rules.texts[main]?.version, self.rules.provider(of: main))
            self.rules.set(file)
            let report = await self.relay.adopt(RelaySettings(self.configuration, rules: self.rules))
            self.shelf.put(file.text, at: Date())
            self.refused[main] = nil
            var outcome = self.outcome(main, .applied, since: since)
            (outcome.from, outcome.to, outcome.rooms) = (from, file.text.version, report.changed)
            outcome.notes = report.notes
            if report.changed > 0, let old, self.rules.provider(of: main)?.hasOther("on_create", than: old) == true {
                outcome.notes.append("on_create is another now; it counts for rooms that begin from now on.")
            }
            outcomes.append(outcome)
        }
        return .success(outcomes)
    }

    /// Tries a configuration and rules in every room; what that logs, nobody is told, for it is not done.
    /// - Returns: Why rooms could not go on under them.
    func rehearse(_ configuration: GavelConfiguration, _ rules: LoadedRules) async -> RulesError? {
        let report = await self.relay.rehearse(RelaySettings(configuration, rules: rules.silent))
        if self.isStopping || report.unreached > 0 { return RulesError(mistakes: ["The relay is going away."]) }
        return report.refused == 0 ? nil : RulesError(mistakes: report.mistakes)
    }

    /// Loads a main file. One that is not whole yet, or has a module that is not, may be on its way.
    private func load(_ main: String, _ saved: Set<String>?) async -> Result<LoadedFile, RulesError> {
        let rulesLibrary = self.rulesLibrary
        let names = [main] + (self.rules.texts[main]?.files.keys.map { $0 } ?? []) + (saved ?? [])
        let load = { @Sendable () -> Result<LoadedFile, RulesError> in
            Result { () throws(RulesError) in try rulesLibrary.load(main) }
        }
        var result = await self.aside(load)
        for _ in 0..<2 {
            guard case .failure = result, names.contains(where: rulesLibrary.isOnItsWay) else { break }
            await self.surroundings.wait()
            result = await self.aside(load)
        }
        return result ?? .failure(RulesError(mistakes: ["The relay is going away."]))
    }

    /// Tells of a save that changes nothing because something is wrong with it. What was refused before, and has
    /// nothing to do with what was saved, is not told again.
    private func refuse(
        _ mains: [String],
        _ mistakes: [String],
        of subject: String,
        saved: Set<String>?,
        since: Instant
    ) -> [ReloadOutcome] {
        let isKnown = mains.allSatisfy { self.refused[$0]?.mistakes == mistakes }
        for main in mains {
            let earlier = self.refused[main].map(\.saved) ?? []
            let all = saved.flatMap { saved in earlier.map { saved.union($0) } }
            self.refused[main] = Refused(mistakes: mistakes, saved: all)
        }
        if isKnown, let saved, !self.concerns(saved, mains, mistakes) { return [] }
        var outcome = self.outcome(subject, .refused, since: since)
        if mains.count == 1 { outcome.from = self.rules.texts[mains[0]]?.version }
        outcome.mistakes = mistakes
        if mains != [subject] { outcome.notes = ["It is part of \(mains.joined(separator: ", "))."] }
        return [outcome]
    }

    private func concerns(_ saved: Set<String>, _ mains: [String], _ mistakes: [String]) -> Bool {
        saved.contains { name in
            mains.contains { $0 == name || self.rules.texts[$0]?.files[name] != nil }
                || mistakes.contains { $0.contains(name) }
        }
    }

    /// What a designer calls it: the file that was saved.
    private func subject(of mains: [String], _ saved: Set<String>?) -> String {
        let names = (saved ?? []).filter { name in
            mains.contains { $0 == name || self.rules.texts[$0]?.files[name] != nil }
        }
        return (names.isEmpty ? mains : names.sorted()).joined(separator: ", ")
    }

    func outcome(_ file: String, _ result: ReloadOutcome.Result, since: Instant) -> ReloadOutcome {
        var outcome = ReloadOutcome(file: file, result: result)
        outcome.milliseconds = since.milliseconds
        return outcome
    }
}

/// Rules that were saved, and that nobody plays by.
struct Refused: Sendable {
    /// `file:line: …` each.
    var mistakes: [String]
    /// Names in the scripts folder that were saved since there were rules to play by; `nil`: any may be among them.
    var saved: Set<String>?
}

extension ContinuousClock.Instant {
    /// Since then.
    var milliseconds: Int { Int(self.duration(to: .now) / .milliseconds(1)) }
}

extension ReloadReport {
    /// Why rooms cannot go on, each reason once.
    fileprivate var mistakes: [String] {
        var rooms: [(text: String, first: RoomKey, count: Int)] = []
        for refusal in self.refusals {
            if let index = rooms.firstIndex(where: { $0.text == refusal.text }) {
                rooms[index].count += 1
            } else {
                rooms.append((refusal.text, refusal.key, 1))
            }
        }
        return rooms.map { text, first, count in
            count == 1 ? "\(text) (room \(first))" : "\(text) (room \(first) and \(count - 1) more)"
        }
    }

    /// What an operator should know of rooms that are not as the others.
    var notes: [String] {
        var notes = self.mistakes.map { "A room keeps its former rules: \($0)" }
        if let first = self.returned.first {
            notes.append("\(self.returned.count) rooms went back from this version before and stay, such as \(first).")
        }
        if self.unreached > 0 {
            notes.append("\(self.unreached) rooms were not reached, for the relay is going away.")
        }
        if let first = self.kept.first {
            notes.append("\(self.kept.count) rooms keep rules of another file until they end, such as \(first).")
        }
        return notes
    }
}
