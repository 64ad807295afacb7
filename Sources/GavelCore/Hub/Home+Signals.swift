/// Signals for rooms here.
extension Home {
    /// A signal for a room that is not there is lost.
    mutating func routeSignal(_ record: Record, of intake: Intake, from source: Int) {
        let signal = intake.signals[Int(record.join)]
        guard let place = self.places[signal.key] else {
            self.counts.lostSignals += 1
            return
        }
        if !self.hear(signal, in: place) { self.postpone(record, of: intake, from: source, in: place, client: 0) }
    }

    /// - Returns: `false` where the room is too busy; nothing was done.
    mutating func hear(_ signal: Signal, in place: Int) -> Bool {
        guard !self.rooms[place].isOver else {
            self.counts.lostSignals += 1
            return true
        }
        if self.rooms[place].hasBacklog || self.rooms[place].isBusy(self.share) { return false }
        self.markDirty(place)
        self.renewMoment()
        self.rooms[place].hear(signal, context: self.moment.context)
        self.settle(place, .signal)
        return true
    }
}
