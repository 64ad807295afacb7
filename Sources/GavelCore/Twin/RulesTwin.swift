/// Rules that go on from where those of a room were, beside them, and whose effects go nowhere: of another version, to
/// see what it would do, or of the same.
///
/// Confined to one thread at a time, as its rules are.
package final class RulesTwin {
    /// What came of a call.
    package struct Step {
        /// `nil`: it does not concern these rules, as the client is not in the room by them, or no timer is due.
        package var answer: RulesAnswer?
        /// What timers did before that only these rules had set.
        package var ownTimers: [RulesAnswer] = []
        /// The client that only these rules sent away, and what came of its leave.
        package var departures: [(client: ClientID, answer: RulesAnswer)] = []
    }

    package let rules: any RoomRules
    /// What `on_reload` did; `nil`: it was not run.
    package private(set) var reload: RulesAnswer?
    /// Whether the rules closed the room: they are to be asked nothing more.
    package private(set) var isClosed = false
    /// By these rules.
    private var clients: Set<ClientID>
    /// Timers that run before one call, at most: rules could set them without end.
    private static let mostOwnTimers = 1000

    /// Makes rules of the provider go on from a beginning, as in a reload where they are not the same.
    /// - Throws: What keeps them from it, with file and line.
    package init(_ beginning: RulesBeginning, of provider: any RulesProvider) throws(RulesRefusal) {
        self.clients = Set(beginning.clients.map(\.id))
        guard let copy = beginning.copy else {
            throw RulesRefusal(text: "there was no memory to copy what the room keeps.")
        }
        // A copy does not say so, and would hear what the room's rules do not.
        guard !beginning.isSwitchedOff else { throw RulesRefusal(text: "the rules of the room are switched off.") }
        do {
            self.rules = try provider.makeRules(for: beginning.key)
            let context = beginning.context
            guard let before = beginning.provider else {
                // Rules for a room that had none: they begin in it.
                try self.rules.restore(beginning.clients, copy: nil, changes: [], context: context)
                if beginning.cause != .created { _ = self.rules.create(context: context) }
                return
            }
            try copy.withUnsafeBytes { [rules] in
                try rules.restore(beginning.clients, copy: $0, changes: [], context: context)
            }
            self.rules.restoreRates(beginning.rates)
            if beginning.cause != .created, before.identity != provider.identity {
                let outcome = try self.rules.takeOver(from: before.version, context: context)
                self.reload = RulesAnswer(outcome, by: self.rules)
            }
        } catch let refusal as RulesRefusal {
            throw refusal
        } catch {
            throw RulesRefusal(text: "\(error)")
        }
    }

    /// Lets the rules answer a call that others were asked.
    /// - Parameters:
    ///   - answer: Of the others.
    ///   - due: When the next timer of the others was due before the call, as ``RoomRules/nextTimer`` tells it.
    ///   - stop: How their call was stopped, where these rules are to be stopped likewise.
    package func follow(
        _ call: RulesCall,
        answered answer: RulesAnswer,
        due: Int64?,
        stop: HookStop? = nil
    ) -> Step {
        var step = Step()
        guard !self.isClosed else { return step }
        self.runOwnTimers(before: call, due: due, &step)
        guard !self.isClosed, self.concerns(call) else { return step }
        if let stop { self.rules.stopNext(stop) }
        let now = RulesAnswer(self.ask(call), by: self.rules)
        step.answer = now
        self.noteClients(call, answer, now, &step)
        return step
    }

    /// Asks the rules what others were asked, and notes nothing.
    package func ask(_ call: RulesCall) -> HookOutcome {
        let (rules, context) = (self.rules, call.context)
        switch call.kind {
        case .create: return rules.create(context: context)
        case .join:
            guard let message = call.message else { return HookOutcome(.relay) }
            return rules.join(call.client, name: call.name, message: message, moved: call.moved, context: context)
        case .message:
            guard let message = call.message else { return HookOutcome(.relay) }
            return rules.message(message, from: call.client, context: context)
        case .leave: return rules.leave(call.client, reason: call.reason ?? .lost, context: context)
        case .drop: return rules.drop(call.client, context: context)
        case .resume: return rules.resume(call.client, recovered: call.isRecovered, context: context)
        case .timer: return rules.timer(context: context)
        case .signal:
            guard let signal = call.signal else { return HookOutcome(.relay) }
            return rules.signal(signal, context: context)
        case .reload: return HookOutcome(.relay)
        case .close: return rules.close(reason: call.text, context: context)
        case .evaluate: return rules.evaluate(Array(call.text), context: context)
        }
    }

    /// A timer that both have set runs when that of the others does.
    private func runOwnTimers(before call: RulesCall, due: Int64?, _ step: inout Step) {
        for _ in 0..<Self.mostOwnTimers {
            guard !self.isClosed, let next = self.rules.nextTimer, next <= call.context.uptimeMilliseconds,
                due.map({ next < $0 }) ?? true
            else { return }
            var context = call.context
            context.wallMilliseconds &-= context.uptimeMilliseconds &- next
            context.uptimeMilliseconds = next
            let answer = RulesAnswer(self.rules.timer(context: context), by: self.rules)
            step.ownTimers.append(answer)
            self.sendAway(answer, but: [], context, &step)
        }
    }

    private func concerns(_ call: RulesCall) -> Bool {
        switch call.kind {
        case .message, .leave, .drop, .resume: return self.clients.contains(call.client)
        case .timer: return self.rules.nextTimer.map { $0 <= call.context.uptimeMilliseconds } ?? false
        case .reload: return false
        // Clients are numbered upward; what was recorded may be damaged.
        case .join: return call.client > self.clients.max() ?? 0
        case .create, .signal, .close, .evaluate: return true
        }
    }

    private func noteClients(_ call: RulesCall, _ before: RulesAnswer, _ now: RulesAnswer, _ step: inout Step) {
        if call.kind == .leave { self.clients.remove(call.client) }
        if call.kind == .join, now.isAccepted {
            self.clients.insert(call.client)
            // Nothing more is heard of it, and another gets its number.
            if !before.isAccepted { self.leave(call.client, .lost, call.context, &step) }
        }
        self.sendAway(now, but: before.effects, call.context, &step)
    }

    /// Has clients leave whom these rules sent away and the others did not, whose leave comes as a call.
    private func sendAway(
        _ answer: RulesAnswer,
        but others: [RulesAnswer.Effect],
        _ context: HookContext,
        _ step: inout Step
    ) {
        let gone = Set(others.filter { $0.kind == .kick || $0.kind == .move }.flatMap(\.recipients))
        if answer.effects.contains(where: { $0.kind == .close }) {
            self.isClosed = !others.contains { $0.kind == .close }
        }
        for effect in answer.effects where effect.kind == .kick || effect.kind == .move {
            for client in effect.recipients where !gone.contains(client) && self.clients.contains(client) {
                self.leave(client, effect.kind == .kick ? .kicked : .moved, context, &step)
            }
        }
    }

    private func leave(_ client: ClientID, _ reason: LeaveReason, _ context: HookContext, _ step: inout Step) {
        self.clients.remove(client)
        let answer = RulesAnswer(self.rules.leave(client, reason: reason, context: context), by: self.rules)
        step.departures.append((client, answer))
        // Those that this sends away go too; each client goes but once.
        self.sendAway(answer, but: [], context, &step)
    }
}
@available(*, unavailable)
extension RulesTwin: Sendable {}
