/// What may change while the relay runs. Each loop holds a copy of its own, and takes up another between two messages.
package struct RelaySettings: Sendable {
    package var limits: RelayLimits
    package var outbound: OutboundLimits
    package var directory: RoomDirectory
    package var probation = ProbationLimits()
    /// Whether `joined` says which version of its rules a room runs.
    package var showsVersions = false

    package init(
        limits: RelayLimits = RelayLimits(),
        outbound: OutboundLimits = OutboundLimits(),
        directory: @escaping RoomDirectory
    ) {
        self.limits = limits
        self.outbound = outbound
        self.directory = directory
    }
}

extension RelaySettings {
    /// Of one room no more than this and one tick's share can be under way: half of what a client may have queued.
    var mailboxLimits: Mailbox.Limits {
        let bytes = self.limits.mailboxBytes
        return Mailbox.Limits(bytes: bytes, roomBytes: min(bytes, self.outbound.hardBytes / 4))
    }

    /// What a room may use of a tick.
    var share: Room.Share { Room.Share(bytes: self.outbound.hardBytes / 4) }
}

/// When a room that was given new rules goes back to those it had.
///
/// The time of trial is over when ``time`` has passed or, where ``messages`` is set, when the room has taken so many,
/// whichever is first.
package struct ProbationLimits: Hashable, Sendable {
    /// Messages after which the new rules stay; `nil`: only the time counts.
    package var messages: Int?
    /// `.zero`: new rules are not on trial.
    package var time: Duration = .seconds(120)
    /// How many hooks must fail in that time, timers and snapshots among them, for the room to go back.
    package var errors = 3

    package init() {}

    package init(messages: Int?, time: Duration, errors: Int) {
        self.messages = messages
        self.time = time
        self.errors = errors
    }
}
