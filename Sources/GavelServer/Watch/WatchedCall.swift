internal import GavelCore

/// What is kept of a call of a room's rules until somebody is told of it: the least work that the room can be kept
/// waiting with.
struct WatchedCall: Sendable {
    enum Kind: Sendable {
        case call(RulesCall.Kind)
        case began(RulesBeginning.Cause)
        case ended
    }

    var kind: Kind
    var wallMilliseconds: Int64
    var client: ClientID = 0
    /// Of a join or a signal.
    var name: [UInt8] = []
    var type: String?
    var verdict: HookOutcome.Verdict?
    /// What the sender is told, if it was refused.
    var error: MessageError?
    /// Of a leave or a close: why; of an evaluation: what was typed; of a beginning: of which rules.
    var text: [UInt8] = []
    var failure: RulesFailure?
    var hook: RulesHook?
    var nanoseconds: UInt64 = 0
    var messageID: MessageID?
    var recipients: Int?
    /// Of the message as it was sent.
    var bytes: Int?
    var message: [UInt8] = []
    var payload: [UInt8] = []
    /// Of the whole of it.
    var payloadBytes = 0
    var effects: [String] = []
    /// Effects that are not among these.
    var moreEffects = 0

    init(_ kind: Kind, at wallMilliseconds: Int64) {
        self.kind = kind
        self.wallMilliseconds = wallMilliseconds
    }

    /// - Parameter most: Bytes of each text.
    init(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules, most: Int) {
        self.init(.call(call.kind), at: call.context.wallMilliseconds)
        self.client = call.client
        self.verdict = outcome.verdict
        self.nanoseconds = call.nanoseconds
        self.hook = rules.lastHook
        if let message = call.message {
            self.type = message.type
            self.bytes = message.text.count
            self.message = Array(message.text.prefix(most))
            self.error = outcome.error
            self.error?.retryAfterMilliseconds =
                outcome.verdict == .limited ? outcome.retryAfterMilliseconds : nil
        }
        self.name = Array((call.signal.map { Array($0.name) } ?? Array(call.name)).prefix(Self.mostName))
        self.text =
            if let reason = call.reason { Array("\(reason)".utf8) } else { Array(call.text.prefix(most)) }
        self.failure = outcome.verdict == .failed && call.kind != .evaluate ? rules.lastFailure : nil
        self.messageID = outcome.messageID(of: call)
        self.payload = Array(outcome.payload.prefix(max(most, Self.mostReason)))
        self.payloadBytes = outcome.payload.count
        for index in 0..<min(outcome.effectCount, Self.mostEffects) {
            self.effects.append(Self.text(of: rules.effect(at: index), most: most))
        }
        self.moreEffects = outcome.effectCount - self.effects.count
    }

    /// Bytes of a name that are shown.
    private static let mostName = 128
    /// Bytes that hold any reason of a refusal.
    private static let mostReason = 2_048
    private static let mostEffects = 8

    private static func text(of effect: RoomEffect, most: Int) -> String {
        let message = String(decoding: effect.message.prefix(most), as: UTF8.self)
        let clients = effect.recipients.prefix(8).map { "\($0)" }.joined(separator: ", ")
        let more = effect.recipients.count > 8 ? " and \(effect.recipients.count - 8) more" : ""
        let parts = [
            "\(effect.kind)", clients + more, String(decoding: effect.name.prefix(Self.mostName), as: UTF8.self),
            effect.room.isEmpty ? "" : "to \(String(decoding: effect.room, as: UTF8.self))", message,
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
