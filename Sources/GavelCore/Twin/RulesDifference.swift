/// In what rules differ from what others answered to the same call.
package struct RulesDifference: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A message, a client or a hook that went well before does not now.
        case refused
        case accepted
        /// Refused before and now, in another way.
        case reason
        /// What is relayed, or whether it is.
        case transformed
        /// What the sender alone is told.
        case reply
        case effects
        /// A timer that only these rules have set ran.
        case ownTimer
        /// A timer that only the others had set ran.
        case missingTimer
        /// What the room keeps.
        case state
    }

    package var kind: Kind
    /// For people, of the others and of these.
    package var before: String
    package var now: String

    package init(_ kind: Kind, before: String, now: String) {
        self.kind = kind
        self.before = before
        self.now = now
    }
}

extension RulesAnswer {
    /// In what `now` differs from this, the answer of others to the same call. What an error says in words is no
    /// difference, and neither are timers: these differ from one call to the next until they have run.
    package func differences(to now: RulesAnswer) -> [RulesDifference] {
        var found: [RulesDifference] = []
        func note(_ kind: RulesDifference.Kind) {
            found.append(RulesDifference(kind, before: self.description, now: now.description))
        }
        switch (self.isAccepted, now.isAccepted) {
        case (true, false): note(.refused)
        case (false, true): note(.accepted)
        case (false, false):
            let isSame = self.verdict == now.verdict && (self.verdict == .failed || self.payload == now.payload)
            if !isSame || self.retryAfterMilliseconds != now.retryAfterMilliseconds { note(.reason) }
        case (true, true):
            if self.verdict == .handled, now.verdict == .handled {
                if self.payload != now.payload || self.hasReply != now.hasReply { note(.reply) }
            } else if self.verdict != now.verdict || self.payload != now.payload || self.latest != now.latest {
                note(.transformed)
            }
        }
        if self.effects != now.effects {
            found.append(RulesDifference(.effects, before: self.effectLines(but: now), now: now.effectLines(but: self)))
        }
        return found
    }

    /// Its effects from the first on that another has not at that place, a line each.
    private func effectLines(but other: RulesAnswer) -> String {
        let same = zip(self.effects, other.effects).prefix { $0 == $1 }.count
        let rest = self.effects[same...]
        return rest.isEmpty ? "nothing" : rest.map(\.description).joined(separator: "\n")
    }
}
