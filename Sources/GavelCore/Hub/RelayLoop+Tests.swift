/// For tests of rules, which look into rooms and stand for rooms that are not there.
extension RelayLoop {
    /// The rules of a room that has its home here; `nil`: there is no such room, or it is a plain relay.
    package func rules(of key: RoomKey) -> (any RoomRules)? {
        self.home.places[key].flatMap { self.home.rooms[$0].rules }
    }

    /// Passes on a signal as if a room here had sent it.
    package func send(_ signal: Signal) {
        self.signals.append(signal)
        self.noteActivity()
    }
}
