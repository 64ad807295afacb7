/// What somebody types into a room's console.
package enum ConsoleInput: Hashable, Sendable {
    /// An expression or statements of the rules' language, UTF-8.
    case evaluate([UInt8])
    /// A JSON object, as a client would send it.
    case message([UInt8], from: ClientID)
}

/// Why it was not done. For people: whole sentences.
package struct ConsoleRefusal: Error, Hashable, CustomStringConvertible {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { self.text }
}

/// What came of it.
package struct ConsoleResult: Hashable, Sendable {
    package struct Departure: Hashable, Sendable {
        package var client: ClientID
        package var answer: RulesAnswer
    }

    package var answer: RulesAnswer
    /// The number that a message gets; `nil`: none.
    package var messageID: MessageID?
    /// What hooks did of clients that it sent away.
    package var departures: [Departure] = []
    package var changes: [StateChange]
}

/// Tries out on rules that go on from where those of a room are what would come of something; the room hears nothing.
package struct ConsoleTrial {
    /// - Parameters:
    ///   - beginning: Of the room.
    ///   - provider: Makes the rules to try it on.
    ///   - depth: Of a message's JSON, at most.
    package static func run(
        _ input: ConsoleInput,
        on beginning: RulesBeginning,
        by provider: any RulesProvider,
        depth: UInt32
    ) throws(ConsoleRefusal) -> ConsoleResult {
        var beginning = beginning
        // What is typed runs there, too.
        if case .evaluate = input { beginning.isSwitchedOff = false }
        let twin: RulesTwin
        do {
            twin = try RulesTwin(beginning, of: provider)
        } catch {
            throw ConsoleRefusal("The room cannot be copied: \(error.text)")
        }
        let before = twin.rules.describeState(atMost: StateChange.describedBytes)
        let context = beginning.context
        let (step, messageID) = try input.withCall(context, depth: depth) { call in
            let step = twin.follow(call, answered: RulesAnswer(.relay), due: nil)
            return (step, step.answer?.messageID(of: call.kind, after: context.lastID))
        }
        guard let answer = step.answer else {
            throw ConsoleRefusal("There is no client \(input.client) in the room.")
        }
        return ConsoleResult(
            answer: answer,
            messageID: messageID,
            departures: step.departures.map { ConsoleResult.Departure(client: $0.client, answer: $0.answer) },
            changes: StateChange.between(before, twin.rules.describeState(atMost: StateChange.describedBytes))
        )
    }
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
