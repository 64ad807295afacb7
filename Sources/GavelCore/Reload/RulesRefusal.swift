/// Why rules cannot go on with what others keep.
package struct RulesRefusal: Error, Hashable, CustomStringConvertible {
    /// For people.
    package var text: String

    package var description: String { self.text }
}

extension RoomRules {
    /// Has rules that were given what others kept go on with it.
    /// - Parameter version: Of the others.
    /// - Returns: What `on_reload` did.
    func takeOver(from version: String, context: HookContext) throws(RulesRefusal) -> HookOutcome {
        if let timer = self.strandedTimers.first {
            let what = "The timer \"\(timer)\" is running, and there is no rules.timers.\(timer)."
            throw RulesRefusal(text: what + " Keep it, or cancel the timer first.")
        }
        let outcome = self.reload(from: version, context: context)
        if outcome.verdict == .failed {
            throw RulesRefusal(text: self.lastFailure.map { "\($0.text) (\($0.hook))" } ?? "on_reload failed.")
        }
        return outcome
    }
}
