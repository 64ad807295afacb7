internal import DequeModule

/// Other settings for a running loop.
extension RelayLoop {
    /// Tries whether every room here could go on under other settings, a few in each tick.
    /// - Parameter done: Called once, on the loop; what it is asked for together it does one after another.
    package func rehearse(_ settings: RelaySettings, then done: @escaping @Sendable (ReloadReport) -> Void) {
        self.begin(Reload(.rehearsal, settings, done: done))
    }

    /// Takes up other settings, then has every room here follow them, a few in each tick. A room that cannot go on under
    /// its new rules keeps those it has.
    /// - Parameter done: As of ``rehearse(_:then:)``.
    package func adopt(_ settings: RelaySettings, then done: @escaping @Sendable (ReloadReport) -> Void) {
        self.begin(Reload(.adoption, settings, done: done))
    }

    private func begin(_ reload: Reload) {
        self.reloads.append(reload)
        self.noteActivity()
    }

    /// Lets some rooms follow.
    func goOnReloading() {
        while !self.reloads.isEmpty {
            if !self.reloads[0].hasBegun {
                if self.reloads[0].kind == .adoption { self.takeUp(self.reloads[0].settings) }
                self.reloads[0].begin(Array(self.home.places.keys))
            }
            self.home.goOn(&self.reloads[0], at: self.moment)
            guard self.reloads[0].isOver || self.home.isAsleep else { return }
            var reload = self.reloads.removeFirst()
            reload.end()
        }
    }

    /// Ends what it is asked for: no room follows any more.
    func endReloads() {
        while var reload = self.reloads.popFirst() { reload.end() }
    }

    private func takeUp(_ settings: RelaySettings) {
        self.limits = settings.limits
        self.outbound = settings.outbound
        self.home.take(settings)
        for loop in self.mailboxes.indices { self.free(self.mailboxes[loop].setLimits(settings.mailboxLimits)) }
        for connection in self.connections { connection?.adoptLimits() }
    }
}
