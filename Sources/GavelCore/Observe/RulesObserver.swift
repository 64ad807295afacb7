/// Looks on at what the rules of a room are asked and what they answer: a recorder, a shadow, an inspector.
///
/// Called on the room's home loop, in the order in which things happen in the room, and must not keep it waiting. What
/// is passed is valid during the call.
package protocol RulesObserver: AnyObject, Sendable {
    /// From here on these rules are asked.
    func began(_ beginning: RulesBeginning)

    /// The rules were asked something, and what they recorded has not happened yet.
    /// - Parameter rules: For ``RoomRules/effect(at:)``, ``RoomRules/lastFailure`` and ``RoomRules/nextTimer``; to be
    ///   asked nothing that changes them.
    func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules)

    /// The room is over, sleeps, or was given up; nothing more comes of this life of it.
    func ended(_ key: RoomKey)
}

extension RulesObserver {
    package func ended(_ key: RoomKey) {}
}

/// With what rules begin, so that others can go on from there too.
package struct RulesBeginning: Sendable {
    package enum Cause: String, Sendable {
        /// The room is new; ``RulesCall/Kind/create`` comes next.
        case created
        /// The log kept it.
        case woken
        /// Somebody begins to look on.
        case observed
        /// They took over from rules of another version.
        case reloaded
        /// They had to give way, and are back.
        case rolledBack
        /// They go on; a recording begins a new segment.
        case continued
    }

    package var cause: Cause
    package var key: RoomKey
    /// `nil`: a room without rules.
    package var provider: (any RulesProvider)?
    /// All that they keep; `nil`: there was no memory for it.
    package var copy: [UInt8]?
    /// How much of their rates is used.
    package var rates: [UInt8]
    /// The clients that they know of, upward.
    package var clients: [RestoredClient]
    /// When their next timer is due, as ``RoomRules/nextTimer`` tells it.
    package var nextTimer: Int64?
    /// Whether they run no hook any more.
    package var isSwitchedOff: Bool
    package var context: HookContext

    package init(
        _ cause: Cause,
        _ key: RoomKey,
        of provider: (any RulesProvider)?,
        _ rules: any RoomRules,
        clients: [RestoredClient],
        context: HookContext
    ) {
        self.cause = cause
        self.key = key
        self.provider = provider
        self.copy = rules.copy(at: context.uptimeMilliseconds)
        self.rates = rules.copyRates()
        self.clients = clients
        self.nextTimer = rules.nextTimer
        self.isSwitchedOff = rules.isSwitchedOff
        self.context = context
    }

    /// Of what was kept elsewhere.
    init(
        _ cause: Cause,
        _ key: RoomKey,
        of provider: (any RulesProvider)?,
        copy: [UInt8]?,
        rates: [UInt8],
        clients: [RestoredClient],
        nextTimer: Int64?,
        context: HookContext
    ) {
        self.cause = cause
        self.key = key
        self.provider = provider
        self.copy = copy
        self.rates = rates
        self.clients = clients
        self.nextTimer = nextTimer
        self.isSwitchedOff = false
        self.context = context
    }
}

/// What rules were asked.
package struct RulesCall {
    package enum Kind: String, Sendable {
        case create, join, message, leave, drop, resume, timer, signal, reload, close
        /// Somebody typed something that counts.
        case evaluate
    }

    package var kind: Kind
    /// 0: no client is concerned.
    package var client: ClientID = 0
    /// Of a join or a message.
    package var message: MessageView?
    /// Of a join, UTF-8.
    package var name: UnsafeRawBufferPointer = .empty
    /// Of a join: what another room's rules sent along.
    package var moved: UnsafeRawBufferPointer?
    /// Of a leave.
    package var reason: LeaveReason?
    /// Of a resume.
    package var isRecovered = false
    package var signal: Signal?
    /// Of a close: why; of a reload: from which version; of an evaluation: what was typed. UTF-8.
    package var text: UnsafeRawBufferPointer = .empty
    package var context: HookContext
    /// How long the answer took.
    package var nanoseconds: UInt64 = 0

    package init(_ kind: Kind, client: ClientID = 0, context: HookContext) {
        self.kind = kind
        self.client = client
        self.context = context
    }
}

extension HookOutcome {
    /// What the sender of a message or a join is told, but for the payload; `nil`: it was not refused.
    package var error: MessageError? {
        switch self.verdict {
        case .relay, .changed, .handled, .dropped: nil
        case .rejected: .rejected
        case .failed: .rulesFailed
        case .unknownType: .unknownType
        case .invalid: .schemaUnmet
        case .limited: .typeLimited
        case .switchedOff: .rulesSwitchedOff
        }
    }

    /// The number that a message gets; `nil`: none.
    package func messageID(of call: RulesCall) -> MessageID? {
        self.verdict.messageID(of: call.kind, isLatest: self.latest != nil, after: call.context.lastID)
    }
}

extension HookOutcome.Verdict {
    /// The number that a message gets; `nil`: none.
    /// - Parameter lastID: The last that was given before.
    func messageID(of kind: RulesCall.Kind, isLatest: Bool, after lastID: MessageID) -> MessageID? {
        kind == .message && !isLatest && (self == .relay || self == .changed) ? lastID &+ 1 : nil
    }
}
