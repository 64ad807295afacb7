internal import CGavelLua
internal import GavelCore
internal import Logging

extension ScriptRoomRules {
    /// After a hook that failed: counts it if it spent its budget, and switches the rules off where that happened too
    /// often.
    func countStrike(_ context: HookContext) {
        let spent = [GL_ERROR_STEPS, GL_ERROR_TIME, GL_ERROR_MEMORY, GL_ERROR_EFFECTS].map(Int32.init)
        guard self.strikes != nil, spent.contains(gl_last_error(self.engine.pointer).pointee.kind),
            self.strikes!.add(at: context.uptimeMilliseconds)
        else { return }
        self.isSwitchedOff = true
        self.logger.error(
            "the rules of a room are switched off: they spent their budget too often",
            metadata: [
                "room": "\(self.key)",
                "rules": "\(self.engine.name)",
                "hook": "\(self.engine.lastHook)",
                "times": "\(self.strikes!.most)",
                "seconds": "\(Strikes.period / 1000)",
                "on_strikes": "\(self.onStrikes.rawValue)",
            ]
        )
    }

    /// What is answered for rules that are switched off; `nil`: they are not.
    @inline(__always)
    func answerWhenOff(_ answer: HookOutcome.Verdict, _ context: HookContext) -> HookOutcome? {
        guard self.isSwitchedOff else { return nil }
        self.wasUnheard = true
        if context.uptimeMilliseconds >= self.repeatsOver { self.tellRepeats(context) }
        return HookOutcome(answer)
    }

    /// For a join or a message.
    var verdictWhenOff: HookOutcome.Verdict {
        self.onStrikes == .relay ? .relay : .switchedOff
    }
}
