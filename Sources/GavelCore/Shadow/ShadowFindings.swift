/// How a shadow goes on from where its room was.
package struct ShadowBeginning: Sendable {
    package var cause: RulesBeginning.Cause
    /// The version that the room runs; `nil`: it has no rules.
    package var from: String?
    /// The shadow's.
    package var to: String
    /// The last number given in the room.
    package var lastID: MessageID
    /// What `on_reload` did; `nil`: it was not run.
    package var reload: RulesAnswer?
    /// What it keeps otherwise than the room from the start: by its `on_reload`.
    package var changes: [StateChange]
}

/// A call to which a shadow's rules answered otherwise than the room's, or after which they keep something else.
package struct ShadowDifference: Sendable {
    package var kind: RulesCall.Kind
    /// 0: no client is concerned.
    package var client: ClientID
    /// As the client sent it; `nil`: it is no message.
    package var message: [UInt8]?
    /// The number that it got in the room; `nil`: none.
    package var messageID: MessageID?
    /// The last number given in the room before it.
    package var lastID: MessageID
    package var differences: [RulesDifference] = []
    /// Places that differ from now on: of the room's rules before, of the shadow's now.
    package var changes: [StateChange] = []
    /// Clients that only the shadow's rules sent away.
    package var departures: [ClientID] = []
    /// A hook of the shadow's that failed.
    package var failure: RulesFailure?

    init(_ call: KeptCall, messageID: MessageID?) {
        self.kind = call.kind
        self.client = call.client
        self.message = call.kind == .message ? call.message : nil
        self.messageID = messageID
        self.lastID = call.context.lastID
    }

    var isEmpty: Bool {
        self.differences.isEmpty && self.changes.isEmpty && self.departures.isEmpty
    }
}

/// How much a shadow has seen.
package struct ShadowTally: Hashable, Sendable {
    /// All that the room's rules were asked, messages among it.
    package var calls = 0
    package var messages = 0
    /// Calls with a difference.
    package var different = 0
    /// By their kind.
    package var kinds: [RulesDifference.Kind: Int] = [:]
    /// Hooks of the shadow's that failed.
    package var failures = 0
    /// Places at which what both keep differs now.
    package var statePlaces = 0

    mutating func count(_ difference: ShadowDifference, isMessage: Bool) {
        self.calls += 1
        if isMessage { self.messages += 1 }
        if difference.failure != nil { self.failures += 1 }
        if difference.isEmpty { return }
        self.different += 1
        for kind in Set(difference.differences.map(\.kind)) { self.kinds[kind, default: 0] += 1 }
        if !difference.changes.isEmpty { self.kinds[.state, default: 0] += 1 }
    }
}
