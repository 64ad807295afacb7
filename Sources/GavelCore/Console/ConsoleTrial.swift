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
        // What is typed runs also on rules that are switched off.
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
