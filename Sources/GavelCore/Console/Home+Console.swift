/// Rooms that somebody types into.
extension Home {
    /// From where a room is now others can go on.
    /// - Returns: `nil` where there is no such room.
    mutating func beginning(of key: RoomKey, at moment: Moment) -> RulesBeginning? {
        guard let place = self.placeToAct(of: key, at: moment) else { return nil }
        return self.rooms[place].beginning(.observed, context: self.moment.context)
    }

    /// Does what somebody typed, as if a client or the rules had done it.
    /// - Returns: `nil` where there is no such room.
    mutating func commit(
        _ input: ConsoleInput,
        to key: RoomKey,
        at moment: Moment
    ) -> Result<ConsoleResult, ConsoleRefusal>? {
        guard let place = self.placeToAct(of: key, at: moment) else { return nil }
        guard let rules = self.rooms[place].rules else {
            return .failure(ConsoleRefusal("The room has no rules."))
        }
        let before = rules.describeState(atMost: StateChange.describedBytes)
        let witness = ConsoleWitness()
        let clock = self.environment.clock
        self.rooms[place].setRules(ObservedRules(rules, observers: [witness], now: clock.monotonic))
        do throws(ConsoleRefusal) {
            try self.execute(input, in: place)
        } catch {
            self.rooms[place].setRules(rules)
            return .failure(error)
        }
        self.rooms[place].setRules(rules)
        self.settle(place, input.client != 0 ? .message : .other)
        guard let (answer, messageID) = witness.answer else {
            return .failure(ConsoleRefusal("The room's rules were not asked."))
        }
        let after = rules.describeState(atMost: StateChange.describedBytes)
        return .success(
            ConsoleResult(answer: answer, messageID: messageID, changes: StateChange.between(before, after))
        )
    }

    private mutating func execute(_ input: ConsoleInput, in place: Int) throws(ConsoleRefusal) {
        switch input {
        case .evaluate(let source):
            self.rooms[place].evaluate(source, context: self.moment.context)
        case .message(let text, let client):
            guard let member = self.rooms[place].list[client] else {
                throw ConsoleRefusal("There is no client \(client) in the room.")
            }
            if member.isAway { throw ConsoleRefusal("Client \(client) is away.") }
            let most = self.rooms[place].policy.messageBytes
            if text.count > most { throw ConsoleRefusal("A message has at most \(most) bytes in this room.") }
            let intake = Intake()
            let message = try intake.scanTyped(text, depth: self.settings.limits.jsonDepth)
            let reception = withExtendedLifetime(intake) {
                self.rooms[place].receive(
                    message,
                    isReserved: false,
                    from: client,
                    at: member.address,
                    context: self.moment.context,
                    share: self.share
                )
            }
            if reception == .postponed { throw ConsoleRefusal("The room is busy at the moment.") }
        }
    }
}

/// Sees what rules answer to what somebody typed. Confined to the room's home loop.
private final class ConsoleWitness: RulesObserver, @unchecked Sendable {
    private(set) var answer: (RulesAnswer, MessageID?)?

    func began(_ beginning: RulesBeginning) {}

    func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
        self.answer = (RulesAnswer(outcome, by: rules), outcome.messageID(of: call))
    }
}
