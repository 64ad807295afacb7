/// What runs the rules but for messages and members.
extension Room {
    /// Runs the timer that is due.
    mutating func runTimer(context: HookContext) {
        guard let rules = self.rules else { return }
        let outcome = rules.timer(context: self.complete(context))
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    /// Lets the rules hear a signal of another room.
    mutating func hear(_ signal: Signal, context: HookContext) {
        guard let rules = self.rules else { return }
        let outcome = rules.signal(signal, context: self.complete(context))
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    /// Runs what somebody typed.
    mutating func evaluate(_ source: [UInt8], context: HookContext) {
        guard let rules = self.rules else { return }
        let outcome = rules.evaluate(source, context: self.complete(context))
        self.apply(effects: 0..<outcome.effectCount, of: rules)
    }

    /// Runs `on_close`. Nothing may be asked of the room afterwards.
    func end(context: HookContext) {
        guard let rules = self.rules else { return }
        let given = self.closeReason ?? Array("empty".utf8)
        let reason = given.isEmpty ? Array("closed".utf8) : given
        reason.withUnsafeBytes { _ = rules.close(reason: $0, context: self.complete(context)) }
    }

    /// With what only the room knows.
    func complete(_ context: HookContext) -> HookContext {
        var context = context
        context.lastID = self.lastID
        return context
    }

    /// Keeps a signal that the rules sent, for the owner to pass on.
    mutating func note(_ effect: RoomEffect) {
        self.signals.append(
            Signal(
                key: RoomKey(bytes: Array(effect.room)),
                source: self.key,
                name: Array(effect.name),
                data: Array(effect.message)
            )
        )
    }
}
