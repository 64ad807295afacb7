internal import GavelAdmin

/// The rules of a running relay, as operators have to do with them.
struct SupervisedRules: RulesOperations {
    private let supervisor: Supervisor

    init(_ supervisor: Supervisor) {
        self.supervisor = supervisor
    }

    func reload() async -> [FileOutcome] {
        await self.supervisor.reload().map { FileOutcome($0) }
    }

    func versions() async -> [RulesHistory] {
        await self.supervisor.versions().map { file in
            RulesHistory(
                file.file,
                versions: file.versions.map { .init($0.version, since: Int($0.since), files: $0.files) },
                refused: file.refused
            )
        }
    }

    func rollBack(_ file: String, to version: String?) async -> FileOutcome {
        FileOutcome(await self.supervisor.rollBack(file, to: version))
    }
}

extension FileOutcome {
    fileprivate init(_ outcome: ReloadOutcome) {
        self.init(outcome.file, Result(outcome.result))
        (self.from, self.to, self.rooms, self.milliseconds) =
            (outcome.from, outcome.to, outcome.rooms, outcome.milliseconds)
        (self.mistakes, self.notes, self.changes, self.waiting) =
            (outcome.mistakes, outcome.notes, outcome.changes, outcome.waiting)
    }
}

extension FileOutcome.Result {
    fileprivate init(_ result: ReloadOutcome.Result) {
        self =
            switch result {
            case .applied: .applied
            case .unchanged: .unchanged
            case .refused: .refused
            }
    }
}
