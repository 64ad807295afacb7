/// What rules answered, in values of its own, to be kept and compared.
package struct RulesAnswer: Hashable, Sendable {
    /// What an effect does to the outside; see ``RoomEffect``.
    package struct Effect: Hashable, Sendable {
        package var kind: RoomEffect.Kind
        package var message: [UInt8] = []
        package var recipients: [ClientID] = []
        package var room: [UInt8] = []
        package var name: [UInt8] = []

        package init(_ kind: RoomEffect.Kind, _ message: [UInt8], recipients: [ClientID] = []) {
            self.kind = kind
            self.message = message
            self.recipients = recipients
        }
    }

    /// What a message of class `latest` is the newest of; see ``LatestKey``.
    package struct Latest: Hashable, Sendable {
        package var type: UInt32
        package var value: [UInt8]?
        package var echoes: Bool

        package init(type: UInt32, value: [UInt8]?, echoes: Bool) {
            self.type = type
            self.value = value
            self.echoes = echoes
        }
    }

    package var verdict: HookOutcome.Verdict
    package var hasReply = false
    package var payload: [UInt8] = []
    package var retryAfterMilliseconds: UInt64 = 0
    package var latest: Latest?
    package var effects: [Effect] = []
    /// When the next timer is due after it, in ``HookContext/uptimeMilliseconds``; `nil`: none is set.
    package var nextTimer: Int64?

    package init(_ verdict: HookOutcome.Verdict) { self.verdict = verdict }

    /// - Parameter rules: Those that answered, asked nothing since.
    package init(_ outcome: HookOutcome, by rules: any RoomRules) {
        self.verdict = outcome.verdict
        self.hasReply = outcome.hasReply
        self.payload = Array(outcome.payload)
        self.retryAfterMilliseconds = outcome.retryAfterMilliseconds
        self.latest = outcome.latest.map {
            Latest(type: $0.type, value: $0.value.map { Array($0) }, echoes: $0.echoes)
        }
        self.effects = (0..<outcome.effectCount).map { Effect(rules.effect(at: $0)) }
        self.nextTimer = rules.nextTimer
    }

    /// The number that a message gets; `nil`: none.
    /// - Parameter lastID: The last that was given before.
    func messageID(of kind: RulesCall.Kind, after lastID: MessageID) -> MessageID? {
        self.verdict.messageID(of: kind, isLatest: self.latest != nil, after: lastID)
    }

    /// Whether the message or the client was let in; of other calls, whether their hook ran well.
    package var isAccepted: Bool {
        switch self.verdict {
        case .relay, .changed, .handled, .dropped: true
        case .rejected, .failed, .unknownType, .invalid, .limited, .switchedOff: false
        }
    }
}

extension RulesAnswer.Effect {
    package init(_ effect: RoomEffect) {
        self.init(effect.kind, Array(effect.message), recipients: Array(effect.recipients))
        self.room = Array(effect.room)
        self.name = Array(effect.name)
    }
}

// MARK: For people

extension RulesAnswer: CustomStringConvertible {
    /// What it decided, on one line, without the effects.
    package var description: String {
        let payload = String(decoding: self.payload, as: UTF8.self)
        func with(_ word: String) -> String { payload.isEmpty ? word : "\(word) {\(payload)}" }
        return switch self.verdict {
        case .relay: self.latest == nil ? "relayed as it was sent" : "relayed as it was sent, as the latest"
        case .changed: "relayed as \(payload)"
        case .handled: self.hasReply ? with("replied") : with("done")
        case .dropped: "dropped"
        case .rejected: with("rejected")
        case .failed: with("failed")
        case .unknownType: "refused: it is of no type of these rules"
        case .invalid: with("refused: not as its schema says")
        case .limited: "refused: sent too often, again in \(self.retryAfterMilliseconds) ms"
        case .switchedOff: "refused: the rules are switched off"
        }
    }
}

extension RulesAnswer.Effect: CustomStringConvertible {
    package var description: String {
        let message = String(decoding: self.message, as: UTF8.self)
        let clients = self.recipients.map(String.init).joined(separator: ", ")
        let room = String(decoding: self.room, as: UTF8.self)
        return switch self.kind {
        case .broadcast: "broadcast \(message)"
        case .send: "send to \(clients): \(message)"
        case .kick: "kick \(clients)" + (message.isEmpty ? "" : ": \(message)")
        case .snapshot: "snapshot to \(clients): {\(message)}"
        case .lock: "lock"
        case .unlock: "unlock"
        case .close: "close" + (message.isEmpty ? "" : ": \(message)")
        case .move: "move \(clients) to \(room): \(message)"
        case .signal: "signal \(String(decoding: self.name, as: UTF8.self)) to \(room): \(message)"
        }
    }
}
