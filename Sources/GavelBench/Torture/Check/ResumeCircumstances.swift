/// What happened to a relay and a session before a resume, and so what the answer may be.
struct ResumeCircumstances: Sendable {
    var durability: TortureDurability
    /// Whether the room keeps so few messages that some may be gone.
    var hasShortHistory = false
    /// Whether the relay was killed since the connection before.
    var wasKilled = false
    /// Whether it was stopped in good order since then.
    var wasStopped = false

    func admit(_ outcome: ResumeOutcome) -> Bool {
        switch (outcome, self.durability) {
        case (.over, .memory): self.wasKilled || self.wasStopped
        case (.recovered, _): true
        case (.missed("history"), _): self.hasShortHistory
        case (.missed("epoch"), .relaxed), (.over, .relaxed): self.wasKilled
        default: false
        }
    }

    var words: String {
        switch (self.wasKilled, self.wasStopped) {
        case (false, false): "the relay had not stopped"
        case (false, true): "the relay had been stopped"
        case (true, false): "the relay had been killed"
        case (true, true): "the relay had been killed and stopped"
        }
    }
}
