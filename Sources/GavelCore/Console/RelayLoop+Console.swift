/// What somebody does with one room whose home this is.
extension RelayLoop {
    /// From where a room's rules are now others can go on, on any thread.
    /// - Returns: `nil` where there is no such room.
    package func beginning(of key: RoomKey) -> RulesBeginning? {
        self.administer { $0.beginning(of: key, at: $1) }
    }

    /// Does what somebody typed, between two messages of the room.
    /// - Returns: `nil` where there is no such room.
    package func commit(_ input: ConsoleInput, to key: RoomKey) -> Result<ConsoleResult, ConsoleRefusal>? {
        self.administer { $0.commit(input, to: key, at: $1) }
    }

    /// Has one room, and no other, go on under rules of its own, on probation as after any reload: until it ends, or
    /// the rules of its kind change the next time.
    /// - Returns: What became of it; `nil` where there is no such room, or it has no rules.
    package func promote(_ key: RoomKey, to provider: any RulesProvider) -> ReloadReport? {
        self.administer { $0.promote(key, to: provider, at: $1) }
    }
}
