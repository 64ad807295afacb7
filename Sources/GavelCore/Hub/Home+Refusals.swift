internal import NIOCore

/// Rooms that the log keeps and that cannot be taken up under their rules.
extension Home {
    /// What was told of such a room, and when.
    struct WakeRefusal {
        /// Of the rules; see ``RulesProvider/identity``.
        var identity: String
        var toldAt: NIODeadline
    }

    /// For how long joins are refused before the log is asked again, which costs it a read and a write.
    private static let refusalTime = TimeAmount.seconds(5)
    /// For how long the same is not told again.
    private static let silence = TimeAmount.minutes(1)

    /// The room stays for a while, though nobody can join it.
    mutating func holdRefused(_ place: Int) {
        self.rooms[place].refusesUntil = self.moment.now + Self.refusalTime
    }

    /// Whoever joins the room next has it tried again.
    mutating func releaseRefused(_ place: Int) {
        guard self.rooms[place].refusesUntil != nil else { return }
        self.rooms[place].refusesUntil = nil
        self.markDirty(place)
    }

    mutating func tellRefusal(_ key: RoomKey, from version: String, to provider: any RulesProvider, _ text: String) {
        let now = self.moment.now
        if let told = self.wakeRefusals[key], told.identity == provider.identity, told.toldAt + Self.silence > now {
            return
        }
        self.wakeRefusals[key] = WakeRefusal(identity: provider.identity, toldAt: now)
        self.environment.tell(.wakeRefused(key: key, from: version, to: provider.version, text: text))
    }

    /// Forgets what may be told again.
    mutating func forgetRefusals(at now: NIODeadline) {
        if self.wakeRefusals.isEmpty { return }
        self.wakeRefusals = self.wakeRefusals.filter { $0.value.toldAt + Self.silence > now }
    }
}
