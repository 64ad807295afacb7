internal import GavelCore
internal import Logging

extension Supervisor {
    /// Tells each outcome once.
    /// - Parameter asked: Whether somebody asked for all files, and not for one: then those that are as they were are
    ///   told together.
    func log(_ outcomes: [ReloadOutcome], asked: Bool) {
        var unchanged: [String] = []
        for outcome in outcomes {
            if asked, outcome.result == .unchanged, outcome.notes.isEmpty, outcome.waiting.isEmpty {
                unchanged.append(outcome.file)
            } else {
                self.log(outcome)
            }
        }
        if !unchanged.isEmpty {
            self.logger.info("nothing changed", metadata: ["files": .array(unchanged.map { "\($0)" })])
        }
    }

    private func log(_ outcome: ReloadOutcome) {
        var metadata: Logger.Metadata = ["file": "\(outcome.file)"]
        metadata["notes"] = Self.list(outcome.notes)
        if !outcome.waiting.isEmpty {
            self.logger.warning(
                "settings that wait for a restart",
                metadata: ["file": "\(outcome.file)", "keys": Self.list(outcome.waiting) ?? ""]
            )
        }
        switch outcome.result {
        case .unchanged:
            if !outcome.waiting.isEmpty { return }
            self.logger.info("nothing changed", metadata: metadata)
        case .applied:
            metadata["from"] = outcome.from.map { "\($0)" }
            metadata["to"] = outcome.to.map { "\($0)" }
            metadata["rooms"] = outcome.rooms.map { "\($0)" }
            metadata["ms"] = "\(outcome.milliseconds)"
            metadata["changes"] = Self.list(outcome.changes)
            self.logger.info("in force", metadata: metadata)
        case .refused:
            metadata["version"] = outcome.from.map { "\($0)" }
            metadata["mistakes"] = Self.list(outcome.mistakes)
            self.logger.warning("refused, everything stays as it was", metadata: metadata)
        }
    }

    /// - Returns: `nil` where there are none.
    private static func list(_ texts: [String]) -> Logger.MetadataValue? {
        texts.isEmpty ? nil : .array(texts.map { "\($0.replacing("\n", with: ""))" })
    }
}

extension RelayEvent {
    /// Tells whoever writes the rules what the relay decided about a room's.
    func log(to logger: Logger) {
        switch self {
        case .rolledBack(let rollback):
            logger.warning("\(rollback.message)", metadata: rollback.metadata)
        case .wakeRefused(let key, let from, let to, let text):
            logger.warning(
                "a room that the log keeps cannot go on under its new rules, and nobody can join it",
                metadata: ["room": "\(key)", "from": "\(from)", "to": "\(to)", "error": "\(text)"]
            )
        case .recordingRefused(let key, let bytes, let limitBytes):
            var metadata: Logger.Metadata = ["room": "\(key)", "limit": "\(limitBytes)"]
            metadata["bytes"] = bytes.map { "\($0)" }
            logger.warning(
                "a room is not recorded, as what its rules keep takes more than half of its recording",
                metadata: metadata
            )
        }
    }
}

extension Rollback {
    fileprivate var message: String {
        switch self.way {
        case .state: "new rules failed too often, and the room went back to those before, with all that it kept"
        case .snapshot: "new rules failed too often, and the room went back to those before, as it was at the reload"
        case .none: "new rules failed too often, and the room cannot go back to those before"
        }
    }

    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["room": "\(self.key)", "from": "\(self.from)", "to": "\(self.to)"]
        metadata["error"] = self.failure.map { "\($0.text)" }
        metadata["hook"] = self.failure.map { "\($0.hook)" }
        metadata["state"] = self.stateText.map { "\($0)" }
        metadata["snapshot"] = self.snapshotText.map { "\($0)" }
        if self.way == .snapshot {
            metadata["lost"] = "what the rules kept of messages \(self.lastID.before + 1) to \(self.lastID.now)"
            if !self.newcomers.isEmpty { metadata["newcomers"] = .array(self.newcomers.map { "\($0)" }) }
        }
        return metadata
    }
}
