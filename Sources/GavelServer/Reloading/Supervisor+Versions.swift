internal import Foundation

extension Supervisor {
    /// Puts a version that is kept in force again.
    func goBack(_ main: String, to version: String?, since: Instant) async -> ReloadOutcome {
        guard self.rules.texts[main] != nil else {
            return self.refusal(main, "there are no rules of this name in force.", since)
        }
        guard let text = self.shelf.find(version, of: main) else {
            let names = self.shelf.versions(of: main).map(\.text.version).joined(separator: ", ")
            let what = version.map { "no one version that begins with \($0) is kept" } ?? "no earlier version is kept"
            return self.refusal(main, "\(what). There are: \(names).", since)
        }
        guard text.version != self.rules.texts[main]?.version else {
            return self.outcome(main, .unchanged, since: since)
        }
        let rulesLibrary = self.rulesLibrary
        let loaded = await self.aside {
            Result { () throws(RulesError) in try rulesLibrary.load(main, from: text) }
        }
        switch loaded {
        case nil:
            return self.refusal(main, "the relay is going away.", since)
        case .failure(let error):
            return self.refusal(main, error.mistakes, since)
        case .success(let file):
            switch await self.putInForce([file], since: since) {
            case .success(let outcomes): return outcomes[0]
            case .failure(let error): return self.refusal(main, error.mistakes, since)
            }
        }
    }

    private func refusal(_ main: String, _ mistake: String, _ since: Instant) -> ReloadOutcome {
        self.refusal(main, ["\(main): \(mistake)"], since)
    }

    private func refusal(_ main: String, _ mistakes: [String], _ since: Instant) -> ReloadOutcome {
        var outcome = self.outcome(main, .refused, since: since)
        outcome.from = self.rules.texts[main]?.version
        outcome.mistakes = mistakes
        return outcome
    }
}
