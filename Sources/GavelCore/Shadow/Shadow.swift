/// Rules that see what a room's rules are asked, on a copy of what those keep, and whose effects go nowhere.
///
/// Beside them run rules of the room's own version, which are asked the same: so what both keep can be compared without
/// asking the room. Confined to one thread at a time.
package final class Shadow {
    /// What there is to tell.
    package enum Finding: Sendable {
        /// It goes on from where the room was.
        case began(ShadowBeginning)
        case difference(ShadowDifference)
        /// The room runs this very version; nothing follows.
        case same
        /// It cannot go on; for people.
        case ended(String)
    }

    /// Hooks that spent their budget at which a shadow ends.
    package static let mostStops = 10

    private let provider: any RulesProvider
    /// `nil`: it has not begun, or cannot go on.
    private var twin: RulesTwin?
    /// Of the room's own version; `nil`: the room has no rules.
    private var original: RulesTwin?
    /// Places at which what both keep differs, told already.
    private var known: Set<String> = []
    private var stops = 0
    /// Calls since what both keep was compared.
    private var uncompared = 0
    package private(set) var tally = ShadowTally()

    /// Calls after which states are compared though more calls wait.
    private static let mostUncompared = 64

    package init(_ provider: any RulesProvider) {
        self.provider = provider
    }

    /// Follows the room.
    /// - Parameter isBehind: Whether more waits: then what both keep is compared now and then only.
    package func take(_ event: ShadowFeed.Event, isBehind: Bool) -> [Finding] {
        switch event {
        case .began(let beginning): self.begin(beginning)
        case .call(let call): self.follow(call, isBehind: isBehind)
        }
    }

    private func end(_ text: String) -> [Finding] {
        (self.twin, self.original) = (nil, nil)
        return [.ended(text)]
    }

    private func begin(_ beginning: RulesBeginning) -> [Finding] {
        if beginning.provider?.identity == self.provider.identity {
            (self.twin, self.original) = (nil, nil)
            return [.same]
        }
        do throws(RulesRefusal) {
            self.twin = try RulesTwin(beginning, of: self.provider)
            self.original = nil
            // The room's own rules have told it already.
            if let own = beginning.provider { self.original = try RulesTwin(beginning, of: own.silent) }
        } catch {
            return self.end("It cannot go on from where the room is: \(error.text)")
        }
        self.known = []
        let changes = self.newChanges()
        return [
            .began(
                ShadowBeginning(
                    cause: beginning.cause,
                    from: beginning.provider?.version,
                    to: self.provider.version,
                    lastID: beginning.context.lastID,
                    reload: self.twin?.reload,
                    changes: changes
                )
            )
        ]
    }

    private func follow(_ call: KeptCall, isBehind: Bool) -> [Finding] {
        guard let twin = self.twin, call.kind != .reload else { return [] }
        let failures = twin.rules.failureCount
        var due: Int64?
        if let original = self.original {
            due = original.rules.nextTimer
            _ = call.withCall { original.follow($0, answered: call.answer, due: due, stop: call.stop) }
        }
        let step = call.withCall { twin.follow($0, answered: call.answer, due: due) }
        let messageID = call.answer.messageID(of: call.kind, after: call.context.lastID)
        var difference = ShadowDifference(call, messageID: messageID)
        difference.differences = step.differences(from: call, due: due)
        difference.departures = step.departures.map(\.client)
        self.uncompared += 1
        if !isBehind || self.uncompared >= Self.mostUncompared { difference.changes = self.newChanges() }
        if twin.rules.failureCount > failures { difference.failure = twin.rules.lastFailure }
        self.tally.count(difference, isMessage: call.kind == .message)
        self.tally.statePlaces = self.known.count
        var findings: [Finding] = difference.isEmpty ? [] : [.difference(difference)]
        if step.answer != nil, let stop = twin.rules.lastStop {
            self.stops += 1
            if self.stops >= Self.mostStops {
                let place = stop.line.map { "\(stop.file):\($0)" } ?? stop.file
                findings += self.end("It spent its budget \(self.stops) times, at last at \(place): \(stop.text)")
                return findings
            }
        }
        if call.isSwitchedOff { return findings + self.end("The rules of the room are switched off.") }
        if twin.isClosed, call.kind != .close { findings += self.end("By its rules the room is closed.") }
        return findings
    }

    /// Places at which what both keep differs since the last time.
    private func newChanges() -> [StateChange] {
        self.uncompared = 0
        guard let original, let twin else { return [] }
        let most = StateChange.describedBytes
        let all = StateChange.between(
            original.rules.describeState(atMost: most),
            twin.rules.describeState(atMost: most)
        )
        defer { self.known = Set(all.map(\.path)) }
        return all.filter { !self.known.contains($0.path) }
    }
}
@available(*, unavailable)
extension Shadow: Sendable {}

extension RulesTwin.Step {
    /// In what it differs from what the room's rules did.
    fileprivate func differences(from call: KeptCall, due: Int64?) -> [RulesDifference] {
        var found = self.ownTimers.map { answer in
            RulesDifference(.ownTimer, before: "no timer", now: answer.description)
        }
        if let answer = self.answer {
            found += call.answer.differences(to: answer)
        } else if call.kind == .timer, due != nil {
            found.append(RulesDifference(.missingTimer, before: call.answer.description, now: "no timer"))
        }
        return found
    }
}
