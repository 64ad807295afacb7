/// What somebody types into a room's console.
package enum ConsoleInput: Hashable, Sendable {
    /// An expression or statements of the rules' language, UTF-8.
    case evaluate([UInt8])
    /// A JSON object, as a client would send it.
    case message([UInt8], from: ClientID)
}

extension ConsoleInput {
    /// 0: none is concerned.
    var client: ClientID {
        switch self {
        case .evaluate: 0
        case .message(_, let client): client
        }
    }

    /// As the call of rules that it is, valid during `body`.
    func withCall<Value>(
        _ context: HookContext,
        depth: UInt32,
        _ body: (RulesCall) -> Value
    ) throws(ConsoleRefusal) -> Value {
        switch self {
        case .evaluate(let source):
            return source.withUnsafeBytes { text in
                var call = RulesCall(.evaluate, context: context)
                call.text = text
                return body(call)
            }
        case .message(let text, let client):
            let intake = Intake()
            return try withExtendedLifetime(intake) { () throws(ConsoleRefusal) in
                var call = RulesCall(.message, client: client, context: context)
                call.message = try intake.scanTyped(text, depth: depth)
                return body(call)
            }
        }
    }
}

extension Intake {
    /// Scans a message that somebody typed, to be valid as long as this.
    func scanTyped(_ text: [UInt8], depth: UInt32) throws(ConsoleRefusal) -> MessageView {
        do {
            let message = try self.scan(copyOf: text, maximumDepth: depth).get()
            if let error = message.checkEnvelope() { throw error }
            guard message.classify() == .room else { throw MessageError.reservedType }
            return message
        } catch {
            throw ConsoleRefusal("\((error as? MessageError)?.message ?? "This is not JSON.")")
        }
    }
}
