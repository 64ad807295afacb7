/// A call of a room's rules and what they answered, in values of its own, to be looked at on another thread.
package struct KeptCall: Sendable {
    package let kind: RulesCall.Kind
    package let client: ClientID
    /// Of a join or a message; `nil`: none.
    package let message: [UInt8]?
    package let answer: RulesAnswer
    /// How the call was stopped; `nil`: it was not.
    package let stop: HookStop?
    /// Whether the rules run no hook any more.
    let isSwitchedOff: Bool
    package let context: HookContext
    private let name: [UInt8]
    private let moved: [UInt8]?
    private let reason: LeaveReason?
    private let isRecovered: Bool
    private let signal: Signal?
    private let text: [UInt8]

    package init(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
        self.kind = call.kind
        self.client = call.client
        self.message = call.message.map { Array($0.text) }
        self.name = Array(call.name)
        self.moved = call.moved.map { Array($0) }
        self.reason = call.reason
        self.isRecovered = call.isRecovered
        self.signal = call.signal
        self.text = Array(call.text)
        self.context = call.context
        self.answer = RulesAnswer(outcome, by: rules)
        self.stop = rules.lastStop
        self.isSwitchedOff = rules.isSwitchedOff
    }

    /// About what it takes, in bytes.
    var weight: Int {
        let effects = self.answer.effects.reduce(0) { $0 + $1.message.count + $1.recipients.count * 4 + 96 }
        return 512 + (self.message?.count ?? 0) + (self.moved?.count ?? 0) + self.text.count
            + (self.signal?.weight ?? 0) + self.answer.payload.count + effects
    }

    /// As it was asked, valid during `body`.
    func withCall<Value>(_ body: (RulesCall) -> Value) -> Value {
        var call = RulesCall(self.kind, client: self.client, context: self.context)
        call.reason = self.reason
        call.isRecovered = self.isRecovered
        call.signal = self.signal
        let intake = Intake()
        return withExtendedLifetime(intake) {
            // It was scanned before, and found sound.
            if let message = self.message { call.message = try? intake.scan(copyOf: message, maximumDepth: .max).get() }
            return self.name.withUnsafeBytes { name in
                call.name = name
                return self.text.withUnsafeBytes { text in
                    call.text = text
                    guard let moved = self.moved else { return body(call) }
                    return moved.withUnsafeBytes {
                        call.moved = $0
                        return body(call)
                    }
                }
            }
        }
    }
}
